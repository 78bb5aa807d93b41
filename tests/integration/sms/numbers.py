"""Persons with a number in KRR, looked up and sent to as the doors do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.errors import KanalFeil
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon, Person, Personstatus
from fiks.sms import lookup, service, work
from fiks.sms.lookup import Nummer
from portal.api.varsling.status_query import ask_in_halves
from tests.integration.houses import new_fnr
from tests.integration.sms.gateways import FakeGateway, Smshus
from tests.integration.worlds import FakeRegister

KARI = "+4790000001"
TEXT = "Vannet er stengt."


@dataclass
class Speechless(FakeRegister):
    """Folkeregisteret cannot speak of those in `ukjente`, KRR not of those in `stumme`; the other of the two can."""

    ukjente: dict[str, KanalFeil] = field(default_factory=dict)
    stumme: dict[str, KanalFeil] = field(default_factory=dict)

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        for error in filter(None, map(self.ukjente.get, fnrs)):
            raise error
        return super().personer(fnrs)

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        for error in filter(None, map(self.stumme.get, fnrs)):
            raise error
        return super().kontakt(fnrs)


def with_number(
    register: FakeRegister,
    beskyttelse: Adressebeskyttelse = Adressebeskyttelse.UGRADERT,
    *,
    status: Personstatus = Personstatus.BOSATT,
    registrert: bool = True,
    passiv: bool = False,
) -> str:
    """Somebody in both registers whose number is KARI."""
    fnr = register.add_person(new_fnr(), beskyttelse=beskyttelse, status=status)
    register.contacts[fnr] = Kontaktinformasjon(fnr, registrert, passiv=passiv, mobil=KARI)
    return fnr


def look_up(
    smshus: Smshus, fnrs: Sequence[str], register: FakeRegister, actor: Aktor | None = None
) -> list[Nummer]:
    return lookup.look_up(smshus.konto_id, fnrs, register, ask_in_halves, actor=actor or smshus.sender)


def send_to(smshus: Smshus, fnr: str, *, nokkel: str = "", actor: Aktor | None = None) -> UUID:
    return service.send_to_person(smshus.konto_id, TEXT, fnr, nokkel=nokkel, actor=actor or smshus.sender)


def all_sent(register: FakeRegister) -> FakeGateway:
    """The gateway that got all that was due."""
    gateway = FakeGateway()
    while work.send_next(gateway, register):
        pass
    return gateway
