"""What Folkeregisteret may write in a person document, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from fiks.registeroppslag.persondokument import country, numbers_of, read_person
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Person,
    Personstatus,
    Registeradresse,
    person_for_display,
)
from portal.oppslag import answers
from portal.texts.oppslag import PERSONSTATUSER

FNR, DNR = "12838540137", "52838540137"
OPEN = {"adressegradering": "ugradert"}
PLACE = {"postnummer": "2500", "poststedsnavn": "TYNSET"}
ROAD = {
    "adressenavn": "Kongsveien",
    "adressenummer": {"husnummer": "1", "husbokstav": "B"},
    "poststed": {"postnummer": "0001", "poststedsnavn": "OSLO"},
}
HOME = OPEN | {"vegadresse": ROAD}
AT_HOME = Registeradresse(("Kongsveien 1B",), "0001", "OSLO")


def read(**document: Any) -> Person:
    return read_person(FNR, document)


@pytest.mark.parametrize(
    "kind", ["bostedsadresse", "oppholdsadresse", "deltBosted", "postadresse", "postadresseIUtlandet"]
)
@pytest.mark.parametrize("grade", ["klientadresse", "fortrolig", "strengtFortrolig", "en ny gradering"])
def test_an_address_that_is_graded_itself_is_not_shown_whichever_it_is(kind: str, grade: str) -> None:
    graded = {"adressegradering": grade, "erGjeldende": True, "vegadresse": ROAD}
    person = read(**{"bostedsadresse": [HOME], kind: [graded]})
    assert person.adressebeskyttelse is not Adressebeskyttelse.UGRADERT
    assert person_for_display(person).adresse is None


@pytest.mark.parametrize(
    ("grades", "protection"),
    [
        (["ugradert", "strengtFortrolig"], Adressebeskyttelse.STRENGT_FORTROLIG),
        (["strengtFortrolig", "fortrolig"], Adressebeskyttelse.STRENGT_FORTROLIG),
        (["ugradert", "klientadresse"], Adressebeskyttelse.FORTROLIG),
        (["UGRADERT"], Adressebeskyttelse.UGRADERT),
        ([], Adressebeskyttelse.UGRADERT),
    ],
)
def test_the_strictest_grading_in_force_decides(grades: list[str], protection: Adressebeskyttelse) -> None:
    rows = [{"graderingsnivaa": grade, "erGjeldende": True} for grade in grades]
    assert read(adressebeskyttelse=rows, bostedsadresse=[HOME]).adressebeskyttelse is protection


def test_an_open_postal_address_does_not_open_who_is_strengt_fortrolig() -> None:
    strict = [{"graderingsnivaa": "strengtFortrolig"}]
    post = OPEN | {"postboksadresse": {"postboks": "12", "poststed": PLACE}}
    assert person_for_display(read(adressebeskyttelse=strict, postadresse=[post])).strengt_fortrolig


def test_a_grading_that_is_no_longer_in_force_does_not_count() -> None:
    past = {"erGjeldende": False}
    person = read(
        adressebeskyttelse=[past | {"graderingsnivaa": "strengtFortrolig"}],
        bostedsadresse=[past | {"adressegradering": "fortrolig", "vegadresse": ROAD}, HOME],
    )
    assert (person.adressebeskyttelse, person.adresse) == (Adressebeskyttelse.UGRADERT, AT_HOME)


@pytest.mark.parametrize("row", [{"vegadresse": ROAD}, {"vegadresse": ROAD, "adressegradering": None}])
def test_an_address_that_does_not_say_how_it_is_graded_cannot_be_read(row: dict[str, Any]) -> None:
    with pytest.raises((KeyError, AttributeError)):
        read(bostedsadresse=[row])


NORDGARDEN = {
    "matrikkelnummer": {"kommunenummer": "3427", "gaardsnummer": 12, "bruksnummer": 3, "festenummer": 0},
    "undernummer": 2,
    "adressetilleggsnavn": "Nordgarden",
    "coAdressenavn": "c/o Berg",
    "poststed": PLACE,
}
STOCKHOLM = {
    "coAdressenavn": "c/o Lind",
    "adressenavn": "Storgatan 1",
    "etasjenummer": "3",
    "boenhet": "12",
    "postboks": "77",
    "region": "Södermanland",
    "postkode": "11122",
    "byEllerStedsnavn": "STOCKHOLM",
    "landkode": "SE",
}


@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        ("bostedsadresse", {"vegadresse": ROAD}, AT_HOME),
        (
            "bostedsadresse",
            {"vegadresse": ROAD | {"adressetilleggsnavn": "Nordgarden", "coAdressenavn": "c/o Berg"}},
            Registeradresse(("c/o Berg", "Nordgarden", "Kongsveien 1B"), "0001", "OSLO"),
        ),
        (
            "bostedsadresse",
            {"matrikkeladresse": NORDGARDEN},
            Registeradresse(("c/o Berg", "Nordgarden", "Gnr. 12, bnr. 3, undernr. 2"), "2500", "TYNSET"),
        ),
        (
            "postadresse",
            {"postboksadresse": {"postbokseier": "Berg AS", "postboks": "12", "poststed": PLACE}},
            Registeradresse(("Berg AS", "Postboks 12"), "2500", "TYNSET"),
        ),
        (
            "postadresse",
            {"postboksadresse": {"postboks": "Postboks 12", "poststed": PLACE}},
            Registeradresse(("Postboks 12",), "2500", "TYNSET"),
        ),
        ("postadresse", {"vegadresse": ROAD}, AT_HOME),
        (
            "postadresse",
            {"postadresseIFrittFormat": {"adresselinje": ["Sykehuset", None, "Rom 2"], "poststed": PLACE}},
            Registeradresse(("Sykehuset", "Rom 2"), "2500", "TYNSET"),
        ),
        (
            "postadresseIUtlandet",
            {"utenlandskAdresse": STOCKHOLM},
            Registeradresse(
                ("c/o Lind", "Storgatan 1, 3, 12", "P.O. Box 77, Södermanland"),
                "11122",
                "STOCKHOLM",
                "Sverige",
            ),
        ),
        (
            "postadresseIUtlandet",
            {"utenlandskAdresseIFrittFormat": {"adresselinje": ["Calle 1"], "landkode": "ESP"}},
            Registeradresse(("Calle 1",), "", "", "Spania"),
        ),
        (
            "oppholdsadresse",
            {"utenlandskAdresse": {"adressenavn": "Storgatan 1", "landkode": "SE"}},
            Registeradresse(("Storgatan 1",), "", "", "Sverige"),
        ),
        ("oppholdsadresse", {"adressenErUkjent": True}, None),
        ("bostedsadresse", {"ukjentBosted": {"bostedskommune": "3427"}}, None),
    ],
)
def test_an_address_is_read_in_every_shape_it_is_written_in(
    kind: str, shape: dict[str, Any], expected: Registeradresse | None
) -> None:
    assert read(**{kind: [OPEN | shape]}).adresse == expected


NOTHING = OPEN | {"postadresseIFrittFormat": {"adresselinje": [None, ""], "poststed": {}}}
STAYS = OPEN | {"vegadresse": ROAD | {"adressenavn": "Hytteveien"}}


@pytest.mark.parametrize(
    "document",
    [
        {"postadresse": [NOTHING], "bostedsadresse": [HOME], "oppholdsadresse": [STAYS]},
        {"postadresse": [NOTHING, HOME], "oppholdsadresse": [STAYS]},
        {"postadresseIUtlandet": [OPEN | {"utenlandskAdresse": {}}], "bostedsadresse": [HOME]},
        {"bostedsadresse": [OPEN | {"ukjentBosted": {}}], "oppholdsadresse": [HOME]},
        {"kontaktinformasjonForDoedsbo": [{"person": {"personnavn": {}}}], "bostedsadresse": [HOME]},
    ],
)
def test_where_one_address_gives_nothing_the_next_is_read(document: dict[str, Any]) -> None:
    assert read(**document).adresse == AT_HOME


BERG = {"fornavn": "Ola", "mellomnavn": "Moen", "etternavn": "Berg"}


@pytest.mark.parametrize(
    ("contact", "who"),
    [
        ({"person": {"personnavn": BERG}}, "c/o Ola Moen Berg"),
        ({"person": {"foedselsEllerDNummer": DNR}}, None),
        ({"advokat": {"personnavn": BERG}}, "c/o Ola Moen Berg"),
        (
            {"advokat": {"personnavn": BERG, "organisasjonsnavn": "Berg & co"}},
            "c/o Berg & co v/Ola Moen Berg",
        ),
        ({"organisasjon": {"organisasjonsnavn": "Lillevik Bank"}}, "c/o Lillevik Bank"),
        (
            {"organisasjon": {"organisasjonsnavn": "Lillevik Bank", "kontaktpersonnavn": BERG}},
            "c/o Lillevik Bank v/Ola Moen Berg",
        ),
    ],
)
def test_an_estate_is_written_to_by_whoever_looks_after_it(contact: dict[str, Any], who: str | None) -> None:
    address = {"adresselinje": ["Torget 2"], "postnummer": "2500", "poststedsnavn": "TYNSET"}
    lines = (who, "Torget 2") if who else ("Torget 2",)
    for landkode, land in (("NOR", None), ("SWE", "Sverige")):
        found = read(
            kontaktinformasjonForDoedsbo=[contact | {"adresse": address | {"landkode": landkode}}],
            bostedsadresse=[HOME],
        )
        assert found.adresse == Registeradresse(lines, "2500", "TYNSET", land)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((str(status), status) for status in Personstatus),
        ("en ny status", Personstatus.UKJENT),
        (None, Personstatus.UKJENT),
    ],
)
def test_the_page_says_bosatt_only_of_who_is(code: str | None, status: Personstatus) -> None:
    person = read(status=[{"status": code}] if code else [], navn=[{"etternavn": "Berg"}])
    assert person.status is status
    shown = ("Status", "Bosatt i Norge") in answers.of_person(person_for_display(person)).ledd
    assert shown is (status is Personstatus.BOSATT)


def test_every_status_has_its_own_text() -> None:
    assert set(PERSONSTATUSER) == set(Personstatus)
    assert len(set(PERSONSTATUSER.values())) == len(Personstatus)


def test_who_has_a_date_of_death_is_dead_whatever_the_status_says() -> None:
    assert read(status=[{"status": "bosatt"}], doedsfall=[{}]).status is Personstatus.DOED
    annulled = [{"erGjeldende": False, "doedsdato": "2026-01-01"}]
    assert read(status=[{"status": "bosatt"}], doedsfall=annulled).status is Personstatus.BOSATT


def test_a_property_that_comes_as_one_row_and_no_list_is_read_as_its_row() -> None:
    assert read(doedsfall={"doedsdato": "2026-01-01"}).status is Personstatus.DOED
    assert read(doedsfall={"doedsdato": "2026-01-01", "erGjeldende": False}).status is Personstatus.UKJENT
    person = read(
        status={"status": "bosatt"},
        navn={"etternavn": "Berg"},
        adressebeskyttelse={"graderingsnivaa": "strengtFortrolig"},
        bostedsadresse=HOME,
    )
    assert (person.status, person.etternavn) == (Personstatus.BOSATT, "Berg")
    assert person.adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG
    assert person.adresse == AT_HOME
    assert numbers_of({"identifikasjonsnummer": {"foedselsEllerDNummer": FNR}}) == [FNR]


def test_a_person_is_told_by_the_number_they_were_asked_about_by_and_has_all_their_numbers() -> None:
    numbers = [
        {"foedselsEllerDNummer": FNR, "status": "iBruk"},
        {"foedselsEllerDNummer": DNR, "status": "opphoert"},
    ]
    assert read_person(DNR, {"identifikasjonsnummer": numbers}).fnr == DNR
    assert numbers_of({"identifikasjonsnummer": numbers}) == [FNR, DNR]


@pytest.mark.parametrize(
    ("code", "name"), [("SWE", "Sverige"), ("SE", "Sverige"), ("ESP", "Spania"), ("??", "??")]
)
def test_a_country_is_named_in_norwegian(code: str, name: str) -> None:
    assert country(code) == name
