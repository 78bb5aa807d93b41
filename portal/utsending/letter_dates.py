"""Dates that the letters of a mailing print, for pages where somebody can still correct them, or must know
them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from fiks.core import clock
from fiks.core.values.calendar import OSLO
from fiks.utsending.brev import states_date_in_own_words, states_deadline
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.receivers import list_summary
from fiks.utsending.rules import LEAVES_WITHIN, Art, holds_until, printed_deadline
from fiks.utsending.sending import progress
from fiks.utsending.templates.service import chosen_template
from portal.access.actor import current_actor

FAR_APART = timedelta(days=90)
"""More days than this between kunngjøringsdato and brevdato suggest a mistyped month or year."""


@dataclass(frozen=True, slots=True)
class Brevdatoer:
    """Dates of the letters. `frist`: the printed deadline for complaints, None when none is printed;
    `holder_til`: the last day a letter may leave for that deadline to hold.

    `egne_ord`: the template states the date in its own sentence. `upostet`: letters still on paper when the
    deadline no longer holds. `forfall`: the first due date in the list.
    """

    brevdato: date
    kunngjort: date | None
    frist: date | None = None
    holder_til: date | None = None
    egne_ord: bool = False
    upostet: int = 0
    forfall: date | None = None

    @property
    def tidligst(self) -> date:
        """The first kunngjøringsdato from which the deadline is counted unextended."""
        return self.brevdato + LEAVES_WITHIN

    @property
    def kan_flyttes(self) -> bool:
        """The letters' date is in the future, so an earlier one can still be chosen: letters must begin to
        leave on it.
        """
        return self.brevdato > _today()

    @property
    def utvidet(self) -> bool:
        """The kunngjøringsdato is so early that the deadline is counted from a week after the letters' date."""
        return self.frist is not None and self.kunngjort is not None and self.kunngjort < self.tidligst

    @property
    def regnet_frist(self) -> date | None:
        """The deadline that follows from these dates, printed or not."""
        return self.kunngjort and printed_deadline(self.kunngjort, self.brevdato)

    @property
    def langt_fra(self) -> bool:
        """The kunngjøringsdato is so far from the letters' date that it may be mistyped."""
        return self.kunngjort is not None and abs(self.kunngjort - self.brevdato) > FAR_APART

    @property
    def for_kort(self) -> bool:
        """Letters that leave now print a deadline shorter than the law requires."""
        return self.holder_til is not None and _today() > self.holder_til

    @property
    def forfalt(self) -> bool:
        """Letters that leave now demand something that was due earlier."""
        return self.forfall is not None and _today() > self.forfall


def _today() -> date:
    return clock.now().astimezone(OSLO).date()


def dates_of(u: Detalj) -> Brevdatoer:
    """Dates of the letters of `u`; for finished documents only those of the mailing, since their content is
    unknown.
    """
    plain = Brevdatoer(u.brevdato, u.kunngjoringsdato)
    chosen = chosen_template(u.id, actor=current_actor()) if u.art == Art.FLETTEBREV else None
    if chosen is None:
        return plain
    own_words = states_date_in_own_words(chosen.mal)
    if u.kunngjoringsdato is None or not states_deadline(chosen.mal):
        return Brevdatoer(u.brevdato, u.kunngjoringsdato, egne_ord=own_words)
    days = u.kunngjoringsdato, u.brevdato
    return Brevdatoer(u.brevdato, u.kunngjoringsdato, printed_deadline(*days), holds_until(*days), own_words)


def late_dates(u: Detalj, *, under_way: bool) -> Brevdatoer | None:
    """As `dates_of` when letters leave after their own date; None before.

    `under_way`: letters are moving and the page refreshes every other second, so letters on paper are not
    counted.
    """
    if _today() <= u.brevdato:
        return None
    first = list_summary.first_due(u.id, actor=current_actor())
    dates = replace(dates_of(u), forfall=first.dato if first else None)
    if under_way or not dates.for_kort:
        return dates
    return replace(dates, upostet=progress.count_unposted(u.id, actor=current_actor()))
