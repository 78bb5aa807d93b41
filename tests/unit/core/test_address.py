import pytest
from babel import Locale

from fiks.core.values.address import (
    EUROPA,
    Adresse,
    Portosone,
    country_code,
    country_line,
    is_known_country,
    postal_zone,
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


@pytest.mark.parametrize("land", ["", " ", "NO", "no", "NOR", "Norge", "Noreg", "NORWAY", "SJ", "Svalbard"])
def test_a_letter_within_norway_has_no_line_for_the_country(land):
    assert country_line(land) == ""


@pytest.mark.parametrize(
    ("land", "line"),
    [
        ("DE", "TYSKLAND"),
        ("gb", "STORBRITANNIA"),
        (" se ", "SVERIGE"),
        ("DEU", "TYSKLAND"),
        ("USA", "USA"),
        ("XK", "KOSOVO"),
        ("CD", "KONGO-KINSHASA"),
        ("CG", "KONGO-BRAZZAVILLE"),
    ],
)
def test_a_country_code_is_written_out_in_capitals(land, line):
    assert country_line(land) == line


@pytest.mark.parametrize(
    ("land", "line"),
    [
        ("España", "ESPAÑA"),
        ("Tyskland", "TYSKLAND"),
        ("Great  Britain\n", "GREAT BRITAIN"),
        ("Åland", "ÅLAND"),
    ],
)
def test_a_country_that_is_written_as_a_name_keeps_it(land, line):
    assert country_line(land) == line


@pytest.mark.parametrize(("land", "line"), [("XX", "XX"), ("zz", "ZZ"), ("Utopia", "UTOPIA")])
def test_a_country_nobody_knows_stays_as_it_is(land, line):
    assert country_line(land) == line


def test_what_a_code_is_written_out_as_is_a_name_of_that_country_and_no_code():
    codes = {code for code in Locale("nb").territories if is_known_country(code) and code.isalpha()}
    written = {code: country_line(code) for code in codes if country_line(code)}

    assert len(written) > 240
    assert {code for code, line in written.items() if country_code(line) != code} == set()
    assert {line for line in written.values() if len(line) <= 3} == {"USA"}


def test_an_address_never_prints_itself():
    assert "Gate" not in repr(Adresse("Ola", "Gate 1")) + str(Adresse("Ola", "Gate 1"))
