"""The receiving side of the test environment: the mottakersystemer of a register, all of them the kommune's own.

What each has kept secret, its password and its key, is made once and kept in the demo's folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from fiks.core.actor import system
from fiks.core.db import session
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.svarinn import credentials, service
from fiks.svarinn.models import Mottakersystem
from fiks.svarinn.rules import Koblingsfakta, Systemfakta
from testmiljo.onboarding import Kommunedata
from testmiljo.printhouse_keys import letter_key
from testmiljo.private_files import read_private, write_private
from testmiljo.sim.process import Simulation

ROOT = system("testmiljo")
FOLDER = "mottakersystemer"
MANDATES = 50
KEYS = 50


@dataclass(frozen=True, slots=True, repr=False)
class Mottaker:
    """What one receiving system needs to fetch its letters. No repr: the password is secret."""

    id: UUID
    navn: str
    passord: str
    nokkel: Path
    sertifikat: Path


def use_svarinn(organisasjon_id: UUID) -> None:
    """Take SvarInn into use, once; its agreement has been signed."""
    if session().get(Tjenesteaktivering, (organisasjon_id, activation.SVARINN)) is None:
        activation.initialise(organisasjon_id, activation.SVARINN, actor=ROOT)
        activation.configure(organisasjon_id, activation.SVARINN, actor=ROOT)


def make_systems(organisasjon_id: UUID, data: Kommunedata) -> None:
    """The kommune's mottakersystemer and what each receives; those that are there are left alone."""
    for item in data.mottakersystemer:
        system_id = UUID(item["mottakersystemId"])
        if session().get(Mottakersystem, system_id) is not None:
            continue
        fakta = Systemfakta(item["navn"], (f"postmottak@{data.slug}.kommune.example",))
        service.create_system(organisasjon_id, fakta, actor=ROOT, system_id=system_id)
        service.set_active(system_id, aktiv=item["aktiv"], spor=_nobody, actor=ROOT)
        for link in item["koblinger"]:
            service.add_kobling(system_id, _link(link), spor=_nobody, actor=ROOT)


def _link(link: Mapping[str, Any]) -> Koblingsfakta:
    return Koblingsfakta(
        link["organisasjonsnummer"], tuple(link["forsendelsestyper"]), link["sikkerhetsniva"]
    )


def _nobody(pid: str) -> list[Altinnpart]:
    """The house itself acts, so Altinn is not asked."""
    raise AssertionError("Altinn is not asked")


def let_receive(sim: Simulation, pid: str, data: Kommunedata) -> None:
    """Let the person see in Altinn the post of those whom the kommune's systems receive for, and so receive it by hand.

    Of a generated kommune's thousands the first MANDATES.
    """
    links = [(item["navn"], link) for item in data.mottakersystemer for link in item["koblinger"]]
    for navn, link in links[:MANDATES]:
        sim.add_mandate(pid, link["organisasjonsnummer"], navn)


def active_systems(data: Kommunedata) -> list[UUID]:
    """Those of the kommune's systems that letters are routed to."""
    return [UUID(item["mottakersystemId"]) for item in data.mottakersystemer if item["aktiv"]]


def let_in(ids: Iterable[UUID], folder: Path) -> list[Mottaker]:
    """Give each of these systems a password and a certificate, or find them; inside an app context.

    Of a generated kommune's thousands the first KEYS have a certificate each, which the others share: making one takes
    a tenth of a second.
    """
    own, systems = folder / FOLDER, list(ids)
    own.mkdir(parents=True, exist_ok=True)
    return [_let_in(system_id, systems[n % KEYS], own) for n, system_id in enumerate(systems)]


def _let_in(system_id: UUID, whose: UUID, folder: Path) -> Mottaker:
    """Let a system in with the certificate of `whose`."""
    row = session().get_one(Mottakersystem, system_id)
    navn, certificate = row.navn, row.sertifikat
    key, public = folder / f"{whose}.key", folder / f"{whose}.pem"
    letter_key(key, public)
    if certificate != public.read_bytes():
        credentials.set_certificate(system_id, public.read_bytes(), actor=ROOT)
    return Mottaker(system_id, navn, _password(system_id, folder / f"{system_id}.json"), key, public)


def _password(system_id: UUID, path: Path) -> str:
    """The password of the file, if it is the one in use; else a new one."""
    made = credentials.password_made_at(system_id, actor=ROOT)
    kept = read_private(path)
    if made is not None and kept is not None and kept["laget"] == made.isoformat():
        return str(kept["passord"])
    passord = credentials.new_password(system_id, replaces=made, actor=ROOT).verdi
    made = credentials.password_made_at(system_id, actor=ROOT)
    assert made is not None
    write_private(path, {"passord": passord, "laget": made.isoformat()})
    return passord
