"""Seeds a kommune from its folder: organisation, kontoer, people in every role, mottakersystemer, ready templates.

Everything goes through the house's use cases, as the house itself, and is done once: what is there is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import system
from fiks.core.db import session, transaction
from fiks.edialog.mottaker import service
from fiks.edialog.rules import Mottakeroppsett
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.models import Konto, Organisasjon, Person, Tilgang
from fiks.utsending.models import Mal, Malversjon
from fiks.utsending.templates import house_templates as published
from testmiljo import mottakersystemer, onboarding, sms
from testmiljo.onboarding import FJORDVIK, Kommunedata, load_kommune
from testmiljo.staff import Ansatt

ROOT = system("testmiljo")
SMS_SENDER = "Saksbehandler"
"""The role of whoever sends SMS; a kommune without one has no SMS konto."""

__all__ = [
    "FJORDVIK",
    "Kommunedata",
    "Seeded",
    "load_kommune",
    "konto_with_account",
    "person_name",
    "ready_templates",
    "seed",
]


@dataclass(frozen=True, slots=True)
class Seeded:
    """Ids of a seeded kommune."""

    organisasjon_id: UUID
    kontoer: dict[str, UUID]
    personer: dict[str, UUID]
    mal_eiendomsskatt: UUID


def seed(data: Kommunedata, people: list[Ansatt], *, angrefrist_sekunder: int) -> Seeded:
    """Make the kommune, or find it; inside an app context."""
    found = (
        session()
        .execute(select(Organisasjon.id).where(Organisasjon.orgnr == data.orgnr))
        .scalar_one_or_none()
    )
    organisation = found or _create(data, people, angrefrist_sekunder)
    onboarding.sign_agreements(organisation, onboarding.first_administrator(data, people))
    kontoer = {
        row.visningsnavn: row.id
        for row in session().execute(
            select(Konto.visningsnavn, Konto.id).where(Konto.organisasjon_id == organisation).limit(100)
        )
    }
    persons = {person.rolle: _person(person, organisation, list(kontoer.values())) for person in people}
    mottakersystemer.use_svarinn(organisation)
    if SMS_SENDER in persons:
        sms.use_varsling(organisation, data.navn.split()[0], persons[SMS_SENDER])
    mottakersystemer.make_systems(organisation, data)
    return Seeded(organisation, kontoer, persons, ready_templates())


def _create(data: Kommunedata, people: list[Ansatt], angrefrist_sekunder: int) -> UUID:
    """The organisation as its own first administrator makes it: set up, agreements signed, SvarUt in use."""
    first = onboarding.first_administrator(data, people)
    organisation = onboarding.create(data, first)
    onboarding.set_up(organisation, data, first)
    onboarding.sign_agreements(organisation, first)
    activation.initialise(organisation, activation.SVARUT, actor=ROOT)
    for navn in ("Eiendomsskatt", "Kommunale avgifter"):
        avsender = f"{data.slug}-{navn.lower().replace(' ', '-')}"
        konto_with_account(organisation, data, navn, avsender, angrefrist_sekunder=angrefrist_sekunder)
    activation.configure(organisation, activation.SVARUT, actor=ROOT)
    _open_edialog(organisation)
    return organisation


def konto_with_account(
    organisasjon_id: UUID, data: Kommunedata, navn: str, avsender: str, *, angrefrist_sekunder: int
) -> UUID:
    """A konto with the kommune's account, as it has long been: one that was just set is told to who approves."""
    with transaction() as tx:
        konto_id = konfigurasjon.create_konto(
            organisasjon_id,
            visningsnavn=navn,
            avsender=avsender,
            actor=ROOT,
            angrefrist_sekunder=angrefrist_sekunder,
        )
        tx.get_one(Konto, konto_id).kontonummer = data.kontonummer
    return konto_id


def _open_edialog(organisation: UUID) -> None:
    """Citizens may write to the kommune; the first of its kontoer by name is billed for it."""
    org = session().get_one(Organisasjon, organisation)
    kontoer = select(Konto.id).where(Konto.organisasjon_id == organisation).order_by(Konto.visningsnavn)
    address = org.adresselinje1 or "Rådhuset", "", "", org.postnr, org.poststed
    said = Mottakeroppsett(org.orgnr, org.navn, *address, aktiv=True)
    service.set_mottaker(session().scalars(kontoer).all()[0], said, spor=lambda pid: (), actor=ROOT)


def _person(person: Ansatt, organisation: UUID, kontoer: list[UUID]) -> UUID:
    person_id = konfigurasjon.person_by_pid(person.pid)
    if person_id is None:
        person_id = konfigurasjon.register_person(person.pid, navn=person.navn, actor=ROOT)
    held = set(
        session().execute(
            select(Tilgang.privilegium, Tilgang.ressurs_id).where(Tilgang.person_id == person_id)
        )
    )
    wanted = [(p, organisation) for p in person.pa_organisasjon]
    wanted += [(p, konto) for konto in kontoer for p in person.rettigheter]
    for privilegium, ressurs in wanted:
        if (str(privilegium), ressurs) not in {(row[0], row[1]) for row in held}:
            konfigurasjon.grant_privilegium(
                person_id, privilegium, ressurs, actor=ROOT, begrunnelse=person.rolle
            )
    return person_id


def ready_templates() -> UUID:
    """Publish the templates that ship with the house; return the newest version of the tax note."""
    published.publish(actor=ROOT)
    newest = (
        select(Malversjon.id)
        .join(Mal, Mal.id == Malversjon.mal_id)
        .where(Mal.navn == published.READY["eiendomsskatt"], Mal.organisasjon_id.is_(None))
        .order_by(Malversjon.versjon.desc())
    )
    return session().execute(newest.limit(1)).scalar_one()


def person_name(person_id: UUID) -> str:
    """The person's name."""
    return session().execute(select(Person.navn).where(Person.id == person_id)).scalar_one()
