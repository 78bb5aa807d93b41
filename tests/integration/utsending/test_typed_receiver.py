"""A receiver who is typed by hand is looked up: what is filled in, and who is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.konfigurasjon.misuse import Mistanke, suspicions
from fiks.registeroppslag.rules import Adressebeskyttelse, Registeradresse
from fiks.utsending import manual
from tests.integration.houses import new_fnr
from tests.integration.utsending.kommuner import make_kommune, make_mailing
from tests.integration.worlds import FakeRegister

pytestmark = pytest.mark.usefixtures("house")


@pytest.mark.parametrize("protection", list(Adressebeskyttelse))
def test_that_a_protected_person_was_looked_up_is_told_to_those_who_look_for_misuse(
    protection: Adressebeskyttelse,
) -> None:
    kommune, register = make_kommune(), FakeRegister()
    fnr, actor = register.add_person(new_fnr(), beskyttelse=protection), kommune.aktor("saksbehandler")
    before = suspicions()
    manual.look_up(make_mailing(kommune, 1).id, fnr, "EIENDOMSSKATT", register, actor=actor)
    strict = protection is Adressebeskyttelse.STRENGT_FORTROLIG
    wanted = [Mistanke("OPPSLAG_STRENGT_FORTROLIG", actor.ref, 1)] if strict else []
    assert [one for one in suspicions() if one not in before] == wanted


def test_nothing_of_the_address_of_an_estate_is_left_out() -> None:
    kommune, register = make_kommune(), FakeRegister()
    fnr = register.add_person(new_fnr())
    lines = ("c/o Ola Berg", "Berg & co", "2. etg.", "Torget 2")
    estate = Registeradresse(lines, "2500", "TYNSET")
    register.people[fnr] = replace(register.people[fnr], adresse=estate)
    actor = kommune.aktor("saksbehandler")
    found = manual.look_up(make_mailing(kommune, 1).id, fnr, "EIENDOMSSKATT", register, actor=actor)
    typed = [found.verdier[f"adresselinje{n}"] for n in (1, 2, 3)]
    assert typed == ["c/o Ola Berg", "Berg & co, 2. etg.", "Torget 2"]
