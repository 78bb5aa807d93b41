"""Reads of Manuell utsending: lists, one mailing, its findings, its progress. Counts come from the rows themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.models import Konto, Person
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.utsending import access
from fiks.utsending.models import (
    Arbeidsdel,
    Mal,
    Malversjon,
    Opplasting,
    Utsending,
    Utsendingshendelse,
    Utsendingsrad,
)
from fiks.utsending.rows import unseal_findings
from fiks.utsending.rules import SENDABLE, Delart, Radstatus, Utsendingstatus
from fiks.utsending.values import row_values

PAGE = 25
ROWS_PAGE = 50
SAMPLE = 10
MASKED = "•••••"
HIDDEN_FIELDS = (
    "adresselinje1",
    "adresselinje2",
    "adresselinje3",
    "postnr",
    "poststed",
    "land",
    "eiendomsadresse",
)
SENDABLE_NAMES = [str(s) for s in SENDABLE]


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


@dataclass(frozen=True, slots=True)
class Funnsum:
    """How many rows have a finding of this code."""

    kode: str
    alvorlighet: str
    antall: int


def finding_counts(utsending_id: UUID, *, actor: Aktor) -> list[Funnsum]:
    """Findings of a mailing by code, worst first."""
    access.visible(utsending_id, actor)
    item = func.jsonb_array_elements(Utsendingsrad.funn).table_valued("value").lateral()
    kode, grad = item.c.value.op("->>")("kode"), item.c.value.op("->>")("alvorlighet")
    counted = session().execute(
        select(kode, grad, func.count(func.distinct(Utsendingsrad.radnr)))
        .select_from(Utsendingsrad)
        .join(item, literal(True))
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by(kode, grad)
        .limit(200)
    )
    order = {"feil": 0, "auto": 1, "advarsel": 2}
    return sorted((Funnsum(*row) for row in counted), key=lambda f: (order[f.alvorlighet], -f.antall, f.kode))


@dataclass(frozen=True, slots=True, repr=False)
class Radfunn:
    """One finding on one row with what stands in the file and what is proposed, masked where it must be."""

    kode: str
    felt: str | None
    alvorlighet: str
    verdi: dict[str, Any]
    reparert: dict[str, str] | None
    dublett_av: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Radvisning:
    """One row as a page may show it: a protected address is masked for everybody without SE_SPERRET."""

    radnr: int
    navn: str
    status: Radstatus
    skjermet: bool
    verdier: dict[str, str]
    funn: tuple[Radfunn, ...]
    kanal: str | None
    kanalgrunn: str | None
    sider: int | None
    forsendelse_id: UUID | None


def rows(
    utsending_id: UUID,
    *,
    actor: Aktor,
    kode: str | None = None,
    status: Radstatus | None = None,
    bare_funn: bool = False,
    sok: int | None = None,
    after: int = 0,
    limit: int = ROWS_PAGE,
) -> list[Radvisning]:
    """Rows in list order after row number `after`, filtered by finding code, status or row number."""
    mailing = access.visible(utsending_id, actor)
    may_see = _may_see_restricted(mailing.konto_id, actor)
    query = (
        select(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after)
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    if kode:
        query = query.where(Utsendingsrad.funn.contains([{"kode": kode}]))
    if status:
        query = query.where(Utsendingsrad.status == status)
    if bare_funn:
        query = query.where(func.jsonb_array_length(Utsendingsrad.funn) > 0)
    if sok is not None:
        query = query.where(Utsendingsrad.radnr == sok)
    return [
        view_row(row, may_see) for row in session().scalars(query.execution_options(populate_existing=True))
    ]


def _may_see_restricted(konto_id: UUID, actor: Aktor) -> bool:
    return actor.person_id is not None and konfigurasjon.is_authorised(
        actor.person_id, P.SE_SPERRET, konto_id
    )


def view_row(row: Utsendingsrad, may_see: bool) -> Radvisning:
    """A row with its protected parts masked unless `may_see`."""
    values, hidden = row_values(row), row.skjermet and not may_see
    sealed = unseal_findings(row.reparasjon_kryptert)
    found = []
    for index, item in enumerate(row.funn):
        detail = sealed[index] if index < len(sealed) else {"verdi": {}, "reparert": None}
        found.append(
            Radfunn(
                item["kode"],
                item["felt"],
                item["alvorlighet"],
                mask_fields(detail["verdi"], hidden),
                mask_fields(detail["reparert"], hidden) if detail["reparert"] else None,
                item.get("dublett_av"),
            )
        )
    return Radvisning(
        row.radnr,
        values.get("navn", ""),
        Radstatus(row.status),
        row.skjermet,
        mask_fields(values, hidden),
        tuple(found),
        row.kanal,
        row.kanalgrunn,
        row.sider,
        row.forsendelse_id,
    )


def mask_fields(values: dict[str, Any], hidden: bool) -> dict[str, Any]:
    """Mask the personal number for everybody, and the address fields when the row is protected."""
    shown = {}
    for name, value in values.items():
        if name == "fnr" and value:
            shown[name] = str(value)[:6] + "*****"
        elif hidden and name in HIDDEN_FIELDS and value:
            shown[name] = MASKED
        else:
            shown[name] = value
    return shown


@dataclass(frozen=True, slots=True)
class Fremdrift:
    """Where every row is. The numbers add up: venter + parkert + sum(per_status) = rader."""

    rader: int
    venter: int
    parkert: int
    per_status: dict[str, int]
    per_kanal: dict[str, int]
    til_behandling: int

    @property
    def sendt(self) -> int:
        """Letters that have left us or are finally settled."""
        return sum(n for status, n in self.per_status.items() if status != "AKSEPTERT")


def progress(utsending_id: UUID, *, actor: Aktor) -> Fremdrift:
    """Counts of the rows by where they are, from one grouped query over rows and letters."""
    access.visible(utsending_id, actor)
    counted: Sequence[Row[*tuple[Any, ...]]] = (
        session()
        .execute(
            select(Utsendingsrad.status, Forsendelse.status, Forsendelse.kanal, func.count())
            .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
            .where(Utsendingsrad.utsending_id == utsending_id)
            .group_by(Utsendingsrad.status, Forsendelse.status, Forsendelse.kanal)
        )
        .all()
    )
    per_status: dict[str, int] = {}
    per_kanal: dict[str, int] = {}
    waiting = parked = 0
    for row_status, letter_status, kanal, n in counted:
        if letter_status is not None:
            per_status[letter_status] = per_status.get(letter_status, 0) + n
            per_kanal[kanal or "INGEN"] = per_kanal.get(kanal or "INGEN", 0) + n
        elif row_status in SENDABLE_NAMES:
            waiting += n
        else:
            parked += n
    person = (
        session()
        .execute(
            select(func.count()).where(
                Levering.utsending_id == utsending_id, Levering.status == "TIL_BEHANDLING"
            )
        )
        .scalar_one()
    )
    return Fremdrift(sum(r[3] for r in counted), waiting, parked, per_status, per_kanal, person)


@dataclass(frozen=True, slots=True)
class Brevrad:
    """A letter of a mailing in its list."""

    radnr: int
    forsendelse_id: UUID
    levering_id: UUID | None
    navn: str
    status: str
    kanal: str | None
    leveringsstatus: str | None
    feilkode: str | None
    status_endret: datetime
    eksternref: str | None


def letters(
    utsending_id: UUID,
    *,
    actor: Aktor,
    status: str | None = None,
    feil: bool = False,
    after: int = 0,
    limit: int = ROWS_PAGE,
) -> list[Brevrad]:
    """Letters in row order; `feil`: only those that wait for a person. The restricted lane needs SE_SPERRET."""
    mailing = access.visible(utsending_id, actor)
    may_see = _may_see_restricted(mailing.konto_id, actor)
    open_one = aliased(Levering)
    query = (
        select(Utsendingsrad, Forsendelse.status, Forsendelse.kanal, Forsendelse.status_endret, open_one)
        .join(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .outerjoin(
            open_one,
            and_(
                open_one.forsendelse_id == Forsendelse.id,
                open_one.status.in_(["KLAR", "SENDER", "VENTER", "UAVKLART", "TIL_BEHANDLING"]),
            ),
        )
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after)
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    if status:
        query = query.where(Forsendelse.status == status)
    if feil:
        query = query.where(open_one.status == "TIL_BEHANDLING")
    result = []
    for row, letter_status, kanal, changed, levering in session().execute(query):
        assert row.forsendelse_id is not None
        restricted = levering is not None and levering.bane == "sperret" and not may_see
        result.append(
            Brevrad(
                row.radnr,
                row.forsendelse_id,
                None if restricted or levering is None else levering.id,
                row_values(row).get("navn", ""),
                letter_status,
                kanal,
                None if levering is None else levering.status,
                None if restricted or levering is None else levering.feilkode,
                changed,
                row.eksternref,
            )
        )
    return result


@dataclass(frozen=True, slots=True)
class Tidslinjerad:
    art: str
    fra: str | None
    til: str | None
    kode: str
    detaljer: dict[str, Any]
    tid: datetime


def timeline(utsending_id: UUID, radnr: int, *, actor: Aktor) -> tuple[Brevrad, list[Tidslinjerad]]:
    """One letter and its whole history."""
    found = letters(utsending_id, actor=actor, after=radnr - 1, limit=1)
    if not found or found[0].radnr != radnr:
        raise IkkeFunnet("FINNES_IKKE")
    events = session().scalars(
        select(Hendelse)
        .where(Hendelse.forsendelse_id == found[0].forsendelse_id)
        .order_by(Hendelse.lopenr)
        .limit(500)
    )
    return found[0], [Tidslinjerad(e.art, e.fra, e.til, e.kode, dict(e.detaljer), e.tid) for e in events]


def approval_sample(utsending_id: UUID, *, actor: Aktor) -> list[Radvisning]:
    """Five random and five oddest letters for the approver: most findings, most pages, no id, abroad, largest file.

    The random ones follow from the approved digest, so every approver of the same content sees the same.
    """
    mailing = access.require(utsending_id, actor, P.GODKJENNE, P.SENDE, P.LESE)
    may_see = _may_see_restricted(mailing.konto_id, actor)
    base = select(Utsendingsrad.radnr).where(
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.status.in_(SENDABLE_NAMES),
        ~Utsendingsrad.sperret,
    )
    numbers = list(session().scalars(base.order_by(Utsendingsrad.radnr)))
    dice = random.Random(mailing.innhold_digest or b"")
    chosen: dict[int, None] = dict.fromkeys(dice.sample(numbers, min(SAMPLE // 2, len(numbers))))
    fallback = Utsendingsrad.radnr
    kinds = (
        base.order_by(func.jsonb_array_length(Utsendingsrad.funn).desc(), fallback),
        base.order_by(Utsendingsrad.sider.desc().nulls_last(), fallback),
        base.where(Utsendingsrad.mottakertype == "INGEN").order_by(fallback),
        base.where(Utsendingsrad.portosone.in_(["EUROPA", "VERDEN"])).order_by(fallback),
        base.order_by(Utsendingsrad.storrelse.desc().nulls_last(), fallback),
    )
    found = [list(session().scalars(kind.limit(SAMPLE))) for kind in kinds]
    for place in range(SAMPLE):
        for odd in found:
            if place < len(odd) and len(chosen) < SAMPLE:
                chosen[odd[place]] = None
    picked = session().scalars(
        select(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr.in_(list(chosen)))
        .order_by(Utsendingsrad.radnr)
    )
    return [view_row(row, may_see) for row in picked]


@dataclass(frozen=True, slots=True)
class Prognoserad:
    """Forecast: how many letters by channel, reason, kontering, zone and number of pages."""

    kanal: str | None
    grunn: str | None
    konteringskode: str | None
    portosone: str | None
    sider: int | None
    antall: int


def forecast_counts(utsending_id: UUID, *, actor: Aktor) -> list[Prognoserad]:
    """The channel forecast of the sendable rows, grouped."""
    access.visible(utsending_id, actor)
    columns = (
        Utsendingsrad.kanal,
        Utsendingsrad.kanalgrunn,
        Utsendingsrad.konteringskode,
        Utsendingsrad.portosone,
        Utsendingsrad.sider,
    )
    counted = session().execute(
        select(*columns, func.count())
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status.in_(SENDABLE_NAMES))
        .group_by(*columns)
        .order_by(func.count().desc())
        .limit(1_000)
    )
    return [Prognoserad(*row) for row in counted]


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


def all_rows(utsending_id: UUID, *, actor: Aktor, bare_funn: bool = False) -> Iterator[Radvisning]:
    """Every row in order, for exports; the same masking as the pages, one page of rows in memory at a time."""
    after = 0
    while page := rows(utsending_id, actor=actor, bare_funn=bare_funn, after=after, limit=1_000):
        yield from page
        after = page[-1].radnr
