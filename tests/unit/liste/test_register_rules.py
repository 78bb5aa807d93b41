"""What the registers add: death, protection, deleted units, names, and whether paper is possible."""

from __future__ import annotations

import pytest

from fiks.registeroppslag.rules import Adressebeskyttelse, Enhetstatus, Person, Personstatus
from fiks.utsending.liste.control.register_rules import (
    check_register,
    has_digital_channel,
    person_name_matches,
    unit_name_matches,
)
from tests.unit.liste.lists import FNR, ORGNR, contact, person, row, unit

NO_ADDRESS = {"adresselinje1": "", "postnr": "", "poststed": ""}
DEAD, STRICT = Personstatus.DOED, Adressebeskyttelse.STRENGT_FORTROLIG


def codes(
    someone: Person | None, *, digital: bool = True, kun_digital: bool = False, **changes: str
) -> list[tuple[str, str]]:
    rad = row(**changes)
    found = check_register(rad, rad.verdier, someone, None, digital, kun_digital)
    return [(f.kode.value, f.alvorlighet.value) for f in found]


def unit_codes(status: Enhetstatus | None, name: str = "TAPPER MÅKE AS") -> list[tuple[str, str]]:
    rad = row(fnr="", orgnr=ORGNR, navn="Tapper Måke AS")
    found = check_register(rad, rad.verdier, None, unit(name, status) if status else None, digital=False)
    return [(f.kode.value, f.alvorlighet.value) for f in found]


def test_an_ordinary_person_gives_no_finding() -> None:
    assert codes(person()) == []


def test_a_dead_receiver_is_a_warning() -> None:
    assert codes(person(status=DEAD), digital=False) == [("MOTTAKER_DOED", "advarsel")]


def test_a_person_who_has_moved_abroad_gives_no_finding() -> None:
    assert codes(person(status=Personstatus.UTFLYTTET)) == []


def test_fortrolig_is_no_finding() -> None:
    assert codes(person(protection=Adressebeskyttelse.FORTROLIG), digital=False) == []


@pytest.mark.parametrize(("digital", "severity"), [(True, "advarsel"), (False, "feil")])
def test_a_blocked_address_stops_a_letter_only_when_it_would_go_on_paper(
    digital: bool, severity: str
) -> None:
    assert codes(person(protection=STRICT), digital=digital) == [("ADRESSE_SPERRET", severity)]


def test_a_blocked_address_is_the_only_finding_when_there_is_no_address_either() -> None:
    assert codes(person(protection=STRICT), digital=False, **NO_ADDRESS) == [("ADRESSE_SPERRET", "feil")]


def test_a_blocked_address_is_never_repeated_and_its_grading_never_named() -> None:
    rad = row()
    (finding,) = check_register(rad, rad.verdier, person(protection=STRICT), None, digital=True)
    told = f"{finding.kode} {dict(finding.verdi)}".lower()
    assert dict(finding.verdi) == {"fnr": FNR}
    assert "fortrolig" not in told
    assert "vottgarden" not in told


def test_no_address_matters_only_without_a_digital_channel() -> None:
    assert codes(person(), digital=False, **NO_ADDRESS) == [("ADRESSE_MANGLER", "feil")]
    assert codes(person(), digital=True, **NO_ADDRESS) == []


def test_half_an_address_is_told_in_any_case() -> None:
    assert codes(person(), digital=False, poststed="") == [("ADRESSE_UFULLSTENDIG", "feil")]
    assert codes(person(), digital=True, adresselinje1="") == [("ADRESSE_UFULLSTENDIG", "advarsel")]


def test_an_address_abroad_needs_no_postnr() -> None:
    assert codes(person(), digital=False, postnr="", poststed="PORTLAND OR", land="USA") == []


def test_without_paper_an_address_is_not_needed_but_a_channel_is() -> None:
    assert codes(person(), digital=True, kun_digital=True, **NO_ADDRESS) == []
    assert codes(person(), digital=False, kun_digital=True) == [("KAN_IKKE_NAAS", "advarsel")]


def test_a_receiver_without_any_id_needs_an_address() -> None:
    assert codes(None, digital=False, fnr="") == []
    assert codes(None, digital=False, fnr="", **NO_ADDRESS) == [("ADRESSE_MANGLER", "feil")]


def test_a_person_or_unit_nobody_knows_is_a_warning() -> None:
    assert codes(None, digital=False) == [("PERSON_IKKE_FUNNET", "advarsel")]
    assert unit_codes(None) == [("ORG_IKKE_FUNNET", "advarsel")]
    assert unit_codes(Enhetstatus.IKKE_FUNNET) == [("ORG_IKKE_FUNNET", "advarsel")]


def test_a_deleted_unit_is_a_warning() -> None:
    assert unit_codes(Enhetstatus.SLETTET) == [("ORG_SLETTET", "advarsel")]


def test_another_name_than_the_register_has_is_a_warning() -> None:
    assert codes(person(name=("UENIG", None, "STIKKONTAKT"))) == [("NAVN_AVVIKER_REGISTER", "advarsel")]
    assert unit_codes(Enhetstatus.FUNNET, "MILD VIPE AS") == [("NAVN_AVVIKER_REGISTER", "advarsel")]


@pytest.mark.parametrize(
    "listed",
    [
        "Kari Anne Snill-Bille D'Lun",
        "KARI ANNE SNILL BILLE D’LUN",
        "D'Lun, Kari Anne Snill-Bille",
        "Kari Anne D'Lun",
        "kari dlun",
        "Kari A. D'Lun",
        "K?ri Anne D'Lun",
    ],
)
def test_the_same_person_is_known_in_many_spellings(listed: str) -> None:
    assert person_name_matches(listed, person(name=("KARI ANNE", "SNILL-BILLE", "D'LUN")))


@pytest.mark.parametrize(
    "listed", ["Kari Anne", "D'Lun", "Kåri Anne D'Lun", "Kari Anne Rask D'Lun", "Per D'Lun", "K? D'Lun"]
)
def test_another_person_is_not_taken_for_this_one(listed: str) -> None:
    assert not person_name_matches(listed, person(name=("KARI ANNE", "SNILL-BILLE", "D'LUN")))


def test_letters_keep_their_accents() -> None:
    assert person_name_matches("Čáppa Guovža", person(name=("ČÁPPA", None, "GUOVŽA")))
    assert not person_name_matches("Cappa Guovza", person(name=("ČÁPPA", None, "GUOVŽA")))


def test_a_dead_person_may_be_written_as_an_estate_and_a_living_one_not() -> None:
    assert person_name_matches("Dødsboet etter Rettferdig Tyttebær", person(status=DEAD))
    assert not person_name_matches("Dødsboet etter Rettferdig Tyttebær", person())


@pytest.mark.parametrize("listed", ["Tapper Måke AS", "TAPPER MÅKE A/S", "Tapper Måke", "AS TAPPER MÅKE"])
def test_the_same_unit_is_known_in_many_spellings(listed: str) -> None:
    assert unit_name_matches(listed, "TAPPER MÅKE AS")


def test_a_unit_with_an_ampersand_is_the_one_with_og() -> None:
    assert unit_name_matches("Otter og Vipe, Utleie", "OTTER & VIPE UTLEIE AS")
    assert not unit_name_matches("Otter og Vipe", "OTTER & VIPE UTLEIE AS")


@pytest.mark.parametrize(
    "changes",
    [{"registrert": False}, {"reservert": True}, {"passiv": True}, {"reservert": True, "postkasse": "EBOKS"}],
)
def test_a_person_outside_krr_reserved_or_passive_has_no_digital_channel(changes: dict[str, object]) -> None:
    assert has_digital_channel(person(), contact(), None)
    assert not has_digital_channel(person(), contact(**changes), None)


def test_the_dead_the_unknown_and_deleted_units_have_no_digital_channel() -> None:
    assert not has_digital_channel(person(status=DEAD), contact(), None)
    assert not has_digital_channel(person(), None, None)
    assert not has_digital_channel(None, None, None)
    assert has_digital_channel(None, None, unit())
    assert not has_digital_channel(None, None, unit(status=Enhetstatus.SLETTET))
    assert has_digital_channel(None, None, unit(status=Enhetstatus.SLETTET), svarinn=True)
