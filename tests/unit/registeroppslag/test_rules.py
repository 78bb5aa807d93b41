"""What a legal basis opens, what is shown of whom, and which numbers lie next to each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.core.actor import Aktor, Aktortype
from fiks.core.errors import UgyldigInndata
from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.registeroppslag.hjemler import HJEMLER, hjemler_for, require_hjemmel
from fiks.registeroppslag.rules import (
    MOST_BY_MACHINE,
    MOST_BY_PERSON,
    Adressebeskyttelse,
    Kontaktinformasjon,
    Kontaktsvar,
    Person,
    Personstatus,
    Personsvar,
    Registeradresse,
    Registernavn,
    contact_for_display,
    hourly_limit,
    neighbouring_numbers,
    person_for_display,
)
from testmiljo.staff import synthetic_fnr

T, R = Organisasjonstype, Registernavn
FNR = synthetic_fnr(1, 1, 80, 500)
GATA = Registeradresse(("Storgata 1",), "4262", "AVALDSNES")
KARI = Person(FNR, "Kari", "Lie", "Fjellstad", Personstatus.BOSATT, Adressebeskyttelse.UGRADERT, GATA)
NAAS = Kontaktinformasjon(FNR, True, postkasse="DIGIPOST", epost="kari@example.com", mobil="+4790000001")


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ((), ("", "", "")),
        (("Torget 2",), ("Torget 2", "", "")),
        (("c/o Ola Berg", "Bygg 4", "Torget 2"), ("c/o Ola Berg", "Bygg 4", "Torget 2")),
        (("c/o Ola Berg", "Bygg 4", "2. etg.", "Torget 2"), ("c/o Ola Berg", "Bygg 4, 2. etg.", "Torget 2")),
        (("c/o", "a", "b", "c", "Torget 2"), ("c/o", "a, b, c", "Torget 2")),
    ],
)
def test_nothing_of_an_address_is_left_out_of_the_three_lines_of_a_letter(
    lines: tuple[str, ...], shown: tuple[str, str, str]
) -> None:
    assert Registeradresse(lines).tre_linjer == shown


@pytest.mark.parametrize(
    ("kode", "register", "kind", "opens"),
    [
        ("EIENDOMSSKATT", R.FOLKEREGISTER, T.KOMMUNE, True),
        ("EIENDOMSSKATT", R.FOLKEREGISTER, T.FYLKESKOMMUNE, False),
        ("AVFALLSGEBYR", R.KRR, T.KOMMUNAL_VIRKSOMHET, True),
        ("VEDTAK", R.FOLKEREGISTER, T.STATLIG_VIRKSOMHET, True),
        ("VEDTAK", R.FOLKEREGISTER, T.LEVERANDOR, False),
        ("DIGITAL_KOMMUNIKASJON", R.KRR, T.KOMMUNE, True),
        ("DIGITAL_KOMMUNIKASJON", R.FOLKEREGISTER, T.KOMMUNE, False),
    ],
)
def test_a_legal_basis_opens_its_registers_for_its_kinds_of_organisation(
    kode: str, register: Registernavn, kind: Organisasjonstype, opens: bool
) -> None:
    assert (HJEMLER[kode] in hjemler_for(kind, register)) is opens
    if opens:
        assert require_hjemmel(kode, register, kind) is HJEMLER[kode]
        return
    with pytest.raises(UgyldigInndata, match="HJEMMEL_GJELDER_IKKE"):
        require_hjemmel(kode, register, kind)


@pytest.mark.parametrize("kode", ["", "eigedomsskattelova § 14", "vedtak"])
def test_a_legal_basis_is_chosen_by_its_code_and_never_written(kode: str) -> None:
    with pytest.raises(UgyldigInndata, match="HJEMMEL_MANGLER"):
        require_hjemmel(kode, R.KRR, T.KOMMUNE)


@pytest.mark.parametrize("kind", [T.LEVERANDOR, T.UKJENT])
def test_who_is_no_public_body_has_no_legal_basis(kind: Organisasjonstype) -> None:
    assert hjemler_for(kind, *R) == []


def test_of_who_is_strengt_fortrolig_nothing_else_is_shown() -> None:
    strict = replace(KARI, adressebeskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    assert person_for_display(strict) == Personsvar(funnet=True, strengt_fortrolig=True)
    assert contact_for_display(NAAS, strict) == Kontaktsvar(strengt_fortrolig=True)


def test_of_who_is_fortrolig_the_name_is_shown_and_never_the_address() -> None:
    shown = person_for_display(replace(KARI, adressebeskyttelse=Adressebeskyttelse.FORTROLIG))
    assert (shown.navn, shown.adresse_skjult, shown.adresse) == ("Kari Lie Fjellstad", True, None)


def test_of_others_name_status_and_address_are_shown() -> None:
    shown = person_for_display(KARI)
    assert (shown.navn, shown.status, shown.adresse) == ("Kari Lie Fjellstad", Personstatus.BOSATT, GATA)
    assert person_for_display(None) == Personsvar()


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        (NAAS, Kontaktsvar(registrert=True, postkasse="DIGIPOST", kan_varsles=True)),
        (replace(NAAS, reservert=True), Kontaktsvar(registrert=True, reservert=True, postkasse="DIGIPOST")),
        (replace(NAAS, passiv=True), Kontaktsvar(registrert=True, postkasse="DIGIPOST")),
        (replace(NAAS, registrert=False), Kontaktsvar()),
        (None, Kontaktsvar()),
    ],
)
def test_of_krr_it_is_shown_whether_one_can_be_reached(
    contact: Kontaktinformasjon | None, shown: Kontaktsvar
) -> None:
    assert contact_for_display(contact, KARI) == shown


def test_the_numbers_next_door_are_valid_ones_of_the_same_birthday_close_by() -> None:
    near = neighbouring_numbers(FNR)
    assert near and FNR not in near
    assert all(is_fnr(number) and number[:6] == FNR[:6] for number in near)
    assert {abs(int(number[6:9]) - int(FNR[6:9])) for number in near} <= {0, 1, 2}
    assert all(FNR in neighbouring_numbers(number) for number in near)


def test_the_first_and_the_last_number_of_a_birthday_have_neighbours_too() -> None:
    for start in (0, 990):
        assert neighbouring_numbers(synthetic_fnr(1, 1, 80, start))


def test_a_machine_may_look_up_more_often_than_a_person_but_not_when_it_calls_for_one() -> None:
    assert hourly_limit(Aktor(Aktortype.PERSON, "")) == MOST_BY_PERSON
    assert hourly_limit(Aktor(Aktortype.INTEGRASJON, "")) == MOST_BY_MACHINE
