"""How an organisation of the test environment comes to be: made by root, then set up and signed by its own people."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.db import session
from fiks.konfigurasjon import operators
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger, Innbyggerkontakt, Kontakt
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import Organisasjonstype, P
from fiks.utsending.brev import vet_svg
from testmiljo.folders import ROOT as PROJECT
from testmiljo.staff import HEIMDAL_ADMINISTRATOR, OPERATOR, Ansatt, synthetic_fnr

HOUSE = system("testmiljo")
TEXTS = PROJECT / "testmiljo" / "data" / "avtaler"
AGREEMENTS = (
    (None, "hovedavtale-1.txt"),
    ("SVARUT", "svarut-1.txt"),
    ("SVARINN", "svarinn-1.txt"),
    ("VARSLING", "varsling-1.txt"),
)


@dataclass(frozen=True, slots=True)
class Kommunedata:
    """What an organisation is made from: the `kommune` block of register.json, and its logo if there is one."""

    navn: str
    kommunenr: str
    orgnr: str
    kontonummer: str
    adresselinje1: str
    postnr: str
    poststed: str
    slug: str
    logo: bytes | None = None
    mottakersystemer: list[dict[str, Any]] = field(default_factory=list)
    type: Organisasjonstype = Organisasjonstype.KOMMUNE


FJORDVIK = Kommunedata(
    "Fjordvik kommune", "9902", "312990024", "99990212348", "Strandgata 2", "5430", "BREMNES", "fjordvik"
)
HEIMDAL = Kommunedata(
    "Heimdal renovasjon IKS",
    "9901",
    "313990001",
    "99990212348",
    "Havnegata 5",
    "4262",
    "AVALDSNES",
    "heimdal",
    type=Organisasjonstype.KOMMUNAL_VIRKSOMHET,
)
"""Made, but not set up: its administrator is led through the first-time set-up."""


def load_kommune(folder: Path) -> Kommunedata:
    """Read a kommune's folder."""
    content = json.loads((folder / "register.json").read_text("utf-8"))
    facts = content["kommune"]
    logo = folder / "logo.svg"
    return Kommunedata(
        navn=facts["navn"],
        kommunenr=facts["kommunenr"],
        orgnr=facts["orgnr"],
        kontonummer=facts["kontonummer"],
        adresselinje1=facts["adresselinje1"],
        postnr=facts["postnr"],
        poststed=facts["poststed"],
        slug=facts["navn"].split()[0].lower(),
        logo=logo.read_bytes() if logo.exists() else None,
        mottakersystemer=content.get("mottakersystemer", []),
    )


def first_administrator(data: Kommunedata, people: list[Ansatt]) -> Personopplysninger:
    """The administrator among the staff; somebody else where there is none."""
    for person in people:
        if P.ADMIN in person.pa_organisasjon:
            return Personopplysninger(person.pid, person.navn, epost="ansatt@example.com")
    return Personopplysninger(synthetic_fnr(28, 12, int(data.kommunenr[-2:]) + 40), "Hilde Vestby")


def create(data: Kommunedata, first: Personopplysninger) -> UUID:
    """The bare organisation, as root makes it."""
    return konfigurasjon.create_organisasjon(
        navn=data.navn,
        orgnr=data.orgnr,
        type=data.type,
        administrator=first,
        actor=HOUSE,
        kommunenr=data.kommunenr,
    )


def person_of(organisasjon_id: UUID, person: Personopplysninger) -> Aktor:
    """Somebody of the organisation who has just logged in."""
    return Aktor(
        Aktortype.PERSON,
        person.navn,
        person_id=konfigurasjon.person_by_pid(person.fnr),
        organisasjon_id=organisasjon_id,
        acr=4,
        auth_time=clock.database_now(),
    )


def set_up(organisasjon_id: UUID, data: Kommunedata, first: Personopplysninger) -> None:
    """The first-time set-up, step by step, and the logo."""
    actor = person_of(organisasjon_id, first)
    post = f"post@{data.slug}.kommune.example"
    kontakt = Kontakt(
        data.adresselinje1,
        data.postnr,
        data.poststed,
        f"eiendomsskatt@{data.slug}.kommune.example",
        (post,),
    )
    own_data.set_kontakt(organisasjon_id, kontakt, actor=actor)
    faktura = Fakturaopplysninger(
        data.orgnr, data.navn, data.adresselinje1, data.postnr, data.poststed, epost=post
    )
    own_data.set_faktura(organisasjon_id, faktura, actor=actor)
    site = f"{data.slug}.kommune.example"
    citizens = Innbyggerkontakt(post, "00 00 00 00", site, "Mandag–fredag 9–15")
    own_data.set_innbyggerkontakt(organisasjon_id, citizens, actor=actor)
    own_data.set_avtaleadministrator(organisasjon_id, first, actor=actor)
    own_data.finish_setup(organisasjon_id, actor=actor)
    if data.logo:
        logo = vet_svg(data.logo)
        own_data.set_logo(organisasjon_id, logo.data, logo.mediatype, actor=actor)


def publish_agreements() -> None:
    """The first version of each agreement, unless one is in force."""
    for kode, name in AGREEMENTS:
        if service.version_in_force(kode) is None:
            title, _, body = (TEXTS / name).read_text("utf-8").partition("\n")
            service.publish_avtale(NyAvtale(kode, title, body), actor=HOUSE)


def sign_agreements(organisasjon_id: UUID, first: Personopplysninger) -> None:
    """All agreements in force, signed by the first administrator, once."""
    publish_agreements()
    actor = person_of(organisasjon_id, first)
    for kode, _ in AGREEMENTS:
        avtale = service.version_in_force(kode)
        assert avtale is not None
        if service.is_signed(organisasjon_id, kode):
            continue
        service.sign_avtale(organisasjon_id, avtale.id, navn=first.navn, digest=avtale.sha256, actor=actor)


def seed_unconfigured() -> UUID:
    """Heimdal with its first administrator and nothing more, or what has become of it since."""
    found = select(Organisasjon.id).where(Organisasjon.orgnr == HEIMDAL.orgnr)
    made = session().execute(found).scalar_one_or_none()
    return made or create(HEIMDAL, first_administrator(HEIMDAL, [HEIMDAL_ADMINISTRATOR]))


def seed_operator() -> None:
    """The one who runs the platform; once."""
    publish_agreements()
    person = Personopplysninger(OPERATOR.pid, OPERATOR.navn)
    operators.make_operator(person, actor=HOUSE)
