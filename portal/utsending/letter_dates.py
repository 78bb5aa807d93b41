"""What the letters of a mailing say of days, for the pages where somebody can still set it right, or must know it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from fiks.core import clock
from fiks.core.calendar import OSLO
from fiks.utsending import letter_queries, whole_list
from fiks.utsending.brev import states_date_in_own_words, states_deadline
from fiks.utsending.detail_queries import Detalj
from fiks.utsending.rules import LEAVES_WITHIN, Art, holds_until, printed_deadline
from fiks.utsending.templates import chosen_template
from portal.access import current_actor

FAR_APART = timedelta(days=90)
"""A list that is announced so long before or after the letters' date is rare, and a mistyped month or year is not."""


@dataclass(frozen=True, slots=True)
class Brevdatoer:
    """The last day to complain that the letters print, None when they print none, and the last day one may leave for
    it to hold. `egne_ord`: they print their date in another sentence than the ready templates do. `upostet`: how many
    lie on paper when it holds no more. `forfall`: the first day that something in the list is due."""

    brevdato: date
    kunngjort: date | None
    frist: date | None = None
    holder_til: date | None = None
    egne_ord: bool = False
    upostet: int = 0
    forfall: date | None = None

    @property
    def tidligst(self) -> date:
        """The first kunngjøringsdato that the deadline would be counted from."""
        return self.brevdato + LEAVES_WITHIN

    @property
    def kan_flyttes(self) -> bool:
        """An earlier date of the letter is still to come: they must begin to leave on it."""
        return self.brevdato > _today()

    @property
    def utvidet(self) -> bool:
        """The kunngjøringsdato comes so early that the deadline is counted from a week after the letter's date."""
        return self.frist is not None and self.kunngjort is not None and self.kunngjort < self.tidligst

    @property
    def regnet_frist(self) -> date | None:
        """The deadline that is counted from these days, whether or not the letters print it."""
        return self.kunngjort and printed_deadline(self.kunngjort, self.brevdato)

    @property
    def langt_fra(self) -> bool:
        """The kunngjøringsdato is so far from the letters' date that it may be another than is meant."""
        return self.kunngjort is not None and abs(self.kunngjort - self.brevdato) > FAR_APART

    @property
    def for_kort(self) -> bool:
        """Letters that leave now print a deadline that is shorter than the law's."""
        return self.holder_til is not None and _today() > self.holder_til

    @property
    def forfalt(self) -> bool:
        """Letters that leave now ask for something that was due before."""
        return self.forfall is not None and _today() > self.forfall


def _today() -> date:
    return clock.now().astimezone(OSLO).date()


def dates_of(u: Detalj) -> Brevdatoer:
    """What the letters of `u` say; of finished documents nobody can know it."""
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
    """As `dates_of` once letters that leave do so on a later day than their own date; None before.

    What lies on paper is counted when nothing is `under_way`: the page asks every other second while something is.
    """
    if _today() <= u.brevdato:
        return None
    first = whole_list.first_due(u.id, actor=current_actor())
    dates = replace(dates_of(u), forfall=first.dato if first else None)
    if under_way or not dates.for_kort:
        return dates
    return replace(dates, upostet=letter_queries.unposted(u.id, actor=current_actor()))
