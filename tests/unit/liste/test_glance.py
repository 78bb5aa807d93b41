"""A row that is right at a glance is one the rules have nothing to say about, with the values they would give."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fiks.utsending.liste.columns import ALLE, KOLONNER
from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.rules.fast_path import CELL_SEPARATOR, FastPath
from fiks.utsending.liste.rules.row import check_and_normalise
from fiks.utsending.liste.source.reader import read_list
from testmiljo.folders import LILLEVIK
from tests.unit.liste.lists import FNR, ORGNR, row

OWN = "Egen kolonne"
ODD = (
    'abÅÃ¸â€†‘’”…›ŒŸ¾1 ?=+-@#;.,\t\n\r\x0b\x1c\x1f\x7f\x85\xa0\u2003\u200b\u3000\ufeff\ufffd\u202e\ue000＝"\\'
)
TEXTS = st.text(st.sampled_from(ODD), max_size=5)
WRITTEN = st.sampled_from(
    """1234,50|1 234,5|1.234|1234.5|1678,005|1678.001|6712,004|0,7000001|0,70|007|1,005|-5|kr 1234,-|2100|2101|1899
    |31.03.2027|1.3.2027|2027-03-31|30.06.2027
    |31.06.2027|46477|Storgata 1|KARI NORDMANN|nn|NB|Bokmål|se|0580|5430|BREMNES|bremnes|N-5430|667|Sverige|NO|Norge
    |3.125|.7|.50|1.000|kr.7|Kj‘r|B’RUM|O’Brien
    |Langtvekkistan|20270000241013|20270000241014|5-|9999.02.12348|99990212348|99990212341|4|3|5|0|EISK-2027|D’Lun
    |eyJhbGci.x.y|Bearer abc|3.º B|«Blåbær»""".replace("\n    ", "").split("|")
) | st.sampled_from([FNR, FNR[:-1], f"{FNR[:6]} {FNR[6:]}", ORGNR, f"SAK-{FNR}", "A" * 71, "A" * 101])
CELLS = st.one_of(st.just(""), WRITTEN, TEXTS, st.builds(lambda a, b: a + b, WRITTEN, TEXTS))
NAMES = [kolonne.felt for kolonne in KOLONNER]


def agree(rad: Rad) -> bool:
    """Whether the row is right at a glance; then the rules must agree."""
    values = FastPath(list(rad.verdier)).values(rad)
    if values is None:
        return False
    assert check_and_normalise(rad) == ([], dict(zip(rad.verdier, values, strict=True)))
    assert not any(CELL_SEPARATOR in value for value in values)
    return True


@given(st.dictionaries(st.sampled_from([*ALLE, OWN]), CELLS, max_size=3), st.sets(st.sampled_from(NAMES)))
@example({"kid": "2027000024101300"}, {"kid"})
@example({"navn": "Ã", "adresselinje1": "¸"}, set())
@example({"belop_siste_termin": "1678,01"}, set())
@example({"belop_termin": "1678,004"}, set())
def test_what_passes_at_a_glance_passes_every_rule(changes: dict[str, str], numbers: set[str]) -> None:
    agree(row(sorted(numbers), **changes))


@given(st.dictionaries(st.sampled_from([*ALLE, OWN]), CELLS))
def test_so_it_is_in_a_list_with_few_columns(values: dict[str, str]) -> None:
    agree(Rad(2, 2, values))


@pytest.mark.parametrize("name", ["eiendomsskatt.csv", "eiendomsskatt_feil.csv", "eiendomsskatt.xlsx"])
def test_of_the_given_lists_every_row_that_is_right_is_so_at_a_glance(name: str) -> None:
    rows = list(read_list(LILLEVIK / name, name).rader)
    right = [rad for rad in rows if not check_and_normalise(rad)[0]]
    assert right
    assert [rad for rad in rows if agree(rad)] == right


@pytest.mark.parametrize(
    "changes",
    [
        {"navn": "D'EKTE-RASK O’FLØYTE"},
        {"navn": "Čáppa Guovža"},
        {"navn": 'Sameiet "Blåbær" \\ 2'},
        {"navn": "D’Souza og Hansen’s Bil AS …"},
        {
            "adresselinje1": "Calle de Prueba 12, 3.º B",
            "land": "Spania",
            "postnr": "03001",
            "poststed": "ALICANTE",
        },
        {"land": "Danmark", "postnr": "2100", "poststed": "KØBENHAVN Ø"},
        {"adresselinje2": "-"},
        {"poststed": "bremnes", "land": "NORGE"},
        {"kontonummer": "9999.02.12348", "malform": "NN"},
        {"forfall1": "2027-03-31", "forfall2": "30/06/2027"},
        {"skatt_aar": "6\u00a0712,00", "takst": "3.950.000"},
        {"belop_siste_termin": ""},
        {"bunnfradrag": "", "takst": "3092857"},
        {"reduksjonsfaktor": "1,0", "takst": "2765000"},
        {"fnr": "", "orgnr": ORGNR},
        {"fnr": ""},
        {OWN: "Ring først?"},
        {OWN: "lang " * 20 + "tekst"},
    ],
)
def test_what_real_lists_have_is_right_at_a_glance(changes: dict[str, str]) -> None:
    assert agree(row(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"navn": "Ã…SE NORDMANN"},
        {"navn": "K?RE NORDMANN"},
        {"adresselinje1": "B?kkeveien 1"},
        {"eiendomsadresse": "B?kkeveien 1"},
        {"adresselinje1": "Gata  1"},
        {"adresselinje1": "Gata 1 "},
        {"gnr": "27\x1c"},
        {"skatteaar": "1899"},
        {"skatteaar": "2101"},
        {"navn": "BJØRN Œ"},
        {"navn": "BÆRUM B’RUM"},
        {"adresselinje1": "Kj‘rlighetsstien 1"},
        {"adresselinje2": "Voil…s"},
        {"skattesats_promille": "3.125"},
        {"reduksjonsfaktor": "1.000"},
        {"reduksjonsfaktor": ".7"},
        {"belop_termin": ".50"},
        *({"adresselinje2": text} for text in ("=cmd", "+1(2)", "-1|2", "@SUM", "#N/A", "########")),
        *({OWN: text} for text in ("=cmd", "+1(2)", "#N/A", "a\nb", "a\x7fb", "BodÃ¸")),
    ],
)
def test_what_a_rule_has_something_to_say_about_is_not(changes: dict[str, str]) -> None:
    assert not agree(row(**changes))


def test_a_row_with_shifted_columns_is_not() -> None:
    rad = row()
    shifted = Rad(rad.rad, rad.linje, rad.verdier, forskjovet={"medeiere": ["a", "b"]})
    assert FastPath(list(rad.verdier)).values(shifted) is None


def test_a_list_without_names_has_no_row_that_is() -> None:
    assert FastPath(["adresselinje1"]).values(Rad(2, 2, {"adresselinje1": "Gata 1"})) is None
