"""Factories of eDialog: a kommune that can be written to, citizens, and what they write."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import select

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError
from fiks.core.values.address import Adresse
from fiks.edialog import attachments, service
from fiks.edialog.letter import Melding
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.mottaker import service as mottaker_service
from fiks.edialog.rules import Avsender, Mottakeroppsett, Utkast
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Forside
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.representation import Spor
from fiks.pdf import Pdfleser
from fiks.svarut.models import Forsendelse
from tests.doubles import tiny_pdf
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.systems import nobody

KARI = Avsender(Adresse("Kari Fjellstad", "Vegen 1", "", "", "4262", "AVALDSNES", ""), "kari@eksempel.no")
WRITTEN = Utkast("2026/118 – tillegg", "Hei.\n\nSe vedlegg.", KARI)
PDF = tiny_pdf(["vedlegg"])


def open_edialog(hus: Hus, navn: str = "Lillevik kommune", *, aktiv: bool = True) -> str:
    """Switch eDialog on for the kommune's konto; returns its short id."""
    said = Mottakeroppsett(hus.orgnr, navn, "Torget 1", "", "", "4262", "AVALDSNES", aktiv)
    return mottaker_service.set_mottaker(hus.konto_id, said, spor=nobody, actor=HOUSE)


def more_konto(hus: Hus) -> UUID:
    """Another konto of the kommune."""
    name = f"avgifter-{uuid4()}"
    return konfigurasjon.create_konto(
        hus.organisasjon_id, visningsnavn="Avgifter", avsender=name, actor=HOUSE
    )


def said(hus: Hus) -> Mottakeroppsett:
    return Mottakeroppsett(hus.orgnr, "Lillevik", "Torget 1", "", "", "4262", "AVALDSNES", True)


def cover(konto_id: UUID, orgnr: str) -> None:
    """The konto's cover sheet has this number."""
    forside = Forside(orgnr, "Lillevik postmottak", "Torget 1", "4262", "AVALDSNES")
    settings.set_forside(konto_id, forside, actor=HOUSE)


def holding(*orgnrs: str) -> Spor:
    """An Altinn where everybody holds Post/arkiv for these numbers, and nobody anything for others."""
    parts = [Altinnpart(one, "Virksomhet", frozenset({("ROLLE", "A0236")})) for one in orgnrs]
    return lambda pid: parts


@dataclass
class Innbygger:
    """Somebody with a number, logged in."""

    pid: str = field(default_factory=new_fnr)
    acr: int = 3
    orgnr: str | None = None

    @property
    def actor(self) -> Aktor:
        person_id = konfigurasjon.person_by_pid(self.pid) or konfigurasjon.register_person(
            self.pid, navn="Kari Fjellstad", actor=HOUSE
        )
        return Aktor(
            Aktortype.PERSON, "Kari Fjellstad", person_id=person_id, acr=self.acr, paa_vegne_av=self.orgnr
        )


def draft(hus: Hus, who: Innbygger, written: Utkast | None = WRITTEN, *, sensitivt: bool = False) -> UUID:
    """A skjema to the kommune, not sent."""
    made = service.begin(hus.orgnr, KARI, actor=who.actor)
    if written is not None:
        service.save(made, written, sensitivt=sensitivt, actor=who.actor)
    return made


def attach(
    skjema_id: UUID, who: Innbygger, leser: Pdfleser, name: str = "vedlegg.pdf", content: bytes = PDF
) -> UUID:
    return attachments.add_file(skjema_id, name, [content], leser, actor=who.actor)


@dataclass
class Penn:
    """Draws nothing: a page with the lines of the message. `feil` is raised instead, while there is any."""

    feil: list[FiksError] = field(default_factory=list)
    tegnet: list[Melding] = field(default_factory=list)

    def draw(self, melding: Melding) -> bytes:
        self.tegnet.append(melding)
        if self.feil:
            raise self.feil.pop(0)
        return tiny_pdf([melding.tittel, *melding.avsnitt])


def row_of(skjema_id: UUID) -> EdialogSkjema:
    session().rollback()
    found = select(EdialogSkjema).where(EdialogSkjema.id == skjema_id)
    return session().execute(found.execution_options(populate_existing=True)).scalar_one()


def damage(skjema_id: UUID) -> None:
    """What the skjema holds does not open any more."""
    with transaction():
        row = row_of(skjema_id)
        row.innhold_kryptert = row.innhold_kryptert[:-1] + bytes([row.innhold_kryptert[-1] ^ 1])


def letters() -> list[Forsendelse]:
    session().rollback()
    return list(session().scalars(select(Forsendelse).order_by(Forsendelse.opprettet)))
