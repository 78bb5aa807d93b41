"""The sender's page of one letter: facts, document names, leveringer and history. Never its content.

Only the receiver opens a letter (svarut.md 1.6); the sender has it in its own system. For a letter that its
konto only pays for (`paid_by_konto`) title, documents and the receiver's text are left out too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.core.values.identifiers import Fnr, mask_numbers
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.queries import Rettigheter
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Levering
from fiks.svarut.paid_by_konto import is_only_billed, shown_title
from fiks.svarut.rules import OPEN, Bane, Leveringsstatus, Mottakertype
from fiks.svarut.sender import status_queries
from fiks.svarut.sender.log import READ_RIGHTS
from fiks.svarut.sender.restricted_lane import leveringer_made_in_lane, visible_events
from fiks.svarut.svarinn.acknowledgement import load_reports, report_detail


@dataclass(frozen=True, slots=True)
class Mottakerfakta:
    """The receiver: `nummer` is an orgnr, or an fnr with its last five digits hidden; both "" when deleted."""

    navn: str
    nummer: str
    type: str


@dataclass(frozen=True, slots=True)
class Dokumentrad:
    """Facts about one document. `borte`: it has been deleted."""

    nr: int
    filnavn: str
    mime_type: str
    storrelse: int
    sider: int | None
    borte: bool
    ekskluderes: bool
    skal_signeres: bool


@dataclass(frozen=True, slots=True)
class Leveringsrad:
    """One levering, oldest first; for users without access to the restricted lane, as it was before it
    entered the lane.
    """

    id: UUID
    kanal: str | None
    regel: str | None
    status: str
    forsok: int
    feilkode: str | None
    opprettet: datetime


@dataclass(frozen=True, slots=True)
class Hendelsesrad:
    """One event of the letter's history."""

    art: str
    kode: str
    tid: datetime
    detaljer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Brevside:
    """A letter for its sender's page. `rett`: the user's rights on its konto; `feilet`: the levering waiting
    for a person.
    """

    id: UUID
    konto: str
    tittel: str
    mottaker: Mottakerfakta
    status: str
    regel: str | None
    opphav: str
    sikkerhetsniva: str
    kryptert: bool
    kun_digital: bool
    taushetsbelagt: bool
    opprettet: datetime
    overlevert: datetime | None
    lesefrist: datetime | None
    eksternref: str | None
    korrelasjonsid: str | None
    konteringskode: str | None
    avgivende_system: str | None
    utsending_id: UUID | None
    dokumenter: tuple[Dokumentrad, ...]
    leveringer: tuple[Leveringsrad, ...]
    hendelser: tuple[Hendelsesrad, ...]
    rett: frozenset[P]
    feilet: UUID | None

    @property
    def er_henvendelse(self) -> bool:
        """Whether its konto only pays for it."""
        return is_only_billed(self.opphav)


def letter_for_sender(forsendelse_id: UUID, *, actor: Aktor) -> Brevside:
    """The letter, for users who may read its konto's log; IkkeFunnet for others, as for one that does not
    exist.
    """
    row, held = _visible(forsendelse_id, actor)
    konto = session().execute(select(Konto.visningsnavn).where(Konto.id == row.konto_id)).scalar_one()
    hand_overs, events = _hand_overs(row.id), _events(row.id)
    told = visible_events(events)
    restricted = len(told) < len(events) or any(one.bane == Bane.SPERRET for one in hand_overs)
    outside = restricted and not held.use(P.SE_SPERRET)
    return Brevside(
        id=row.id,
        konto=konto,
        tittel=shown_title(row),
        mottaker=_receiver(row),
        status=row.status,
        regel=row.kanalregel,
        opphav=row.opphav,
        sikkerhetsniva=row.sikkerhetsniva,
        kryptert=row.kryptert,
        kun_digital=row.kun_digital,
        taushetsbelagt=row.taushetsbelagt,
        opprettet=row.opprettet,
        overlevert=row.overlevert,
        lesefrist=row.lesefrist,
        eksternref=row.ekstern_referanse and mask_numbers(row.ekstern_referanse),
        korrelasjonsid=row.korrelasjonsid,
        konteringskode=row.konteringskode,
        avgivende_system=row.avgivende_system,
        utsending_id=row.utsending_id,
        dokumenter=() if is_only_billed(row.opphav) else _documents(row.id),
        leveringer=_visible_leveringer(hand_overs, events) if outside else tuple(map(_hand_over, hand_overs)),
        hendelser=_history(row, told if outside else events),
        rett=held.everything() & {*READ_RIGHTS, P.SE_SPERRET},
        feilet=_waits_for_a_person(hand_overs),
    )


def title_of(forsendelse_id: UUID, *, actor: Aktor) -> tuple[str, str]:
    """The letter's opphav and `shown_title`, for the same users as `letter_for_sender`."""
    row, _ = _visible(forsendelse_id, actor)
    return row.opphav, shown_title(row)


def _visible(forsendelse_id: UUID, actor: Aktor) -> tuple[Forsendelse, Rettigheter]:
    """The letter and the actor's rights on its konto; IkkeFunnet when the actor may not read its log."""
    row = session().get(Forsendelse, forsendelse_id, populate_existing=True)
    if row is None or row.prove or row.organisasjon_id != actor.organisasjon_id:
        raise IkkeFunnet("FINNES_IKKE")
    held = konfigurasjon.rettigheter(actor, row.konto_id)
    if not held.use(*READ_RIGHTS):
        raise IkkeFunnet("FINNES_IKKE")
    return row, held


def _receiver(row: Forsendelse) -> Mottakerfakta:
    if row.mottaker_kryptert is None:
        return Mottakerfakta("", "", row.mottakertype)
    found = unseal_mottaker(row.mottaker_kryptert)
    person = row.mottakertype == Mottakertype.PERSON
    nummer = Fnr(found.digital_id).masked if person else found.digital_id
    return Mottakerfakta(mask_numbers(found.adresse.navn), nummer, row.mottakertype)


def _documents(forsendelse_id: UUID) -> tuple[Dokumentrad, ...]:
    rows = session().scalars(
        select(Dokument).where(Dokument.forsendelse_id == forsendelse_id).order_by(Dokument.nr)
    )
    return tuple(
        Dokumentrad(
            row.nr,
            mask_numbers(row.filnavn),
            row.mime_type,
            row.storrelse,
            row.sider,
            row.objekt is None,
            row.ekskluderes,
            row.skal_signeres,
        )
        for row in rows
    )


def _hand_overs(forsendelse_id: UUID) -> list[Levering]:
    rows = (
        select(Levering)
        .where(Levering.forsendelse_id == forsendelse_id)
        .order_by(Levering.opprettet, Levering.id)
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(rows))


def _waits_for_a_person(hand_overs: list[Levering]) -> UUID | None:
    """The levering that can be retried; those of the restricted lane are left out."""
    waiting = (
        one.id
        for one in hand_overs
        if one.status == Leveringsstatus.TIL_BEHANDLING and one.bane != Bane.SPERRET
    )
    return next(waiting, None)


def _hand_over(row: Levering) -> Leveringsrad:
    failed = row.feilkode if row.status in {*OPEN, Leveringsstatus.AVVIST} else None
    return Leveringsrad(row.id, row.kanal, row.kanalregel, row.status, row.forsok, failed, row.opprettet)


def _visible_leveringer(
    hand_overs: Sequence[Levering], events: Sequence[Hendelse]
) -> tuple[Leveringsrad, ...]:
    """The leveringer as shown outside the restricted lane."""
    made, first = leveringer_made_in_lane(events), next((one.id for one in hand_overs), None)
    return tuple(
        _before_lane(one, first=one.id == first) if _came_there(one) else _hand_over(one)
        for one in hand_overs
        if one.id not in made
    )


def _came_there(row: Levering) -> bool:
    """Whether the levering entered the restricted lane and is not handed over."""
    return row.bane == Bane.SPERRET and row.status != Leveringsstatus.OVERLEVERT


def _before_lane(row: Levering, *, first: bool) -> Leveringsrad:
    """The levering as it was before the claim that brought it into the restricted lane.

    The channel of a letter's first levering is chosen by that claim, so it is left out.
    """
    waits = row.status == Leveringsstatus.TIL_BEHANDLING
    return Leveringsrad(
        row.id,
        None if first else row.kanal,
        row.kanalregel,
        Leveringsstatus.KLAR if waits else row.status,
        max(0, row.forsok - 1),
        None,
        row.opprettet,
    )


def _events(forsendelse_id: UUID) -> Sequence[Hendelse]:
    told = select(Hendelse).where(status_queries.first_and_last(forsendelse_id)).order_by(Hendelse.lopenr)
    return session().scalars(told).all()


def _history(letter: Forsendelse, rows: Sequence[Hendelse]) -> tuple[Hendelsesrad, ...]:
    told_by_receiver = (
        {} if is_only_billed(letter.opphav) else load_reports(letter.id, of=[row.lopenr for row in rows])
    )
    return tuple(
        Hendelsesrad(
            row.art,
            row.kode,
            row.tid,
            status_queries.shown_details(row.detaljer) | report_detail(told_by_receiver, row.lopenr),
        )
        for row in rows
    )
