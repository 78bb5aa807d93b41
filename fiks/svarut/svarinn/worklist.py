"""Worklist of manual reception: the waiting letters, oldest first (svarut.md 5.3).

Covers the mottakersystemer of the chosen organisation on which the actor holds SVARINN.MOTTA. A letter that
the actor may not open shows nothing of itself and is not found by a search: letters to an organisation whose
post Altinn does not give them, and letters of the highest level below login level 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.authorization import below_held, holder_of, is_open
from fiks.konfigurasjon.avtale.activation import SVARINN
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Konto, Organisasjon, Person, Ressurs
from fiks.konfigurasjon.person.representation import Spor
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying
from fiks.svarinn.models import Mottakersystem
from fiks.svarut.models import Dokument, Forsendelse, SvarinnMottak
from fiks.svarut.paid_by_konto import is_only_billed, writer_of
from fiks.svarut.rules import COVER, FORSENDELSESFIL, Opphav, Status
from fiks.svarut.svarinn.access import Postrett, Sperre, Uapnede, post_right, receiver_of
from fiks.svarut.svarinn.queue import MOST, all_waiting, oldest_first, readable

PAGE = 50
Nokkel = tuple[datetime, UUID]


class Tildeling(StrEnum):
    """Filter by assignee."""

    ALLE = ""
    MEG = "meg"
    INGEN = "ingen"


@dataclass(frozen=True, slots=True)
class Systemnavn:
    """A mottakersystem to choose; `aktiv`: new letters are routed to it."""

    id: UUID
    navn: str
    aktiv: bool


@dataclass(frozen=True, slots=True)
class Mottaksutvalg:
    """The worklist's filter; `sok` is part of the title or of the sender's name."""

    system_id: UUID | None = None
    tildelt: str = Tildeling.ALLE
    sok: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Mottaksrad:
    """A row of the worklist. `sperre`: what the actor lacks to open the letter; title and sender are then
    empty.

    `lesbar`: whether its content can be decrypted; if not, the receiver is empty, and the sender when that is
    encrypted too.
    """

    id: UUID
    klar: datetime
    system: str
    tittel: str
    avsender: str
    sikkerhetsniva: str
    filer: int
    er_svar: bool
    advarsel: bool
    tildelt: str
    mottaker: str
    sperre: Sperre | None
    lesbar: bool

    @property
    def nokkel(self) -> Nokkel:
        """The keyset position after which the next page begins."""
        return self.klar, self.id


def systems_received(*, actor: Aktor) -> list[Systemnavn]:
    """The mottakersystemer of the chosen organisation whose letters the actor may receive, by name."""
    rows = session().execute(_held(actor)).all()
    return sorted((Systemnavn(*row) for row in rows), key=lambda one: norwegian_order(one.navn))


def _held(actor: Aktor) -> Select[UUID, str, bool]:
    holder = holder_of(actor)
    mine = select(Mottakersystem.id, Mottakersystem.navn, Mottakersystem.aktiv).join(
        Ressurs, Ressurs.id == Mottakersystem.id
    )
    if holder is None or actor.organisasjon_id is None:
        return mine.where(Mottakersystem.id.is_(None))
    return mine.where(
        Mottakersystem.organisasjon_id == actor.organisasjon_id,
        is_open(Ressurs),
        below_held(Ressurs, holder, satisfying(P.MOTTA)),
    )


def count_waiting(*, actor: Aktor) -> int:
    """The number of letters waiting for the actor's systems, for the overview; at most 1 000."""
    mine = select(_held(actor).subquery().c.id)
    found = select(SvarinnMottak.forsendelse_id).where(
        SvarinnMottak.lukket.is_(None), SvarinnMottak.mottakersystem_id.in_(mine)
    )
    return session().execute(select(func.count()).select_from(found.limit(1_000).subquery())).scalar_one()


def worklist(
    mottaksutvalg: Mottaksutvalg, *, spor: Spor, actor: Aktor, after: Nokkel | None = None, limit: int = PAGE
) -> list[Mottaksrad]:
    """The waiting letters, oldest first, after `after`. A search is audited, without its text.

    UgyldigInndata MOTTAKSSOK_MED_NUMMER for a search with a personal number. RollerUtilgjengelig without an
    answer from Altinn, which is not asked when the actor receives for no system.
    """
    if mask_numbers(mottaksutvalg.sok) != mottaksutvalg.sok:
        raise UgyldigInndata("MOTTAKSSOK_MED_NUMMER", felt="sok")
    if not systems_received(actor=actor):
        return []
    rett, unopened = post_right(spor=spor, actor=actor), Uapnede()
    found = _waiting_letters(mottaksutvalg, rett, actor)
    with transaction():
        at_a_time = MOST if mottaksutvalg.sok else limit
        hits = list(islice(_hits(found, mottaksutvalg.sok, unopened, after, at_a_time), limit))
        files = _file_counts([one.row.Forsendelse.id for one in hits])
        listed = [_listed(one, files, rett) for one in hits]
        if mottaksutvalg.sok:
            audit.record(
                actor,
                "MOTTAK_SOKT",
                "forsendelser",
                actor.organisasjon_id,
                tjeneste=SVARINN,
                ressurs_id=mottaksutvalg.system_id,
                antall=len(listed),
            )
    unopened.log()
    return listed


@dataclass(frozen=True, slots=True, repr=False)
class _Treff:
    """A letter of the list with its sender's name, and whether its content can be decrypted."""

    row: Row[Any]
    avsender: str
    lesbar: bool


def _hits(
    found: Select[*tuple[Any, ...]], sok: str, unopened: Uapnede, after: Nokkel | None, at_a_time: int
) -> Iterator[_Treff]:
    """The letters matching the search, oldest first. An eDialog writer is encrypted, so that name is searched
    here.
    """
    for row in oldest_first(found, after, at_a_time):
        lesbar, sender = unopened.opens(row.Forsendelse), row.avsender
        if is_only_billed(row.Forsendelse.opphav):
            sender = writer_of(row.Forsendelse) if lesbar else ""
        if row.treffer or sok.casefold() in sender.casefold():
            yield _Treff(row, sender, lesbar)


def _waiting_letters(mottaksutvalg: Mottaksutvalg, rett: Postrett, actor: Aktor) -> Select[*tuple[Any, ...]]:
    """Select the letters waiting for the actor's systems that match the filter; `treffer`: the search matches
    too.

    Includes letters whose sender is known only after decryption.
    """
    sender = func.coalesce(Kontooppsett.forside_navn, Organisasjon.navn)
    mine, sealed = _held(actor).subquery(), Forsendelse.opphav == Opphav.EDIALOG
    hit = or_(_has(Forsendelse.tittel, mottaksutvalg.sok), and_(~sealed, _has(sender, mottaksutvalg.sok)))
    return (
        select(
            Forsendelse,
            SvarinnMottak,
            mine.c.navn,
            sender.label("avsender"),
            Person.navn.label("person"),
            hit.label("treffer"),
        )
        .join(SvarinnMottak, SvarinnMottak.forsendelse_id == Forsendelse.id)
        .join(mine, mine.c.id == SvarinnMottak.mottakersystem_id)
        .join(Konto, Konto.id == Forsendelse.konto_id)
        .join(Organisasjon, Organisasjon.id == Konto.organisasjon_id)
        .outerjoin(Kontooppsett, Kontooppsett.konto_id == Konto.id)
        .outerjoin(Person, Person.id == SvarinnMottak.tildelt_person_id)
        .where(
            SvarinnMottak.lukket.is_(None),
            Forsendelse.status == Status.KLAR_FOR_MOTTAK,
            or_(hit, sealed),
            *_wanted(mottaksutvalg, rett, actor),
        )
        .execution_options(populate_existing=True)
    )


def _has(text: Any, sok: str) -> ColumnElement[bool]:
    return text.icontains(sok, autoescape=True) if sok else true()


def next_letter(*, spor: Spor, actor: Aktor) -> UUID | None:
    """The longest waiting readable letter that the actor may open and that is not assigned to another person."""
    rett = post_right(spor=spor, actor=actor)
    mine = all_waiting().where(
        SvarinnMottak.mottakersystem_id.in_(select(_held(actor).subquery().c.id)),
        func.coalesce(SvarinnMottak.tildelt_person_id == actor.person_id, true()),
        rett.opens(),
    )
    unopened = Uapnede()
    first = next(readable(mine, unopened), None)
    unopened.log()
    return None if first is None else first.Forsendelse.id


def _wanted(utvalg: Mottaksutvalg, rett: Postrett, actor: Aktor) -> Iterable[ColumnElement[bool]]:
    if utvalg.system_id is not None:
        yield SvarinnMottak.mottakersystem_id == utvalg.system_id
    if utvalg.tildelt == Tildeling.MEG:
        yield SvarinnMottak.tildelt_person_id == actor.person_id
    if utvalg.tildelt == Tildeling.INGEN:
        yield and_(SvarinnMottak.tildelt_person_id.is_(None), SvarinnMottak.tildelt_enhet.is_(None))
    if utvalg.sok:
        yield rett.opens()


def _file_counts(ids: Sequence[UUID]) -> dict[UUID, int]:
    counted = (
        select(Dokument.forsendelse_id, func.count())
        .where(
            Dokument.forsendelse_id.in_(ids),
            Dokument.nr.not_in((COVER, FORSENDELSESFIL)),
            Dokument.objekt.is_not(None),
        )
        .group_by(Dokument.forsendelse_id)
    )
    return {row[0]: row[1] for row in session().execute(counted)}


def _listed(hit: _Treff, files: dict[UUID, int], rett: Postrett) -> Mottaksrad:
    row, letter, mottak = hit.row, hit.row.Forsendelse, hit.row.SvarinnMottak
    hidden = rett.lacks(letter)
    return Mottaksrad(
        id=letter.id,
        klar=mottak.klar,
        system=row.navn,
        tittel="" if hidden else letter.tittel,
        avsender="" if hidden else hit.avsender,
        sikkerhetsniva=letter.sikkerhetsniva,
        filer=files.get(letter.id, 0),
        er_svar=letter.svar_pa_id is not None,
        advarsel=mottak.advarsel is not None,
        tildelt=row.person or mottak.tildelt_enhet or "",
        mottaker=receiver_of(letter) if hit.lesbar else "",
        sperre=hidden,
        lesbar=hit.lesbar,
    )
