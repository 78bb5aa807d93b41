"""The sender's log: letters of the kontoer the user may read, newest first, from fagsystemer and mailings
alike.

Test letters are left out. Only the chosen organisation; numbers in titles and names are masked. eDialog
letters are listed without their title: their konto only pays for them (`paid_by_konto`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.konto.queries import kontoer_held, kontoer_held_select, note_use
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.paid_by_konto import shown_title
from fiks.svarut.rules import OPEN, Bane, Leveringsstatus
from fiks.svarut.sealed_content import reference_index

READ_RIGHTS = (P.LESE, P.SENDE, P.STOPPE)
"""Each of these rights opens a konto's log: whoever may stop a letter must be able to find it."""
PAGE = 50
PORTION = 1_000

Nokkel = tuple[datetime, UUID]
"""Keyset position of a page's end: the letter's `opprettet` and id."""


@dataclass(frozen=True, slots=True)
class Brevutvalg:
    """The log's filter; an empty field filters nothing. `fra` and `til` are days in Oslo, both included.

    `behandles`: only letters that wait for a person; in the restricted lane only those the actor may see.
    """

    konto_id: UUID | None = None
    status: str = ""
    kanal: str = ""
    fra: date | None = None
    til: date | None = None
    forsendelse_id: UUID | None = None
    ekstern_referanse: str = ""
    korrelasjonsid: str = ""
    konteringskode: str = ""
    behandles: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the fields that filter, never their values."""
        return [f.name for f in fields(self) if getattr(self, f.name)]


@dataclass(frozen=True, slots=True)
class Loggrad:
    """A letter in the log. `tittel` is `shown_title`; `mottaker` is a name, "" when deleted.

    `leveringsstatus` is the open levering's; one in the restricted lane is hidden from users who may not see
    it.
    """

    id: UUID
    konto: str
    tittel: str
    mottaker: str
    mottakertype: str
    status: str
    kanal: str | None
    leveringsstatus: str | None
    opprettet: datetime
    overlevert: datetime | None
    eksternref: str | None
    korrelasjonsid: str | None
    konteringskode: str | None
    opphav: str

    @property
    def nokkel(self) -> Nokkel:
        return self.opprettet, self.id


def log_page(
    brevutvalg: Brevutvalg, *, actor: Aktor, before: Nokkel | None = None, limit: int = PAGE
) -> list[Loggrad]:
    """A page of the log's letters matching `brevutvalg`, newest first, keyset paged by (opprettet, id)."""
    return _rows(
        matches(brevutvalg, kontoer_held_select(P.SE_SPERRET, actor=actor)), brevutvalg, before, limit, actor
    )


def log_of_receiver(
    mottaker: bytes, brevutvalg: Brevutvalg, *, actor: Aktor, limit: int = PAGE
) -> list[Loggrad]:
    """The letters to one receiver, by the blind index of the number. `log_search` audits the search."""
    wanted = and_(
        matches(brevutvalg, kontoer_held_select(P.SE_SPERRET, actor=actor)),
        Forsendelse.mottaker_indeks == mottaker,
    )
    return _rows(wanted, brevutvalg, None, limit, actor)


def export_rows(
    brevutvalg: Brevutvalg, made_until: datetime, *, actor: Aktor, portion: int = PORTION
) -> Iterator[Loggrad]:
    """All matching letters made up to `made_until`, newest first; the right to read is checked again for each
    portion.
    """
    before: Nokkel = (made_until, UUID(int=2**128 - 1))
    while rows := log_page(brevutvalg, actor=actor, before=before, limit=portion):
        session().rollback()
        before = rows[-1].nokkel
        yield from rows


def readable_kontoer(brevutvalg: Brevutvalg, actor: Aktor) -> list[UUID]:
    """The kontoer to search: those whose log the actor may read, narrowed to the chosen one."""
    mine = [konto.id for konto in kontoer_held(*READ_RIGHTS, actor=actor)]
    return [konto for konto in mine if brevutvalg.konto_id in (None, konto)]


def _rows(
    wanted: ColumnElement[bool], brevutvalg: Brevutvalg, before: Nokkel | None, limit: int, actor: Aktor
) -> list[Loggrad]:
    """A page of rows. Reading a konto's log is recorded as a use of the grant that allows it."""
    kontoer = readable_kontoer(brevutvalg, actor)
    if not kontoer:
        return []
    page = page_query(wanted, kontoer, before, limit)
    rows = session().execute(_columns().where(Forsendelse.id.in_(page))).all()
    note_use(*READ_RIGHTS, kontoer={letter.konto_id for letter, *_ in rows}, actor=actor)
    seen = _restricted_seen({row[0].konto_id for row in rows if _is_restricted(row)}, actor)
    return [_loggrad(row, hidden=_is_restricted(row) and row[0].konto_id not in seen) for row in rows]


def _is_restricted(row: Row[*tuple[Any, ...]]) -> bool:
    return bool(row[-1] == Bane.SPERRET)


def _restricted_seen(kontoer: set[UUID], actor: Aktor) -> set[UUID]:
    """The kontoer among these where the actor may see the restricted lane; its use is recorded."""
    mine = kontoer_held_select(P.SE_SPERRET, actor=actor) if kontoer else None
    if mine is None:
        return set()
    seen = set(session().scalars(mine.where(Konto.id.in_(kontoer))))
    note_use(P.SE_SPERRET, kontoer=seen, actor=actor)
    return seen


def page_query(
    wanted: ColumnElement[bool], kontoer: Sequence[UUID], before: Nokkel | None, limit: int
) -> Select[UUID]:
    """The ids of a page: the newest of each konto by its index, then the newest of those.

    One subquery per konto, because PostgreSQL can estimate a konto's number of letters only when it is named.
    """
    newest = union_all(*(_newest(konto, wanted, before, limit) for konto in kontoer)).subquery()
    return select(newest.c.id).order_by(newest.c.opprettet.desc(), newest.c.id.desc()).limit(limit)


def _newest(
    konto_id: UUID, wanted: ColumnElement[bool], before: Nokkel | None, limit: int
) -> Select[UUID, datetime]:
    query = select(Forsendelse.id, Forsendelse.opprettet).where(
        Forsendelse.konto_id == konto_id, ~Forsendelse.prove, wanted
    )
    if before is not None:
        query = query.where(func.row(Forsendelse.opprettet, Forsendelse.id) < func.row(*before))
    ordered = query.order_by(Forsendelse.opprettet.desc(), Forsendelse.id.desc()).limit(limit).subquery()
    return select(ordered.c.id, ordered.c.opprettet)


def _columns() -> Select[*tuple[Any, ...]]:
    open_one = aliased(Levering)
    return (
        select(Forsendelse, Konto.visningsnavn, open_one.status, open_one.bane)
        .join(Konto, Konto.id == Forsendelse.konto_id)
        .outerjoin(
            open_one,
            and_(open_one.forsendelse_id == Forsendelse.id, open_one.status.in_([str(s) for s in OPEN])),
        )
        .order_by(Forsendelse.opprettet.desc(), Forsendelse.id.desc())
        .execution_options(populate_existing=True)
    )


def _loggrad(row: Row[*tuple[Any, ...]], *, hidden: bool) -> Loggrad:
    letter, konto, handing, _ = row
    return Loggrad(
        letter.id,
        konto,
        shown_title(letter),
        receiver_name(letter),
        letter.mottakertype,
        letter.status,
        letter.kanal,
        None if hidden else handing,
        letter.opprettet,
        letter.overlevert,
        letter.ekstern_referanse,
        letter.korrelasjonsid,
        letter.konteringskode,
        letter.opphav,
    )


def receiver_name(letter: Forsendelse) -> str:
    """The receiver's name, "" when it is deleted."""
    if letter.mottaker_kryptert is None:
        return ""
    return mask_numbers(unseal_mottaker(letter.mottaker_kryptert).adresse.navn)


def matches(brevutvalg: Brevutvalg, restricted: Select[UUID] | None) -> ColumnElement[bool]:
    """SQL: the letter matches `brevutvalg`. A reference is the sender's own, whole.

    `restricted`: the kontoer whose restricted lane may be seen, None for none.
    """
    wanted: list[ColumnElement[bool]] = []
    exact = {
        Forsendelse.status: brevutvalg.status,
        Forsendelse.kanal: brevutvalg.kanal,
        Forsendelse.korrelasjonsid: brevutvalg.korrelasjonsid,
        Forsendelse.konteringskode: brevutvalg.konteringskode,
        Forsendelse.id: brevutvalg.forsendelse_id,
    }
    wanted += [column == value for column, value in exact.items() if value]
    if brevutvalg.ekstern_referanse:
        wanted.append(Forsendelse.ekstern_indeks == reference_index(brevutvalg.ekstern_referanse))
    if brevutvalg.behandles:
        wanted.append(Forsendelse.id.in_(_waiting_for_a_person(restricted)))
    if brevutvalg.fra:
        wanted.append(Forsendelse.opprettet >= _midnight(brevutvalg.fra))
    if brevutvalg.til:
        wanted.append(Forsendelse.opprettet < _midnight(brevutvalg.til + timedelta(days=1)))
    return and_(True, *wanted)


def _waiting_for_a_person(restricted: Select[UUID] | None) -> Select[UUID]:
    """The letters that wait for a person, as far as the actor may know."""
    waiting = select(Levering.forsendelse_id).where(Levering.status == Leveringsstatus.TIL_BEHANDLING)
    if restricted is None:
        return waiting.where(Levering.bane != Bane.SPERRET)
    letter = aliased(Forsendelse)
    told = or_(Levering.bane != Bane.SPERRET, letter.konto_id.in_(restricted))
    return waiting.join(letter, letter.id == Levering.forsendelse_id).where(told)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OSLO)
