"""Status queries of a sender: status, history and documents of its letters, and search by its own reference.

Every read is authorised against the konto that sent the letter. A letter of another konto and a letter that
does not exist are never told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.documents import offered_files
from fiks.svarut.letters import load_documents
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Signeringsoppdrag
from fiks.svarut.mottak.errors import refuse
from fiks.svarut.mottak.rules import ROUTED_TYPES
from fiks.svarut.paid_by_konto import is_only_billed
from fiks.svarut.rules import Leveringsstatus, Signeringsstatus, Status
from fiks.svarut.sealed_content import reference_index, unseal_content
from fiks.svarut.sender.restricted_lane import RESTRICTED_LANE_CODES
from fiks.svarut.svarinn.acknowledgement import load_reports, report_detail

MOST = 1_000
"""The most letters asked about by id, and the most events or documents in one answer."""

FIRST_EVENTS = 100
"""How many of a letter's first events are shown when there are too many."""

SHOWN_DETAILS = frozenset({"antall", "ark", "porto_ore", "feil"})
"""The event details that are shown to a sender who may not know all; the others may concern persons."""

MOST_BY_REFERENCE = 200_000
"""The most letters that one reference may find: twice the size of the largest mailing."""

HAND_OVER_TOLD = (Leveringsstatus.VENTER, Leveringsstatus.AVVIST, Leveringsstatus.TIL_BEHANDLING)
"""The levering statuses shown to a sender: those that say that something went wrong. The others are our own
mechanics.
"""

SIGNING_EVENTS: dict[str, Signeringsstatus] = {
    "SIGNERING_REGISTRERT": Signeringsstatus.VENTER_SIGNERING,
    "SIGNERING_STARTET": Signeringsstatus.VENTER_SIGNERING,
    "SIGNERING_FULLFORT": Signeringsstatus.SIGNERT_AV_MOTTAKER,
    "SIGNERING_AVVIST_AV_MOTTAKER": Signeringsstatus.AVVIST_AV_MOTTAKER,
    "SIGNERING_AVVIST_AV_SVARUT": Signeringsstatus.AVVIST_AV_SVARUT,
    "SIGNERING_KOPI_TAPT": Signeringsstatus.AVVIST_AV_SVARUT,
    "SIGNERING_UTLOPT": Signeringsstatus.UTLOPT,
}
"""Event codes of a letter's signing, with the signing's status after each."""


@dataclass(frozen=True, slots=True)
class Brevstatus:
    """A letter's status and since when. `for_sletting` is its last status before deletion, and
    `endret_for_sletting` when it got that; None when unknown.
    """

    id: UUID
    status: Status
    for_sletting: Status | None
    endret: datetime
    endret_for_sletting: datetime | None


@dataclass(frozen=True, slots=True)
class Brevhendelse:
    """One event of a letter. Its number is left out: a gap would reveal that something is hidden."""

    tid: datetime
    kode: str
    detaljer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signeringshendelse:
    """One event of a letter's signing, and the signing's status after it."""

    tid: datetime
    kode: str
    status: Signeringsstatus
    detaljer: dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Dokumentmetadata:
    """Facts about one document of a letter; `slettet` when it can no longer be read."""

    nr: int
    filnavn: str
    mime_type: str
    dokument_type: str
    storrelse: int
    sha256: bytes
    kan_signeres: bool
    sensitiv: bool
    slettet: bool
    ekstra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Brevreferanse:
    """A letter found by its sender's own reference."""

    id: UUID
    opprettet: datetime
    avgivende_system: str


def may_read(actor: Aktor, konto_id: UUID) -> bool:
    """Whether the actor may see the konto's letters: by its own service password, or by the right to read or
    send.
    """
    if actor.konto_id is not None:
        return actor.konto_id == konto_id
    return konfigurasjon.may(actor, P.LESE, konto_id) or konfigurasjon.may(actor, P.SENDE, konto_id)


def statuses(konto_id: UUID, ids: Sequence[UUID], *, actor: Aktor) -> list[Brevstatus]:
    """Statuses of these letters (at most 1 000) of the konto, in the order asked; other letters are left out."""
    _require_konto(konto_id, actor)
    wanted = list(dict.fromkeys(ids))[:MOST]
    columns = (
        Forsendelse.id,
        Forsendelse.status,
        Forsendelse.status_for_sletting,
        Forsendelse.status_endret,
    )
    query = select(*columns).where(Forsendelse.konto_id == konto_id, Forsendelse.id.in_(wanted))
    found = {row.id: row for row in session().execute(query)}
    before = _changed_before([row.id for row in found.values() if row.status_for_sletting])
    return [
        Brevstatus(
            letter_id,
            Status(found[letter_id].status),
            Status(found[letter_id].status_for_sletting) if found[letter_id].status_for_sletting else None,
            found[letter_id].status_endret,
            before.get(letter_id),
        )
        for letter_id in wanted
        if letter_id in found
    ]


def _changed_before(deleted: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these deleted letters got the status it had before deletion."""
    if not deleted:
        return {}
    changed = (
        select(Hendelse.forsendelse_id, func.max(Hendelse.tid))
        .where(
            Hendelse.forsendelse_id.in_(deleted),
            Hendelse.art == "FORSENDELSE",
            Hendelse.til.is_not(None),
            Hendelse.til != Status.SLETTET,
        )
        .group_by(Hendelse.forsendelse_id)
    )
    return {row[0]: row[1] for row in session().execute(changed)}


def events(forsendelse_id: UUID, *, actor: Aktor) -> list[Brevhendelse]:
    """The letter's history, oldest first. IkkeFunnet when it is not theirs.

    Of more than 1 000 events the first and the last are returned, so that start and end are always there. For
    a letter that the konto only pays for (`paid_by_konto`) neither the receiver's text nor details about
    persons are included. Events of the restricted lane are hidden from everybody here: to a machine the
    letter waits until it is closed.
    """
    opphav = _require_letter(forsendelse_id, actor)
    told = (Hendelse.art != "LEVERING") | Hendelse.til.in_(HAND_OVER_TOLD)
    outside = Hendelse.kode.not_in(RESTRICTED_LANE_CODES)
    columns = select(Hendelse.lopenr, Hendelse.tid, Hendelse.kode, Hendelse.detaljer)
    rows = (
        session()
        .execute(columns.where(first_and_last(forsendelse_id, told, outside)).order_by(Hendelse.lopenr))
        .all()
    )
    if is_only_billed(opphav):
        return [Brevhendelse(row.tid, row.kode, shown_details(row.detaljer)) for row in rows]
    told_by_receiver = load_reports(forsendelse_id, of=[row.lopenr for row in rows])
    return [
        Brevhendelse(row.tid, row.kode, row.detaljer | report_detail(told_by_receiver, row.lopenr))
        for row in rows
    ]


def shown_details(detaljer: Mapping[str, Any]) -> dict[str, Any]:
    """The event details that may be shown to somebody who may not know all of them."""
    return {name: value for name, value in detaljer.items() if name in SHOWN_DETAILS}


def first_and_last(forsendelse_id: UUID, *told: ColumnElement[bool]) -> ColumnElement[bool]:
    """SQL: the event is the letter's, and among the first or last of those matching `told`; 1 000 in all."""
    own = Hendelse.forsendelse_id == forsendelse_id
    numbers = select(Hendelse.lopenr).where(own, *told)
    first = numbers.order_by(Hendelse.lopenr).limit(FIRST_EVENTS).subquery()
    last = numbers.order_by(Hendelse.lopenr.desc()).limit(MOST - FIRST_EVENTS).subquery()
    return own & Hendelse.lopenr.in_(select(first.c.lopenr).union(select(last.c.lopenr)))


def signing_events(forsendelse_id: UUID, *, actor: Aktor) -> list[Signeringshendelse]:
    """The events of the letter's signing, oldest first; empty without a signing. IkkeFunnet as `events`."""
    _require_letter(forsendelse_id, actor)
    rows = session().execute(
        select(Hendelse.tid, Hendelse.kode, Hendelse.detaljer)
        .where(Hendelse.forsendelse_id == forsendelse_id, Hendelse.kode.in_(SIGNING_EVENTS))
        .order_by(Hendelse.lopenr)
        .limit(MOST)
    )
    return [Signeringshendelse(tid, kode, SIGNING_EVENTS[kode], facts) for tid, kode, facts in rows]


def documents(forsendelse_id: UUID, *, actor: Aktor) -> list[Dokumentmetadata]:
    """Metadata of the documents offered to the letter's readers.

    None for a letter that the konto only pays for (`paid_by_konto`). IkkeFunnet when the letter is not
    theirs.
    """
    if is_only_billed(_require_letter(forsendelse_id, actor)):
        return []
    sealed, signing, signed = (
        session()
        .execute(
            select(Forsendelse.innhold_kryptert, Signeringsoppdrag.status, Signeringsoppdrag.signert)
            .outerjoin(Signeringsoppdrag, Signeringsoppdrag.forsendelse_id == Forsendelse.id)
            .where(Forsendelse.id == forsendelse_id)
        )
        .one()
    )
    open_to_sign = signing == Signeringsstatus.VENTER_SIGNERING and signed is None
    extra = unseal_content(sealed).get("ekstraMetadata", {})
    # Before what is said of them, for a file may be added in between, and none is ever taken away.
    files = offered_files(load_documents(forsendelse_id))
    said = {
        row.nr: row
        for row in session().scalars(select(Dokument).where(Dokument.forsendelse_id == forsendelse_id))
    }
    return [
        Dokumentmetadata(
            nr,
            file.filnavn,
            file.mime_type,
            said[file.nr].dokument_type or "",
            file.storrelse,
            file.sha256,
            said[file.nr].skal_signeres and open_to_sign,
            said[file.nr].sensitiv,
            file.objekt is None,
            tuple((one["key"], one["value"]) for one in extra.get(str(file.nr), ())),
        )
        for nr, file in files.items()
    ]


def letters_by_reference(konto_id: UUID, referanse: str, *, actor: Aktor) -> list[Brevreferanse]:
    """All the konto's letters sent with this reference, newest first.

    All or none: a sender that is not shown a letter would take it for not received, and send it again.
    UgyldigForsendelse FOR_MANGE_TREFF when there are more than `MOST_BY_REFERENCE`.
    """
    _require_konto(konto_id, actor)
    rows = (
        session()
        .execute(
            select(Forsendelse.id, Forsendelse.opprettet, Forsendelse.avgivende_system)
            .where(Forsendelse.konto_id == konto_id, Forsendelse.ekstern_indeks == reference_index(referanse))
            .order_by(Forsendelse.opprettet.desc(), Forsendelse.id.desc())
            .limit(MOST_BY_REFERENCE + 1)
        )
        .all()
    )
    if len(rows) > MOST_BY_REFERENCE:
        raise refuse("FOR_MANGE_TREFF", "eksternRef", grense=MOST_BY_REFERENCE)
    return [Brevreferanse(row.id, row.opprettet, row.avgivende_system or "") for row in rows]


def letter_types() -> tuple[str, ...]:
    """The forsendelsestyper that can be routed to a mottakersystem of their own."""
    return ROUTED_TYPES


def _require_konto(konto_id: UUID, actor: Aktor) -> None:
    if not may_read(actor, konto_id):
        raise IkkeFunnet("FINNES_IKKE")


def _require_letter(forsendelse_id: UUID, actor: Aktor) -> str:
    """The letter's opphav, if the actor may read it; else IkkeFunnet."""
    found = select(Forsendelse.konto_id, Forsendelse.opphav).where(Forsendelse.id == forsendelse_id)
    row = session().execute(found).first()
    if row is None or not may_read(actor, row.konto_id):
        raise IkkeFunnet("FINNES_IKKE")
    return str(row.opphav)
