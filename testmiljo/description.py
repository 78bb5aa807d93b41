"""What `var/demo.json` tells a client from outside about the running demo: addresses, people, machines, processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from testmiljo.machines import Fagsystem
from testmiljo.mottakersystemer import Mottaker
from testmiljo.onboarding import Kommunedata
from testmiljo.seed import Seeded
from testmiljo.service_passwords import Kontoinnlogging
from testmiljo.stack import Stack
from testmiljo.staff import Ansatt


@dataclass(frozen=True, slots=True)
class Kommune:
    """A seeded kommune of the demo and its people."""

    data: Kommunedata
    people: list[Ansatt]
    seeded: Seeded


@dataclass(frozen=True, slots=True)
class Maskiner:
    """The machines of the demo: two fagsystemer, the kontoer's log-ins by orgnr, and the mottakersystemer."""

    fagsystem: Fagsystem
    andre_fagsystem: Fagsystem
    kontoer: Mapping[str, Mapping[str, Kontoinnlogging]]
    mottakere: Sequence[Mottaker]


def describe(
    stack: Stack, kommuner: Sequence[Kommune], others: Sequence[tuple[str, Ansatt]], machines: Maskiner
) -> dict[str, Any]:
    """The content of the file; all of it is invented, and its secrets are those of this demo alone."""
    issuer = stack.environ["MASKINPORTEN_ISSUER"]
    return {
        "portal": stack.base_url,
        "adresser": [stack.base_url, stack.second_url],
        "testmiljo": stack.sim.base_url,
        "idporten": stack.environ["IDPORTEN_ISSUER"],
        "kommuner": [_kommune(one, machines.kontoer[one.data.orgnr]) for one in kommuner],
        "andre": [{"gruppe": where, **_person(p)} for where, p in others],
        **machines.fagsystem.described(stack.base_url, issuer),
        "annet_fagsystem": machines.andre_fagsystem.described(stack.base_url, issuer),
        "mottakersystemer": [_mottaker(one) for one in machines.mottakere],
        "logger": str(stack.folder.resolve()),
        "prosesser": stack.process_ids(),
    }


def _kommune(kommune: Kommune, logins: Mapping[str, Kontoinnlogging]) -> dict[str, Any]:
    return {
        "navn": kommune.data.navn,
        "orgnr": kommune.data.orgnr,
        "organisasjon": str(kommune.seeded.organisasjon_id),
        "kontoer": {name: str(konto) for name, konto in kommune.seeded.kontoer.items()},
        "kontopassord": {
            name: {"brukernavn": login.brukernavn, "passord": login.passord} for name, login in logins.items()
        },
        "testbrukere": [_person(person) for person in kommune.people],
    }


def _person(person: Ansatt) -> dict[str, str]:
    return {"rolle": person.rolle, "navn": person.navn, "pid": person.pid}


def _mottaker(one: Mottaker) -> dict[str, str]:
    return {
        "id": str(one.id),
        "navn": one.navn,
        "passord": one.passord,
        "nokkel": str(one.nokkel.resolve()),
        "sertifikat": str(one.sertifikat.resolve()),
    }
