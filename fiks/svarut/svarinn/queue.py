"""The queue of letters waiting for a mottakersystem, oldest first, until each is acknowledged (svarut.md
4.2).

Letters that the system reported it could not take yet come last; else two hundred of them would hide every
newer letter, since neither v1 nor v2 lets a system ask for more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, and_, func, select, tuple_

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.core.values.address import Adresse
from fiks.konfigurasjon.konto.settings import kontooppsett
from fiks.svarut.letters import Mottaker, unseal_mottaker
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, SvarinnFeil, SvarinnMottak
from fiks.svarut.paid_by_konto import is_only_billed
from fiks.svarut.rules import COVER, FORSENDELSESFIL, Status
from fiks.svarut.sealed_content import sent_at, unseal_content
from fiks.svarut.svarinn.access import NOT_READY, Uapnede, require_receiver

MOST = 200
Cols = TypeVarTuple("Cols")


@dataclass(frozen=True, slots=True, repr=False)
class Fil:
    """One file as the receiver unpacks it: `sha256` (hex) and `storrelse` are those of the clear file."""

    filnavn: str
    mime_type: str
    sha256: str
    storrelse: int
    dokument_type: str
    ekstra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """A party with an address; `digital_id` is an orgnr or fnr, empty when unknown."""

    adresse: Adresse
    digital_id: str


@dataclass(frozen=True, slots=True, repr=False)
class Ventende:
    """A waiting letter. `noark_fra` and `noark_til` are in v2's spelling. No repr: it is full of personal
    data.

    `avsender` is the writer: for eDialog not the konto, which only pays. `dato` is then when the writer sent
    it, not when the letter was made.
    """

    id: UUID
    tittel: str
    klar: datetime
    dato: datetime
    sikkerhetsniva: str
    avsender: Part
    mottaker: Mottaker
    svar_sendes_til: Part | None
    svar_pa: UUID | None
    noark_fra: Mapping[str, Any]
    noark_til: Mapping[str, Any]
    filer: tuple[Fil, ...]
    lenker: tuple[Mapping[str, str], ...]
    forsendelsestype: str
    ekstern_referanse: str
    avgivende_system: str
    taushetsbelagt: bool
    hentet: datetime | None = field(default=None)


def waiting_letters(system_id: UUID, *, actor: Aktor, limit: int = MOST) -> list[Ventende]:
    """At most 200 letters waiting for the system: oldest first, then those it could not take, longest ago
    first.

    Unreadable letters are left out; they keep waiting and are logged. NokkelUkjent when no letter at all can
    be read because a key is missing: an empty answer would say that nothing waits.
    """
    require_receiver(system_id, actor)
    mine = all_waiting().where(SvarinnMottak.mottakersystem_id == system_id)
    unopened = Uapnede()
    failed = _last_failure()
    untried = readable(mine.where(failed.is_(None)), unopened)
    tried = (row for row in _longest_ago_first(mine, failed) if unopened.opens(row.Forsendelse))
    both = _once(chain(untried, tried))
    rows: list[Row[*tuple[Any, ...]]] = list(islice(both, min(limit, MOST)))
    unopened.log()
    if not rows:
        unopened.require_key()
    files = _files([row.Forsendelse.id for row in rows])
    senders: dict[UUID, Part] = {}
    for row in rows:
        if (konto_id := row.Forsendelse.konto_id) not in senders:
            senders[konto_id] = _sender(konto_id)
    return [
        _letter(row, files.get(row.Forsendelse.id, []), senders[row.Forsendelse.konto_id]) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Ventetall:
    """The number of letters waiting for a system; `advarsel` when one has waited so long that a reminder was
    sent.
    """

    antall: int = 0
    advarsel: bool = False


def waiting_counts(system_ids: Collection[UUID]) -> dict[UUID, Ventetall]:
    """The number waiting for each of these systems, for users who may see the systems: a number reveals no
    letter.
    """
    rows = session().execute(
        select(
            SvarinnMottak.mottakersystem_id,
            func.count(),
            func.count(SvarinnMottak.advarsel) > 0,
        )
        .where(SvarinnMottak.mottakersystem_id.in_(system_ids), SvarinnMottak.lukket.is_(None))
        .group_by(SvarinnMottak.mottakersystem_id)
    )
    found = {system_id: Ventetall(antall, late) for system_id, antall, late in rows}
    return {system_id: found.get(system_id, Ventetall()) for system_id in system_ids}


def one_waiting(forsendelse_id: UUID) -> Ventende:
    """One waiting letter as its system sees it. The caller has authorised. IkkeFunnet when it does not wait."""
    one = all_waiting().where(SvarinnMottak.forsendelse_id == forsendelse_id)
    row = session().execute(one).first()
    if row is None:
        raise IkkeFunnet(NOT_READY)
    files = _files([forsendelse_id]).get(forsendelse_id, [])
    return _letter(row, files, _sender(row.Forsendelse.konto_id))


def is_offered(forsendelse_id: UUID) -> bool:
    """Whether the letter waits and is readable, so that its system sees it. The caller has authorised."""
    row = session().execute(all_waiting().where(SvarinnMottak.forsendelse_id == forsendelse_id)).first()
    return row is not None and Uapnede().opens(row.Forsendelse)


def _last_failure() -> ScalarSelect[datetime]:
    """SQL: when the system last reported a failure of the waiting letter; None for one it has not tried.

    Reports from before the present wait are another system's. A subquery, which uses the index for each
    waiting letter: a join might read the reports of all years.
    """
    return (
        select(func.max(Hendelse.tid))
        .join(
            SvarinnFeil,
            and_(
                SvarinnFeil.forsendelse_id == Hendelse.forsendelse_id, SvarinnFeil.lopenr == Hendelse.lopenr
            ),
        )
        .where(Hendelse.forsendelse_id == SvarinnMottak.forsendelse_id, Hendelse.tid >= SvarinnMottak.klar)
        .correlate(SvarinnMottak)
        .scalar_subquery()
    )


def _once(rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """Each letter once: one whose failure is reported between the two queries is in both."""
    seen: set[UUID] = set()
    for row in rows:
        if row.Forsendelse.id not in seen:
            seen.add(row.Forsendelse.id)
            yield row


def _longest_ago_first(
    waiting: Select[Forsendelse, SvarinnMottak], failed: ScalarSelect[datetime]
) -> Iterator[Row[Forsendelse, SvarinnMottak, datetime]]:
    """The failed letters, longest ago first; each gets to the front in time, however many there are.

    A failure repeated within a day is not recorded again, so beyond 200 letters that takes at most a day.
    """
    place = (failed, SvarinnMottak.klar, SvarinnMottak.forsendelse_id)
    page = waiting.add_columns(failed.label("feilet")).where(failed.is_not(None)).order_by(*place).limit(MOST)
    rows = session().execute(page).all()
    while rows:
        yield from rows
        last = rows[-1]
        after = (last.feilet, last.SvarinnMottak.klar, last.SvarinnMottak.forsendelse_id)
        rows = session().execute(page.where(tuple_(*place) > after)).all()


def readable(
    waiting: Select[Forsendelse, SvarinnMottak], unopened: Uapnede
) -> Iterator[Row[Forsendelse, SvarinnMottak]]:
    """The readable ones of the letters, oldest first, however many unreadable ones come before them."""
    return (row for row in oldest_first(waiting, None, MOST) if unopened.opens(row.Forsendelse))


def oldest_first(
    waiting: Select[*Cols], after: tuple[datetime, UUID] | None, at_a_time: int
) -> Iterator[Row[*Cols]]:
    """The letters after the (klar, id) `after`, oldest first; fetched when needed, `at_a_time` per query."""
    place = (SvarinnMottak.klar, SvarinnMottak.forsendelse_id)
    page, whole_page = waiting.order_by(*place).limit(at_a_time), True
    while whole_page:
        following = page if after is None else page.where(tuple_(*place) > after)
        rows = session().execute(following).all()
        yield from rows
        whole_page = len(rows) == at_a_time
        after = (rows[-1].SvarinnMottak.klar, rows[-1].SvarinnMottak.forsendelse_id) if rows else None


def all_waiting() -> Select[Forsendelse, SvarinnMottak]:
    """Select all waiting letters, for any system, with their queue rows."""
    return (
        select(Forsendelse, SvarinnMottak)
        .join(SvarinnMottak, SvarinnMottak.forsendelse_id == Forsendelse.id)
        .where(SvarinnMottak.lukket.is_(None), Forsendelse.status == Status.KLAR_FOR_MOTTAK)
        .execution_options(populate_existing=True)
    )


def _files(ids: Sequence[UUID]) -> dict[UUID, list[Dokument]]:
    """The files to fetch of each letter: the originals, or the combined PDF when they are deleted."""
    found: dict[UUID, list[Dokument]] = {}
    query = select(Dokument).where(
        Dokument.forsendelse_id.in_(ids), Dokument.nr != COVER, Dokument.objekt.is_not(None)
    )
    for row in session().scalars(query.order_by(Dokument.nr).execution_options(populate_existing=True)):
        found.setdefault(row.forsendelse_id, []).append(row)
    return {
        letter: [one for one in rows if one.nr != FORSENDELSESFIL] or rows for letter, rows in found.items()
    }


def _sender(konto_id: UUID) -> Part:
    own = kontooppsett(konto_id).forside
    lines = (own.adresselinje1, own.adresselinje2, own.adresselinje3, own.postnr, own.poststed)
    return Part(Adresse(own.navn, *lines), own.orgnr)


def answers_to(content: Mapping[str, Any]) -> Part | None:
    """The reply address in a letter's content; for eDialog it is all that is known of the writer."""
    said = content.get("svarSendesTil")
    return Part(Adresse(**said["adresse"]), said["digitalId"]) if said else None


def _letter(row: Row[*tuple[Any, ...]], files: Sequence[Dokument], konto: Part) -> Ventende:
    f, mottak = row.Forsendelse, row.SvarinnMottak
    content = unseal_content(f.innhold_kryptert)
    answers = answers_to(content)
    return Ventende(
        id=f.id,
        tittel=f.tittel,
        klar=mottak.klar,
        dato=sent_at(content) or f.opprettet,
        sikkerhetsniva=f.sikkerhetsniva,
        avsender=answers if answers and is_only_billed(f.opphav) else konto,
        mottaker=unseal_mottaker(f.mottaker_kryptert),
        svar_sendes_til=answers,
        svar_pa=f.svar_pa_id,
        noark_fra=content.get("noarkFra", {}),
        noark_til=content.get("noarkTil", {}),
        filer=tuple(_file_facts(files, mottak.klarfiler, content.get("ekstraMetadata", {}))),
        lenker=tuple(content.get("lenker", ())),
        forsendelsestype=f.forsendelsestype or "",
        ekstern_referanse=content.get("eksternReferanse") or f.ekstern_referanse or "",
        avgivende_system=f.avgivende_system or "",
        taushetsbelagt=f.taushetsbelagt,
        hentet=mottak.hentet_siste,
    )


def _file_facts(
    files: Sequence[Dokument], clear: Mapping[str, Any], extra: Mapping[str, Any]
) -> Iterator[Fil]:
    for one in files:
        opened = clear.get(str(one.nr), {})
        yield Fil(
            one.filnavn,
            one.mime_type,
            opened.get("sha256", one.sha256.hex()),
            opened.get("storrelse", one.storrelse),
            one.dokument_type or "",
            tuple((said["key"], said["value"]) for said in extra.get(str(one.nr), ())),
        )
