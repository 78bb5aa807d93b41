"""Reads of Manuell utsending: the list of mailings, one mailing, its templates and how far its letters are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.models import Konto, Person
from fiks.svarut.models import Forsendelse, Levering
from fiks.utsending import access
from fiks.utsending.models import (
    Arbeidsdel,
    Mal,
    Malversjon,
    Opplasting,
    Utsending,
    Utsendingshendelse,
)
from fiks.utsending.rules import Delart, Utsendingstatus

PAGE = 25


@dataclass(frozen=True, slots=True)
class Listerad:
    """A mailing in a list. `sendt` letters handed over, `feil` letters that need a person."""

    id: UUID
    nr: int
    tittel: str
    konto: str
    status: Utsendingstatus
    opprettet: datetime
    opprettet_av: str
    antall_rader: int
    sendt: int
    feil: int


def visible_kontoer(actor: Aktor) -> list[UUID]:
    """The kontoer of the chosen organisation where the actor holds any right of Manuell utsending."""
    if actor.person_id is None or actor.organisasjon_id is None:
        return []
    found: dict[UUID, None] = {}
    for privilege in access.SEE:
        for konto in konfigurasjon.kontoer_with(actor.person_id, actor.organisasjon_id, privilege):
            found[konto.id] = None
    return list(found)


def mailings(
    *, actor: Aktor, sok: str = "", status: str | None = None, before: int | None = None, limit: int = PAGE
) -> list[Listerad]:
    """The mailings the actor may see, newest first, keyset paged by number; `sok` matches title or number."""
    handed = (
        select(func.count())
        .where(Forsendelse.utsending_id == Utsending.id, Forsendelse.overlevert.is_not(None))
        .scalar_subquery()
    )
    failed = (
        select(func.count())
        .where(Levering.utsending_id == Utsending.id, Levering.status == "TIL_BEHANDLING")
        .scalar_subquery()
    )
    query: Select[Any] = (
        select(
            Utsending.id,
            Utsending.nr,
            Utsending.tittel,
            Konto.visningsnavn,
            Utsending.status,
            Utsending.opprettet,
            Person.navn,
            Utsending.antall_rader,
            handed,
            failed,
        )
        .join(Konto, Konto.id == Utsending.konto_id)
        .join(Person, Person.id == Utsending.opprettet_av)
        .where(
            Utsending.konto_id.in_(visible_kontoer(actor)), Utsending.organisasjon_id == actor.organisasjon_id
        )
        .order_by(Utsending.nr.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Utsending.nr < before)
    if status:
        query = query.where(Utsending.status == status)
    if sok.strip():
        text = sok.strip()
        number = int(text) if text.isdigit() and len(text) < 12 else -1
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(or_(Utsending.tittel.ilike(f"%{escaped}%"), Utsending.nr == number))
    return [
        Listerad(r[0], r[1], r[2], r[3], Utsendingstatus(r[4]), r[5], r[6], r[7], r[8], r[9])
        for r in session().execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Fil:
    """An uploaded file as the pages show it."""

    id: UUID
    art: str
    filnavn: str
    storrelse: int
    status: str
    feilkode: str | None
    feilparams: dict[str, Any]
    form: dict[str, Any]
    kolonner: list[str]
    kobling: dict[str, str | None]
    lest_til: int
    antall: int | None
    sider: int | None
    funn: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Historikkrad:
    fra: str | None
    til: str
    aktor_navn: str
    detaljer: dict[str, Any]
    tid: datetime


@dataclass(frozen=True, slots=True)
class Detalj:
    """One mailing with everything its pages show."""

    id: UUID
    nr: int
    organisasjon_id: UUID
    konto_id: UUID
    konto: str
    tittel: str
    art: str
    brevdato: date
    kunngjoringsdato: date | None
    kun_digital: bool
    sikkerhetsniva: str
    tosidig: bool
    farger: bool
    konteringskode: str | None
    status: Utsendingstatus
    malversjon_id: UUID | None
    mal: str | None
    antall_rader: int
    parker_feil: bool
    overstyrt_grunn: str | None
    opprettet: datetime
    opprettet_av: str
    klargjort: datetime | None
    klargjort_av_id: UUID | None
    klargjort_av: str | None
    godkjent: datetime | None
    godkjent_av: str | None
    avvist_grunn: str | None
    innhold_digest: bytes | None
    frigis_tid: datetime | None
    stoppet: datetime | None
    fullfort: datetime | None
    forrige_id: UUID | None
    innhold_slettet: datetime | None
    liste: Fil | None
    dokument: Fil | None
    historikk: tuple[Historikkrad, ...]


def detail(utsending_id: UUID, *, actor: Aktor) -> Detalj:
    """One mailing the actor may see; IkkeFunnet otherwise."""
    row = access.visible(utsending_id, actor)
    maker, preparer, approver = aliased(Person), aliased(Person), aliased(Person)
    names = (
        session()
        .execute(
            select(Konto.visningsnavn, maker.navn, preparer.navn, approver.navn, Mal.navn)
            .select_from(Utsending)
            .join(Konto, Konto.id == Utsending.konto_id)
            .join(maker, maker.id == Utsending.opprettet_av)
            .outerjoin(preparer, preparer.id == Utsending.klargjort_av)
            .outerjoin(approver, approver.id == Utsending.godkjent_av)
            .outerjoin(Malversjon, Malversjon.id == Utsending.malversjon_id)
            .outerjoin(Mal, Mal.id == Malversjon.mal_id)
            .where(Utsending.id == utsending_id)
        )
        .one()
    )
    files = {
        f.art: _file(f)
        for f in session().scalars(select(Opplasting).where(Opplasting.utsending_id == utsending_id))
    }
    history = session().scalars(
        select(Utsendingshendelse)
        .where(Utsendingshendelse.utsending_id == utsending_id)
        .order_by(Utsendingshendelse.lopenr)
        .limit(200)
    )
    return Detalj(
        id=row.id,
        nr=row.nr,
        organisasjon_id=row.organisasjon_id,
        konto_id=row.konto_id,
        konto=names[0],
        tittel=row.tittel,
        art=row.art,
        brevdato=row.brevdato,
        kunngjoringsdato=row.kunngjoringsdato,
        kun_digital=row.kun_digital,
        sikkerhetsniva=row.sikkerhetsniva,
        tosidig=row.tosidig,
        farger=row.farger,
        konteringskode=row.konteringskode,
        status=Utsendingstatus(row.status),
        malversjon_id=row.malversjon_id,
        mal=names[4],
        antall_rader=row.antall_rader,
        parker_feil=row.parker_feil,
        overstyrt_grunn=row.overstyrt_grunn,
        opprettet=row.opprettet,
        opprettet_av=names[1],
        klargjort=row.klargjort,
        klargjort_av_id=row.klargjort_av,
        klargjort_av=names[2],
        godkjent=row.godkjent,
        godkjent_av=names[3],
        avvist_grunn=row.avvist_grunn,
        innhold_digest=row.innhold_digest,
        frigis_tid=row.frigis_tid,
        stoppet=row.stoppet,
        fullfort=row.fullfort,
        forrige_id=row.forrige_id,
        innhold_slettet=row.innhold_slettet,
        liste=files.get("LISTE"),
        dokument=files.get("DOKUMENT"),
        historikk=tuple(Historikkrad(h.fra, h.til, h.aktor_navn, dict(h.detaljer), h.tid) for h in history),
    )


def _file(row: Opplasting) -> Fil:
    return Fil(
        row.id,
        row.art,
        row.filnavn,
        row.storrelse,
        row.status,
        row.feilkode,
        dict(row.feilparams),
        dict(row.form),
        list(row.kolonner),
        dict(row.kobling),
        row.lest_til,
        row.antall,
        row.sider,
        list(row.funn),
    )


def production_progress(utsending_id: UUID, *, actor: Aktor) -> tuple[int, int]:
    """(ranges done, ranges in all) of the letters being made."""
    access.visible(utsending_id, actor)
    done, total = (
        session()
        .execute(
            select(func.count().filter(Arbeidsdel.status == "FERDIG"), func.count()).where(
                Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.RENDER
            )
        )
        .one()
    )
    return done, total


def templates(organisasjon_id: UUID, limit: int = 100) -> list[tuple[UUID, str, int, str | None]]:
    """(version id, name, version, nynorsk source) of the newest version of each template one may use."""
    newest = (
        select(Malversjon.mal_id, func.max(Malversjon.versjon).label("versjon"))
        .group_by(Malversjon.mal_id)
        .subquery()
    )
    found = session().execute(
        select(Malversjon.id, Mal.navn, Malversjon.versjon, Malversjon.kilde_nn)
        .join(Mal, Mal.id == Malversjon.mal_id)
        .join(newest, and_(newest.c.mal_id == Malversjon.mal_id, newest.c.versjon == Malversjon.versjon))
        .where(or_(Mal.organisasjon_id.is_(None), Mal.organisasjon_id == organisasjon_id))
        .order_by(Mal.navn)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]
