"""A receiver who is typed by hand is looked up: what is filled in, and who is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.core.actor import Aktor
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.audit.misuse import Mistanke, suspicions
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag import rules, service
from fiks.registeroppslag.errors import ForMangeOppslag
from fiks.registeroppslag.rules import Adressebeskyttelse, Registeradresse
from fiks.utsending.receivers import typed as receivers_typed
from tests.integration.houses import new_fnr, new_orgnr
from tests.integration.utsending.kommuner import ROOT, make_kommune, make_mailing
from tests.integration.worlds import FakeRegister

pytestmark = pytest.mark.usefixtures("house")


@pytest.mark.parametrize("protection", list(Adressebeskyttelse))
def test_that_a_protected_person_was_looked_up_is_told_to_those_who_look_for_misuse(
    protection: Adressebeskyttelse,
) -> None:
    kommune, register = make_kommune(), FakeRegister()
    fnr, actor = register.add_person(new_fnr(), beskyttelse=protection), kommune.aktor("saksbehandler")
    before = suspicions()
    receivers_typed.look_up(make_mailing(kommune, 1).id, fnr, "EIENDOMSSKATT", register, actor=actor)
    strict = protection is Adressebeskyttelse.STRENGT_FORTROLIG
    wanted = [Mistanke("OPPSLAG_STRENGT_FORTROLIG", actor.ref, 1)] if strict else []
    assert [one for one in suspicions() if one not in before] == wanted


def test_of_a_protected_person_no_more_is_given_than_registeroppslag_shows() -> None:
    kommune, register = make_kommune(), FakeRegister()
    utsending_id, actor = make_mailing(kommune, 1).id, kommune.aktor("saksbehandler")
    home = Registeradresse(("Fjellveien 12",), "2500", "TYNSET")
    told = {}
    for protection in Adressebeskyttelse:
        fnr = register.add_person(new_fnr(), beskyttelse=protection)
        register.people[fnr] = replace(register.people[fnr], adresse=home)
        found = receivers_typed.look_up(utsending_id, fnr, "EIENDOMSSKATT", register, actor=actor)
        assert found.verdier.pop("fnr") == fnr
        told[protection] = found
    name = {"navn": "Kari Fjellstad"}
    where = {"adresselinje1": "Fjellveien 12", "postnr": "2500", "poststed": "TYNSET", "land": ""}
    shown = {grad: (found.verdier, found.skjermet, found.uvist) for grad, found in told.items()}
    assert shown == {
        Adressebeskyttelse.UGRADERT: (name | where, False, False),
        Adressebeskyttelse.FORTROLIG: (name, True, False),
        Adressebeskyttelse.STRENGT_FORTROLIG: ({}, False, True),
    }


def test_a_person_looked_up_here_counts_among_the_look_ups_of_registeroppslag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kommune, register = make_kommune(), FakeRegister()
    utsending_id, actor = make_mailing(kommune, 1).id, kommune.aktor("saksbehandler")
    konfigurasjon.grant_privilegium(
        kommune.personer["saksbehandler"], P.REGISTER_OPPSLAG, kommune.id, actor=ROOT
    )

    def here(nummer: str | None = None, rolle: Aktor = actor) -> None:
        receivers_typed.look_up(utsending_id, nummer or new_fnr(), "EIENDOMSSKATT", register, actor=rolle)

    def there() -> None:
        service.look_up_person(kommune.id, new_fnr(), "EIENDOMSSKATT", register, actor=actor)

    monkeypatch.setattr(rules, "MOST_BY_PERSON", 3)
    for allowed in (here, there, here):
        allowed()
    asked = len(register.spurt)
    for one_more in (here, there):
        with pytest.raises(ForMangeOppslag, match="FOR_MANGE_OPPSLAG"):
            one_more()
    assert len(register.spurt) == asked
    here(new_orgnr())
    here(rolle=kommune.aktor("stopper"))


def test_nothing_of_the_address_of_an_estate_is_left_out() -> None:
    kommune, register = make_kommune(), FakeRegister()
    fnr = register.add_person(new_fnr())
    lines = ("c/o Ola Berg", "Berg & co", "2. etg.", "Torget 2")
    estate = Registeradresse(lines, "2500", "TYNSET")
    register.people[fnr] = replace(register.people[fnr], adresse=estate)
    actor = kommune.aktor("saksbehandler")
    found = receivers_typed.look_up(make_mailing(kommune, 1).id, fnr, "EIENDOMSSKATT", register, actor=actor)
    typed = [found.verdier[f"adresselinje{n}"] for n in (1, 2, 3)]
    assert typed == ["c/o Ola Berg", "Berg & co, 2. etg.", "Torget 2"]
