"""What one row alone can tell: every rule with what breaks it, what mends it, and what it must leave alone."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.utsending.liste.columns import ALLE
from fiks.utsending.liste.findings import Alvorlighet, Rad
from fiks.utsending.liste.rules import row as rules_row
from fiks.utsending.liste.rules.payment import check_payment
from fiks.utsending.liste.rules.row import (
    check_and_normalise,
    check_row,
    normalise,
    proposed_repairs,
    worst_severity,
)
from fiks.utsending.liste.rules.text import check_text, is_plain
from fiks.utsending.liste.source.records import has_line_break
from fiks.utsending.liste.values import collapse_spaces, trim
from tests.unit.liste.lists import FNR, FNR_WITH_ZERO, ORGNR, findings, only, row

NO_DUE_DATES = dict.fromkeys(("forfall1", "forfall2", "forfall3", "forfall4"), "")
MISREAD = (
    *("K†re", "B›", "KŒre", "B¿", "B¾rum", "®RSTA", "Br¯nn¯y", "Garc¡a", "Kåre ‹Bø›", "MŸller"),
    *(
        "Kj‘r",
        "Bl†b‘r",
        "B’RUM",
        "S’THER",
        "FJ’RE",
        "Bj”rn",
        "Voil…s",
        "Andr‚",
        "H„gg",
        "Bø og Sean Oâ€™Brien",
        "OÂ’Brien",
    ),
)
"""Norwegian and other names from DOS, an old Mac and UTF-8, read as Windows-1252."""

MISREAD_UTF_8 = {
    "Sean Oâ€™Brien": "Sean O’Brien",
    "Nguyá»…n Thá»‹ Lá»™c": "Nguyễn Thị Lộc",
    "BjoÌˆrn Li": "Björn Li",
    "ÈšepeÈ™": "Țepeș",
    "Ð˜Ð²Ð°Ð½": "Иван",
    "Ã†rlig Ã˜gle": "Ærlig Øgle",
}
RIGHT = (
    *(
        "D’Souza",
        "Sean O’Brien",
        "N’Diaye",
        "Hansen’s Bil AS",
        "Rock’n’Roll AS",
        "Fish ‘n’ Chips",
        "O‘ktam",
        "Sa’d",
    ),
    *(
        "Kafé «Blå»",
        "Sameiet ”Fred”",
        "“BLÅ” …",
        "Hans…",
        "KLEPPØ–VIK",
        "MALMÖ–LUND",
        "BLÅ’S",
        "CAFÉ’S",
        "CAFÉ–BAR",
    ),
    *("Âge â la", "ALLÉ\u00a0A", "BØ\u00a0I TELEMARK", "TRÆ\u00a0AS", "Čáppa Guovža", "O´Brien"),
)


def test_the_example_row_has_no_findings() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"fnr": "11928512172"}, "fnr", "FNR_KONTROLLSIFFER"),
        ({"fnr": "119285"}, "fnr", "FNR_UGYLDIG"),
        ({"fnr": "1,19285E+10"}, "fnr", "FNR_VITENSKAPELIG"),
        ({"fnr": "1.192851E10"}, "fnr", "FNR_VITENSKAPELIG"),
        ({"orgnr": ORGNR}, "fnr", "FNR_OG_ORGNR"),
        ({"eksternref": f"SAK-{FNR}"}, "eksternref", "FNR_I_REFERANSE"),
        ({"eksternref": f"{FNR[:6]} {FNR[6:]}"}, "eksternref", "FNR_I_REFERANSE"),
        ({"konteringskode": FNR}, "konteringskode", "FNR_I_REFERANSE"),
        ({"fnr": ORGNR, "orgnr": FNR}, "fnr", "FNR_OG_ORGNR"),
        ({"fnr": "", "orgnr": "225840793"}, "orgnr", "ORGNR_UGYLDIG"),
        ({"navn": " "}, "navn", "NAVN_MANGLER"),
        ({"navn": "12345"}, "navn", "NAVN_UGYLDIG"),
        ({"navn": "A" * 101}, "navn", "NAVN_FOR_LANGT"),
        ({"adresselinje2": "B" * 71}, "adresselinje2", "LINJE_FOR_LANG"),
        ({"eksternref": "R" * 101}, "eksternref", "TEKST_FOR_LANG"),
        ({"navn": "=1+1"}, "navn", "FORMEL_INJEKSJON"),
        ({"adresselinje2": "＝cmd"}, "adresselinje2", "FORMEL_INJEKSJON"),
        ({"navn": "-2+3+cmd|' /C calc'!A0"}, "navn", "FORMEL_INJEKSJON"),
        ({"navn": "@SUM(1)"}, "navn", "FORMEL_INJEKSJON"),
        ({"belop_termin": "=1678"}, "belop_termin", "FORMEL_INJEKSJON"),
        ({"poststed": "#N/A"}, "poststed", "EXCEL_FEILVERDI"),
        ({"kid": "########"}, "kid", "EXCEL_FEILVERDI"),
        ({"navn": "OLA \u202eNNAM"}, "navn", "TEGN_UGYLDIG"),
        ({"postnr": "54301"}, "postnr", "POSTNR_UGYLDIG"),
        ({"postnr": "111 22"}, "postnr", "POSTNR_UGYLDIG"),
        ({"gnr": "27a"}, "gnr", "TALL_UGYLDIG"),
        ({"bnr": "1,5"}, "bnr", "TALL_UGYLDIG"),
        ({"skatteaar": "27"}, "skatteaar", "AAR_UGYLDIG"),
        ({"takst": "ukjent"}, "takst", "BELOP_UGYLDIG"),
        ({"belop_termin": "1678,005"}, "belop_termin", "BELOP_UGYLDIG"),
        *(
            ({"belop": text}, "belop", "BELOP_UGYLDIG")
            for text in ("1,250", "5,000", "kr 2,500", "1 250,000")
        ),
        ({"takst": "950,000"}, "takst", "BELOP_UGYLDIG"),
        ({"bunnfradrag": "600,000"}, "bunnfradrag", "BELOP_UGYLDIG"),
        ({"boenheter": "1,000"}, "boenheter", "TALL_UGYLDIG"),
        ({"belop_termin": ".50"}, "belop_termin", "BELOP_UGYLDIG"),
        ({"belop_termin": "-1678,00"}, "belop_termin", "BELOP_NEGATIVT"),
        ({"reduksjonsfaktor": ".7"}, "reduksjonsfaktor", "TALL_UGYLDIG"),
        ({"reduksjonsfaktor": "1.000"}, "reduksjonsfaktor", "TALL_UGYLDIG"),
        ({"reduksjonsfaktor": "70"}, "reduksjonsfaktor", "FAKTOR_UGYLDIG"),
        ({"reduksjonsfaktor": "70", "skattesats_promille": ""}, "reduksjonsfaktor", "FAKTOR_UGYLDIG"),
        ({"reduksjonsfaktor": "1,01", "takst": ""}, "reduksjonsfaktor", "FAKTOR_UGYLDIG"),
        ({"terminer": ""}, "terminer", "TERMINER_MANGLER"),
        ({"terminer": "0"}, "terminer", "TERMINER_MANGLER"),
        ({"terminer": "", "belop_termin": "", "belop_siste_termin": ""}, "terminer", "TERMINER_MANGLER"),
        ({"terminer": "", "skatt_aar": "0", "takst": ""}, "terminer", "TERMINER_MANGLER"),
        ({"skattesats_promille": "3.125"}, "skattesats_promille", "TALL_UGYLDIG"),
        ({"kid": "20270000241014"}, "kid", "KID_UGYLDIG"),
        ({"kontonummer": "99990212341"}, "kontonummer", "KONTONUMMER_UGYLDIG"),
        ({"forfall2": "31.06.2027"}, "forfall2", "DATO_UGYLDIG"),
        ({"forfall2": "snart"}, "forfall2", "DATO_UGYLDIG"),
        ({"konteringskode": "EISK 2027/1"}, "konteringskode", "KONTERINGSKODE_UGYLDIG"),
        ({"konteringskode": "K" * 21}, "konteringskode", "KONTERINGSKODE_UGYLDIG"),
    ],
)
def test_a_row_that_cannot_be_sent_has_exactly_this_error(
    changes: dict[str, str], field: str, code: str
) -> None:
    assert findings(**changes) == [(field, code, "feil")]


def test_a_line_break_is_no_part_of_a_konteringskode() -> None:
    [found] = check_payment(row(), {"konteringskode": "EISK-2027\n"}, set())
    assert (found.felt, found.kode) == ("konteringskode", "KONTERINGSKODE_UGYLDIG")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"navn": "?ÁPPA GUOVŽA"}, "navn", "TEGN_TAPT"),
        ({"adresselinje1": "B\ufffdkkeveien 1"}, "adresselinje1", "TEGN_TAPT"),
        ({"adresselinje1": "Bï¿½kkeveien 1"}, "adresselinje1", "TEGN_TAPT"),
        ({"Notat": "Bï¿½kkeveien 1"}, "Notat", "TEGN_TAPT"),
        *(({"navn": name}, "navn", "TEGN_TAPT") for name in MISREAD),
        ({"adresselinje2": "Kj‘rlighetsstien 1"}, "adresselinje2", "TEGN_TAPT"),
        ({"eiendomsadresse": "B›gata 1"}, "eiendomsadresse", "TEGN_TAPT"),
        ({"medeiere": "SNILL BILLE; P†L OTER"}, "medeiere", "TEGN_TAPT"),
        ({"poststed": "HAMMERFEST"}, "poststed", "POSTNR_POSTSTED_AVVIK"),
        ({"postnr": "0002"}, "postnr", "POSTNR_UKJENT"),
        ({"land": "Langtvekkistan"}, "land", "LAND_UKJENT"),
        ({"belop_siste_termin": "1678,01"}, "skatt_aar", "BELOP_STEMMER_IKKE"),
        ({"belop_siste_termin": "", "belop_termin": "9999,00"}, "skatt_aar", "BELOP_STEMMER_IKKE"),
        ({"belop_termin": "", "belop_siste_termin": "1678,00"}, "skatt_aar", "BELOP_STEMMER_IKKE"),
        ({"takst": "4950000"}, "skatt_aar", "SKATT_STEMMER_IKKE"),
        ({"bunnfradrag": ""}, "skatt_aar", "SKATT_STEMMER_IKKE"),
        ({"reduksjonsfaktor": ""}, "skatt_aar", "SKATT_STEMMER_IKKE"),
        ({"forfall4": ""}, "terminer", "TERMINER_STEMMER_IKKE"),
        ({"forfall1": "30.06.2027", "forfall2": "31.03.2027"}, "forfall1", "FORFALL_REKKEFOLGE"),
        ({"malform": "se"}, "malform", "MALFORM_UKJENT"),
    ],
)
def test_a_doubtful_row_gets_exactly_this_warning(changes: dict[str, str], field: str, code: str) -> None:
    assert findings(**changes) == [(field, code, "advarsel")]


@pytest.mark.parametrize(
    ("changes", "code", "repaired"),
    [
        ({"fnr": FNR_WITH_ZERO[1:]}, "FNR_LEDENDE_NULL", {"fnr": FNR_WITH_ZERO}),
        ({"fnr": f"{FNR[:6]}\u00a0{FNR[6:]}"}, "FNR_MELLOMROM", {"fnr": FNR}),
        ({"fnr": f"{FNR[:6]}-{FNR[6:]}"}, "FNR_MELLOMROM", {"fnr": FNR}),
        ({"fnr": f"{FNR} "}, "FNR_MELLOMROM", {"fnr": FNR}),
        ({"fnr": f"{FNR_WITH_ZERO[1:6]} {FNR_WITH_ZERO[6:]}"}, "FNR_LEDENDE_NULL", {"fnr": FNR_WITH_ZERO}),
        ({"fnr": ORGNR}, "KOLONNER_BYTTET", {"fnr": "", "orgnr": ORGNR}),
        ({"fnr": "", "orgnr": FNR}, "KOLONNER_BYTTET", {"fnr": FNR, "orgnr": ""}),
        ({"fnr": "", "orgnr": "NO 225 840 792 MVA"}, "ORGNR_MELLOMROM", {"orgnr": ORGNR}),
        ({"navn": "  RETTFERDIG TYTTEBÆR\u00a0 "}, "MELLOMROM_RUNDT", {"navn": "RETTFERDIG TYTTEBÆR"}),
        ({"konteringskode": "EISK-2027 "}, "MELLOMROM_RUNDT", {"konteringskode": "EISK-2027"}),
        ({"adresselinje1": "BodÃ¸veien 3"}, "TEGN_FEILKODET", {"adresselinje1": "Bodøveien 3"}),
        ({"adresselinje1": "BodÃƒÂ¸veien 3"}, "TEGN_FEILKODET", {"adresselinje1": "Bodøveien 3"}),
        ({"adresselinje1": "Storgata 1â€“3"}, "TEGN_FEILKODET", {"adresselinje1": "Storgata 1–3"}),
        *(({"navn": wrong}, "TEGN_FEILKODET", {"navn": right}) for wrong, right in MISREAD_UTF_8.items()),
        ({"navn": "OLA\r\nNORDMANN"}, "LINJESKIFT_I_FELT", {"navn": "OLA NORDMANN"}),
        ({"navn": "OLA\u2028NORDMANN"}, "LINJESKIFT_I_FELT", {"navn": "OLA NORDMANN"}),
        ({"medeiere": "SNILL BILLE\nRASK OTER"}, "LINJESKIFT_I_FELT", {"medeiere": "SNILL BILLE; RASK OTER"}),
        (
            {"adresselinje1": "c/o Snill Bille\nVottbakken 31"},
            "LINJESKIFT_I_FELT",
            {"adresselinje1": "c/o Snill Bille", "adresselinje2": "Vottbakken 31"},
        ),
        (
            {"adresselinje1": "Vottbakken 31\n5430 BREMNES", "postnr": "", "poststed": ""},
            "LINJESKIFT_I_FELT",
            {"adresselinje1": "Vottbakken 31", "postnr": "5430", "poststed": "BREMNES"},
        ),
        ({"postnr": "667", "poststed": "OSLO"}, "POSTNR_LEDENDE_NULL", {"postnr": "0667"}),
        ({"postnr": "10", "poststed": "Oslo"}, "POSTNR_LEDENDE_NULL", {"postnr": "0010"}),
        ({"postnr": "N-5430"}, "POSTNR_FORMAT", {"postnr": "5430"}),
        ({"postnr": "5430 BREMNES"}, "POSTNR_FORMAT", {"postnr": "5430", "poststed": "BREMNES"}),
        (
            {"postnr": "", "poststed": "5430 BREMNES"},
            "POSTNR_FORMAT",
            {"postnr": "5430", "poststed": "BREMNES"},
        ),
        (
            {"postnr": "BREMNES", "poststed": "5430"},
            "KOLONNER_BYTTET",
            {"postnr": "5430", "poststed": "BREMNES"},
        ),
        ({"poststed": ""}, "POSTSTED_MANGLER", {"poststed": "BREMNES"}),
        ({"kid": "2027 0000 2410 13"}, "KID_MELLOMROM", {"kid": "20270000241013"}),
        ({"forfall1": "46477"}, "DATO_EXCEL_SERIENUMMER", {"forfall1": "31.03.2027"}),
        ({"forfall1": "31.03.27"}, "DATO_FORMAT", {"forfall1": "31.03.2027"}),
    ],
)
def test_one_mechanical_repair_is_proposed_and_mends_the_row(
    changes: dict[str, str], code: str, repaired: dict[str, str]
) -> None:
    finding = only(**changes)
    assert (finding.kode, finding.alvorlighet, finding.reparert) == (code, Alvorlighet.AUTO, repaired)
    rad = row(**changes)
    mended = Rad(rad.rad, rad.linje, normalise(rad, proposed_repairs([finding])))
    assert check_row(mended) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"navn": "D'EKTE-RASK O’FLØYTE"},
        *({"navn": name} for name in RIGHT),
        {"Notat": "† B› ¾ Kj‘r"},
        {"navn": "ØREBEDØVENDE SYKKELSTYREBETREKK-HØYSPENTLEDNING MINORITETSLADNINGSBÆRERDIFFUSJON"},
        {"adresselinje2": "-"},
        {"adresselinje2": "Leil. H0203 (2. etasje)"},
        {"poststed": "bremnes"},
        {"land": "NORGE"},
        {"land": "Sverige", "postnr": "111 22", "poststed": "STOCKHOLM"},
        {"land": "USA", "postnr": "", "poststed": "PORTLAND OR 97201"},
        {"kontonummer": "9999.02.12348"},
        {"forfall1": "2027-03-31"},
        {"skatt_aar": "6 712,00"},
        *({"belop": amount} for amount in ("1 250,00", "1.250,00", "1250", "1250,5", "1.250", "0,50")),
        {"reduksjonsfaktor": "0,700", "skattesats_promille": "3,100"},
        {"belop_siste_termin": ""},
        {"belop_termin": "", "belop_siste_termin": ""},
        {"bunnfradrag": "", "takst": "3092857"},
        {"reduksjonsfaktor": "", "takst": "2765000"},
        {"reduksjonsfaktor": "1,0", "takst": "2765000"},
        {"skatt_aar": "", "terminer": "0", "belop_termin": "0,00", "belop_siste_termin": "", **NO_DUE_DATES},
        {"skatt_aar": ""},
        {"skatt_aar": "", "terminer": ""},
        {"malform": "NN"},
        {"fnr": ""},
        {"Telefon": "+4799999999"},
        {"Notat": "- ring først?\nsiden skriv"},
    ],
)
def test_what_real_lists_have_and_may_have_gives_no_finding(changes: dict[str, str]) -> None:
    assert findings(**changes) == []


def test_an_amount_that_cannot_be_read_hides_no_term_that_is_missing() -> None:
    assert findings(terminer="", belop_termin="1 678;00") == [
        ("belop_termin", "BELOP_UGYLDIG", "feil"),
        ("terminer", "TERMINER_MANGLER", "feil"),
    ]
    assert findings(terminer="fire") == [("terminer", "TALL_UGYLDIG", "feil")]


def test_three_digits_that_fit_no_norwegian_place_are_not_padded() -> None:
    assert findings(postnr="101", poststed="REYKJAVIK") == [("postnr", "POSTNR_UGYLDIG", "feil")]


def test_an_address_with_more_lines_than_the_window_is_an_error() -> None:
    for first in ("a\nb", "a\u2028b", "a\x85b"):
        changes = {"adresselinje1": first, "adresselinje2": "c\nd"}
        assert findings(**changes) == [("adresselinje1", "LINJESKIFT_I_FELT", "feil")]


def test_a_line_is_broken_where_it_is_split() -> None:
    cells = [f"a{sign}b" for sign in map(chr, range(sys.maxunicode + 1))]
    assert [cell for cell in cells if has_line_break(cell)] == [
        cell for cell in cells if cell.splitlines() != [cell]
    ]


@pytest.mark.parametrize("broken", ["Storgata 1\nPostboks 12", "Storgata 1\u2028Postboks 12"])
def test_a_broken_line_is_told_whatever_it_is_broken_by(broken: str) -> None:
    parts = {"adresselinje2": "Storgata 1", "adresselinje3": "Postboks 12"}
    assert only(adresselinje2=broken).reparert == parts
    changes = {"adresselinje1": "Gård\u2028Loftet", "adresselinje2": broken}
    assert findings(**changes) == [("adresselinje1", "LINJESKIFT_I_FELT", "feil")]


def test_a_kid_from_a_number_cell_with_more_digits_than_excel_keeps_is_lost() -> None:
    assert only(("kid",), kid="2027000024101300").kode == "KID_SIFRE_TAPT"


def test_a_date_from_a_number_cell_is_repaired_to_what_a_date_cell_holds() -> None:
    assert only(("forfall1",), forfall1="46477").reparert == {"forfall1": "2027-03-31"}


def test_a_row_with_shifted_columns_gets_that_finding_only() -> None:
    rad = Rad(
        50, 51, {"navn": "", "fnr": "x"}, forskjovet={"eiendomsadresse": ["Himmeltunet 105", " leil. H0302"]}
    )
    (finding,) = check_row(rad)
    assert (finding.felt, finding.kode, finding.alvorlighet) == (None, "KOLONNEFORSKYVNING", "feil")
    assert finding.verdi == {"eiendomsadresse": ["Himmeltunet 105", " leil. H0302"]}


def test_several_faults_in_one_row_are_all_told() -> None:
    got = findings(
        fnr=FNR_WITH_ZERO[1:], postnr="667", poststed="OSLO", kid="1", forfall2="31.06.2027", navn=" A "
    )
    assert {code for _, code, _ in got} == {
        "FNR_LEDENDE_NULL",
        "POSTNR_LEDENDE_NULL",
        "KID_UGYLDIG",
        "DATO_UGYLDIG",
        "MELLOMROM_RUNDT",
    }
    assert worst_severity(check_row(row(fnr=FNR_WITH_ZERO[1:], kid="1"))) == "feil"


def test_a_list_without_tax_columns_is_controlled_by_what_it_has() -> None:
    assert check_row(Rad(2, 2, {"navn": "OLA NORDMANN", "Avtalenr": "77"})) == []


def test_values_for_the_letter_are_spelled_in_one_way() -> None:
    rad = row(
        belop_termin="1 678",
        takst="3.950.000",
        forfall1="1.3.2027",
        malform="Nynorsk",
        kontonummer="9999.02.12348",
    )
    values = normalise(rad, {"navn": "OLA"})
    wanted = {
        "belop_termin": "1678,00",
        "takst": "3950000",
        "forfall1": "01.03.2027",
        "malform": "nn",
        "kontonummer": "99990212348",
        "navn": "OLA",
        "reduksjonsfaktor": "0,7",
    }
    assert {felt: values[felt] for felt in wanted} == wanted


def test_a_number_that_may_be_two_is_neither() -> None:
    values = normalise(row(skattesats_promille="3.125", reduksjonsfaktor=".7", takst="3.125"))
    assert [values[felt] for felt in ("skattesats_promille", "reduksjonsfaktor", "takst")] == [
        "3.125",
        ".7",
        "3125",
    ]


def test_english_thousands_are_neither_kroner_and_ore_nor_anything_else() -> None:
    values = normalise(row(belop="1,250", takst="950,000", belop_termin="1.250,00", skatt_aar="1 250"))
    wanted = {"belop": "1,250", "takst": "950,000", "belop_termin": "1250,00", "skatt_aar": "1250,00"}
    assert {felt: values[felt] for felt in wanted} == wanted


def test_an_own_column_keeps_its_value_as_it_is() -> None:
    assert normalise(row(Notat=" 1.000 kr\nneste  linje "))["Notat"] == "1.000 kr\nneste  linje"


def test_a_finding_never_shows_a_value_when_printed() -> None:
    finding = only(fnr="11928512172")
    assert "11928512172" not in repr(finding) + str(finding) + repr(row())


CELLS = st.text(
    st.sampled_from("aÅÃ¸†’…â€1 ?=+-@#;.,\t\n\r\x0b\x1c\x85\xa0\u2003\u200b\u3000\ufeff\ufffd\u202e\ue000＝"),
    max_size=6,
) | st.sampled_from(
    ["1234,50", "1 234,5", "31.03.2027", "Storgata 1", "KARI NORDMANN", "nn", FNR, "0580", "3.125"]
)
ROWS = st.dictionaries(st.sampled_from([*ALLE, "egen kolonne"]), CELLS)


@given(ROWS)
def test_a_plain_row_needs_no_closer_look(values: dict[str, str]) -> None:
    rad = Rad(2, 2, values)
    if is_plain(rad):
        assert check_text(rad) == []
        assert all(trim(value) == value == collapse_spaces(value) for value in values.values())


def test_no_white_space_but_single_blanks_is_plain() -> None:
    blank = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace() and chr(code) != " "]
    assert len(blank) > 20
    assert not any(is_plain(row(egen=f"a{character}b")) for character in blank)
    assert not any(is_plain(row(egen=text)) for text in ("a  b", " a", "a "))
    assert is_plain(row(egen="a b"))


@given(ROWS)
def test_the_short_way_gives_what_the_long_way_gives(values: dict[str, str]) -> None:
    rad = Rad(2, 2, values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules_row, "is_plain", lambda _: False)
        found = check_row(rad)
        wanted = found, normalise(rad, proposed_repairs(found))
    assert check_and_normalise(rad) == wanted
