import pytest
from babel import Locale

from fiks.core.address import (
    EUROPA,
    Adresse,
    Portosone,
    country_code,
    is_known_country,
    postal_zone,
    print_lines,
)


@pytest.mark.parametrize(
    "land",
    [
        "",
        " ",
        None,
        "Norge",
        "NORGE",
        "norge",
        "NO",
        "no",
        "NOR",
        "Noreg",
        "Norway",
        "Norga",
        "Svalbard",
        "SJ",
        "Norge ",
    ],
)
def test_every_spelling_of_norway_takes_norwegian_postage(land):
    assert postal_zone(land) is Portosone.NORGE
    assert is_known_country(land)


SPELLINGS = """
Sverige SVERIGE sverige SE SWE Sweden Danmark Denmark Tyskland Deutschland Germany DE Spania España Espana Spain
Storbritannia UK U.K. GB England Scotland Suomi Finland Österreich Østerrike Austria Polen Polska Hellas Ελλάδα
Frankrike Sveits Suisse Schweiz Svizzera Ísland Island Færøyene Føroyar Grønland Tyrkia Türkiye Россия Holland
Nederland Kosovo Україна Eesti Magyarország Česko Kroatia Hrvatska Irland Éire Kypros Malta
"""


@pytest.mark.parametrize("land", SPELLINGS.split())
def test_a_european_country_is_known_by_norwegian_english_and_own_name_and_by_code(land):
    assert postal_zone(land) is Portosone.EUROPA
    assert is_known_country(land)


@pytest.mark.parametrize("land", ["Great Britain", "The Netherlands", "Northern  Ireland", "Nord-Makedonia"])
def test_names_of_several_words_are_known(land):
    assert postal_zone(land) is Portosone.EUROPA


@pytest.mark.parametrize(
    "land",
    [
        "USA",
        "U.S.A.",
        "US",
        "Forente stater, De",
        "Thailand",
        "Canada",
        "Brasil",
        "Japan",
        "Australia",
        "Ny-Caledonia",
    ],
)
def test_the_rest_of_the_world_takes_world_postage(land):
    assert postal_zone(land) is Portosone.VERDEN


@pytest.mark.parametrize("land", ["Langtvekkistan", "Norgge", "5430", "150", "x", "EU", "Europa", "ZZ", "-"])
def test_an_unknown_country_is_told_and_takes_world_postage(land):
    assert not is_known_country(land)
    assert postal_zone(land) is Portosone.VERDEN


def test_every_name_in_norwegian_and_english_leads_back_to_its_country():
    wrong = {
        (language, name)
        for language in ("nb", "nn", "en")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha() and is_known_country(code) and country_code(name) != code
    }
    assert wrong == set()


def test_every_code_of_the_europe_zone_is_a_country():
    assert {code for code in EUROPA if country_code(code) != code} == set()


def test_a_norwegian_address_has_postnr_and_poststed_on_one_line_and_no_country():
    adresse = Adresse("Oppriktig Tyttebær", "Sjøstjernebakken 140", "", "", "5430", "BREMNES", "Norge")
    assert print_lines(adresse) == ["Oppriktig Tyttebær", "Sjøstjernebakken 140", "5430 BREMNES"]


def test_a_foreign_address_ends_with_the_country_in_capitals():
    adresse = Adresse("Ola", "c/o Kari", "Teststrasse 3", "Hinterhaus", "10115", "Berlin", "Tyskland")
    assert print_lines(adresse) == [
        "Ola",
        "c/o Kari",
        "Teststrasse 3",
        "Hinterhaus",
        "10115 Berlin",
        "TYSKLAND",
    ]


def test_a_foreign_address_without_postnr_leaves_no_blank():
    assert print_lines(Adresse("Ola", "1 Main St", poststed="Duluth, MN 55802", land="USA")) == [
        "Ola",
        "1 Main St",
        "Duluth, MN 55802",
        "USA",
    ]


@pytest.mark.parametrize(
    ("land", "line"),
    [("DE", "TYSKLAND"), ("gb", "STORBRITANNIA"), ("España", "ESPAÑA"), ("Utopia", "UTOPIA")],
)
def test_a_country_code_is_written_out_and_a_name_is_kept(land, line):
    assert print_lines(Adresse("Ola", "Gate 1", poststed="By", land=land))[-1] == line


def test_no_field_can_make_a_line_of_its_own_or_an_empty_one():
    adresse = Adresse("Ola\nNordmann", " ", "Gate\r\n1", "\t", "0150\u00a0", " OSLO", "")
    assert print_lines(adresse) == ["Ola Nordmann", "Gate 1", "0150 OSLO"]


def test_an_address_never_prints_itself():
    assert "Gate" not in repr(Adresse("Ola", "Gate 1")) + str(Adresse("Ola", "Gate 1"))
