"""One mailing with everything its pages show: facts, files, persons, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, select
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.unknown_enum_values import enum_or_text
from fiks.konfigurasjon.models import Konto, Person
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.approval.service import preparers
from fiks.utsending.deletion.expiry import UNRELEASED, deletion_time
from fiks.utsending.filer.rules import Girovalg, giro_from_wire
from fiks.utsending.models import Mal, Malversjon, Opplasting, Utsending, Utsendingshendelse
from fiks.utsending.rules import FACTS, Utsendingstatus
from fiks.utsending.upload_view import Fil, as_file


@dataclass(frozen=True, slots=True)
class Historikkrad:
    """One event of the mailing's history."""

    fra: str | None
    til: str
    aktor_navn: str
    detaljer: dict[str, Any]
    tid: datetime


@dataclass(frozen=True, slots=True)
class Detalj:
    """One mailing with everything its pages show; `rettigheter`: what the actor may do with it.

    `klargjort_av_ider`: everybody who prepared the present letters; `klargjort_av`: the last one's name.
    `slettes`: when the cleanup deletes it; None once released. `status` is a plain string when only a newer
    release knows it: nothing can be done with the mailing here.
    """

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
    status: Utsendingstatus | str
    malversjon_id: UUID | None
    mal: str | None
    malversjon: int | None
    antall_rader: int
    parker_feil: bool
    overstyrt_grunn: str | None
    opprettet: datetime
    opprettet_av: str
    klargjort: datetime | None
    klargjort_av_ider: frozenset[UUID]
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
    samlet: Fil | None
    tillegg: Fil | None
    oppsett: dict[str, Any]
    historikk: tuple[Historikkrad, ...]
    rettigheter: frozenset[P]
    giro: Girovalg
    slettes: datetime | None

    @property
    def har_ulest(self) -> bool:
        """Whether an upload waits to be read or is being read."""
        files = (self.liste, self.dokument, self.samlet, self.tillegg)
        return any(file is not None and file.status in ("MOTTATT", "LESES") for file in files)


_SAME = (
    "id",
    "nr",
    "organisasjon_id",
    "konto_id",
    *FACTS,
    "malversjon_id",
    "antall_rader",
    "parker_feil",
    "overstyrt_grunn",
    "opprettet",
    "klargjort",
    "godkjent",
    "avvist_grunn",
    "innhold_digest",
    "frigis_tid",
    "stoppet",
    "fullfort",
    "forrige_id",
    "innhold_slettet",
)
"""Fields copied from the row under the same name."""


def detail(utsending_id: UUID, *, actor: Aktor) -> Detalj:
    """A mailing the actor may see; IkkeFunnet otherwise."""
    row, held = access.find_visible_with_rights(utsending_id, actor)
    names = _names(utsending_id)
    files = {
        f.art: as_file(f)
        for f in session().scalars(select(Opplasting).where(Opplasting.utsending_id == utsending_id))
    }
    return Detalj(
        **{name: getattr(row, name) for name in _SAME},
        status=enum_or_text(Utsendingstatus, row.status),
        konto=names.konto,
        mal=names.mal,
        malversjon=names.versjon,
        opprettet_av=names.laget,
        klargjort_av_ider=preparers(row),
        klargjort_av=names.klargjort,
        godkjent_av=names.godkjent,
        liste=files.get("LISTE"),
        dokument=files.get("DOKUMENT"),
        samlet=files.get("SAMLET"),
        tillegg=files.get("TILLEGGSLISTE"),
        oppsett=dict(row.oppsett),
        historikk=_history(utsending_id),
        rettigheter=held.everything(),
        giro=giro_from_wire(row.oppsett.get("giro")),
        slettes=names.slettes,
    )


def _names(
    utsending_id: UUID,
) -> Row[str, str, str | None, str | None, str | None, int | None, datetime | None]:
    """Names of the konto, maker, preparer, approver and template version, and when it will be deleted."""
    maker, preparer, approver = aliased(Person), aliased(Person), aliased(Person)
    found = session().execute(
        select(
            Konto.visningsnavn.label("konto"),
            maker.navn.label("laget"),
            preparer.navn.label("klargjort"),
            approver.navn.label("godkjent"),
            Mal.navn.label("mal"),
            Malversjon.versjon,
            case((Utsending.status.in_([str(s) for s in UNRELEASED]), deletion_time())).label("slettes"),
        )
        .select_from(Utsending)
        .join(Konto, Konto.id == Utsending.konto_id)
        .join(maker, maker.id == Utsending.opprettet_av)
        .outerjoin(preparer, preparer.id == Utsending.klargjort_av)
        .outerjoin(approver, approver.id == Utsending.godkjent_av)
        .outerjoin(Malversjon, Malversjon.id == Utsending.malversjon_id)
        .outerjoin(Mal, Mal.id == Malversjon.mal_id)
        .where(Utsending.id == utsending_id)
    )
    return found.one()


def _history(utsending_id: UUID) -> tuple[Historikkrad, ...]:
    history = session().scalars(
        select(Utsendingshendelse)
        .where(Utsendingshendelse.utsending_id == utsending_id)
        .order_by(Utsendingshendelse.lopenr)
        .limit(200)
    )
    return tuple(Historikkrad(h.fra, h.til, h.aktor_navn, dict(h.detaljer), h.tid) for h in history)
