"""Factories of what stands around a letter: kommune, konto, people with rights, and the numbers of receivers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.db import transaction
from fiks.core.values.identifiers import is_orgnr
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation, service
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import TJENESTER, Organisasjonstype, P
from testmiljo.staff import synthetic_fnr

HOUSE = system("test")
_people = itertools.count()
_orgnr = (number for n in itertools.count(310_000_000) if is_orgnr(number := str(n)))
BIRTHDAYS = 28 * 12 * 80
"""Days from 1910 to 1989 that every month has; twenty numbers on each hold a valid one."""


def new_fnr() -> str:
    """A synthetic number nobody else in the session has, of somebody grown up."""
    again, day = divmod(next(_people), BIRTHDAYS)
    return synthetic_fnr(1 + day % 28, 1 + day // 28 % 12, 10 + day // 336, start=100 + 20 * again)


def new_orgnr() -> str:
    """A number of an organisation nobody else in the session has."""
    return next(_orgnr)


ADMINISTRATOR = "Astrid Nordli"


def new_administrator() -> Personopplysninger:
    """The first administrator of some organisation."""
    return Personopplysninger(new_fnr(), ADMINISTRATOR)


def publish_agreements() -> None:
    """A hovedavtale and the tjenestevedlegg of each service, unless they are there."""
    texts = ((None, "Hovedavtale"), *((t.kode, f"Tjenestevedlegg for {t.kode}") for t in TJENESTER))
    there = service.versions_in_force()
    for kode, title in texts:
        if kode not in there:
            service.publish_avtale(NyAvtale(kode, title, "Partene er enige."), actor=HOUSE)


def sign(organisasjon_id: UUID, kode: str | None, actor: Aktor) -> None:
    """Sign what is in force."""
    newest = service.version_in_force(kode)
    assert newest is not None
    service.sign_avtale(organisasjon_id, newest.id, navn=actor.navn, digest=newest.sha256, actor=actor)


def initialise_svarut(organisasjon_id: UUID, administrator: Personopplysninger) -> None:
    """Sign both agreements as the administrator, and make the service's ressurs."""
    publish_agreements()
    person_id = konfigurasjon.person_by_pid(administrator.fnr)
    assert person_id is not None
    actor = make_aktor(person_id, organisasjon_id, navn=administrator.navn)
    for kode in (None, "SVARUT"):
        sign(organisasjon_id, kode, actor)
    activation.initialise(organisasjon_id, "SVARUT", actor=HOUSE)


def make_organisasjon(
    navn: str, orgnr: str, type: Organisasjonstype = Organisasjonstype.KOMMUNE, **kontakt: object
) -> UUID:
    """An organisation that has been through its set-up and has SvarUt initialised, still without a konto."""
    administrator = new_administrator()
    if type == Organisasjonstype.KOMMUNE:
        kontakt.setdefault("kommunenr", "9901")
    with transaction() as tx:
        organisasjon_id = konfigurasjon.create_organisasjon(
            navn=navn, orgnr=orgnr, type=type, administrator=administrator, actor=HOUSE, **kontakt
        )
        initialise_svarut(organisasjon_id, administrator)
        tx.get_one(Organisasjon, organisasjon_id).konfigurert = clock.database_now()
    return organisasjon_id


@dataclass(frozen=True)
class Hus:
    """A kommune with one konto."""

    organisasjon_id: UUID
    konto_id: UUID
    orgnr: str


def make_hus(navn: str = "Lillevik kommune", **konto: object) -> Hus:
    """A kommune that uses SvarUt, and its konto; `konto` are columns of the konto.

    The use cases join one transaction: a commit after each would cost more than what they do.
    """
    orgnr = new_orgnr()
    with transaction():
        organisasjon_id = make_organisasjon(navn, orgnr, kommunenr="9901")
        konto_id = konfigurasjon.create_konto(
            organisasjon_id, visningsnavn="Eiendomsskatt", avsender=f"konto-{orgnr}", actor=HOUSE, **konto
        )
        activation.configure(organisasjon_id, "SVARUT", actor=HOUSE)
    return Hus(organisasjon_id, konto_id, orgnr)


def make_person(*rettigheter: P, ressurs: UUID | None = None, navn: str = "Kari Fjellstad") -> UUID:
    """A person who can log in and holds these privileges on `ressurs`."""
    person_id = konfigurasjon.register_person(new_fnr(), navn=navn, actor=HOUSE)
    for privilege in rettigheter:
        assert ressurs is not None
        konfigurasjon.grant_privilegium(person_id, privilege, ressurs, actor=HOUSE)
    return person_id


def make_aktor(
    person_id: UUID,
    organisasjon_id: UUID | None = None,
    *,
    minutter_siden: float = 0,
    navn: str = "Kari Fjellstad",
) -> Aktor:
    """The person as an actor who proved who they are `minutter_siden` ago."""
    proved: datetime = clock.database_now() - timedelta(minutes=minutter_siden)
    return Aktor(
        Aktortype.PERSON,
        navn,
        person_id=person_id,
        organisasjon_id=organisasjon_id,
        acr=4,
        auth_time=proved,
    )


def staff_of(hus: Hus, *rettigheter: P, **valg: object) -> Aktor:
    """A new person with these privileges on the konto, as an actor."""
    person_id = make_person(*rettigheter, ressurs=hus.konto_id)
    return make_aktor(person_id, hus.organisasjon_id, **valg)  # type: ignore[arg-type]
