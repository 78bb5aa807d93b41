"""Formats and computed values of a letter."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from fiks.utsending.brev import FORMATER, BrevFeil
from fiks.utsending.brev.language.formats import is_present, parse_number, parse_ore
from fiks.utsending.brev.language.values import Brevverdier, clean_value, country_line
from tests.unit.brev.letters import NBSP, given_rows, lillevik, mailing, row


def values(malform: str = "nb", **changes: str) -> Brevverdier:
    return Brevverdier(row(**changes), mailing(), malform)


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("belop", "14480,00", f"14{NBSP}480"),
        ("belop", "3999,75", f"3{NBSP}999,75"),
        ("belop", "2610000", f"2{NBSP}610{NBSP}000"),
        ("belop", "0,00", "0"),
        ("belop", "-12,5", "−12,50"),
        ("dato", "31.03.2027", "31.03.2027"),
        ("dato", "2027-03-31", "31.03.2027"),
        ("dato", "1.2.2027", "01.02.2027"),
        ("kontonummer", "99990212348", "9999.02.12348"),
        ("kontonummer", "9999.02.12348", "9999.02.12348"),
        ("promille", "3,1", f"3,1{NBSP}‰"),
        ("promille", "3.10", f"3,1{NBSP}‰"),
        ("promille", "10", f"10{NBSP}‰"),
        ("eiendom", "9901-103/421/0/0", f"gnr.{NBSP}103, bnr.{NBSP}421"),
        ("eiendom", "103/421/5/12", f"gnr.{NBSP}103, bnr.{NBSP}421, fnr.{NBSP}5, snr.{NBSP}12"),
    ],
)
def test_a_value_is_written_as_norwegian_letters_do(form: str, value: str, expected: str) -> None:
    assert FORMATER[form][0](value) == expected


@pytest.mark.parametrize(
    ("form", "value"),
    [("belop", "mye"), ("belop", "1e9"), ("dato", "31.06.2027"), ("dato", "46477"), ("kontonummer", "123")]
    + [("promille", "tre"), ("eiendom", "103-421"), ("belop", "NaN"), ("belop", "1" * 40)],
)
def test_a_value_that_is_none_of_its_kind_is_refused(form: str, value: str) -> None:
    with pytest.raises(ValueError, match="not|range"):
        FORMATER[form][0](value)


@pytest.mark.parametrize("value", ["", " ", "0", "0,00", "0.0", "-0", "000", NBSP])
def test_empty_and_zero_hide_a_condition(value: str) -> None:
    assert not is_present(value)


@pytest.mark.parametrize("value", ["1", "0,01", "x", "nei", "0 kr", "00a"])
def test_anything_else_shows_it(value: str) -> None:
    assert is_present(value)


def test_the_tax_base_is_takst_times_factor_minus_bunnfradrag() -> None:
    computed = values(takst="6677371", bunnfradrag="600000", reduksjonsfaktor="0,7")

    assert computed["takst_70"] == "4674159,70"
    assert computed["skattegrunnlag"] == "4074159,70"
    assert computed["reduksjon_prosent"] == "70"


def test_the_tax_base_is_never_below_zero() -> None:
    assert values(takst="610000", bunnfradrag="22200000")["skattegrunnlag"] == "0,00"


def test_the_computed_base_gives_the_tax_of_every_given_row() -> None:
    for given in given_rows():
        base = parse_ore(Brevverdier(given, mailing(), "nb")["skattegrunnlag"])
        tax = Decimal(base) / 100 * parse_number(given["skattesats_promille"]) / 1000
        assert int(tax.quantize(Decimal(1), ROUND_HALF_UP)) * 100 == parse_ore(given["skatt_aar"])


def test_the_terms_of_every_given_row_add_up_to_its_tax() -> None:
    for given in given_rows():
        terms = Brevverdier(given, mailing(), "nb").items("terminliste")
        assert len(terms) == int(given["terminer"])
        assert sum(parse_ore(term["belop"]) for term in terms) == parse_ore(given["skatt_aar"])
        assert all(term["forfall"] for term in terms)


def test_the_last_term_gets_its_own_amount_and_is_told_to_differ() -> None:
    computed = values(terminer="3", belop_termin="100,33", belop_siste_termin="100,34")

    assert [(t["nr"], t["forfall"], t["belop"]) for t in computed.items("terminliste")] == [
        ("1", "31.03.2027", "100,33"),
        ("2", "30.06.2027", "100,33"),
        ("3", "30.09.2027", "100,34"),
    ]
    assert computed["siste_termin_avviker"] == "ja"
    assert values()["siste_termin_avviker"] == ""


@pytest.mark.parametrize(
    ("termin", "siste", "avviker"),
    [
        ("100,00", "", ""),
        ("100,00", "100,00", ""),
        ("100,00", "0,00", "ja"),
        ("", "100,00", "ja"),
        ("", "", ""),
    ],
)
def test_the_last_term_differs_if_its_amount_is_another(termin: str, siste: str, avviker: str) -> None:
    computed = values(terminer="2", belop_termin=termin, belop_siste_termin=siste)

    assert computed["siste_termin_avviker"] == avviker
    assert (len({term["belop"] for term in computed.items("terminliste")}) > 1) == (avviker == "ja")


@pytest.mark.parametrize("terminer", ["5", "1,5", "-1", "fire"])
def test_a_number_of_terms_that_cannot_be_is_refused(terminer: str) -> None:
    with pytest.raises(BrevFeil) as refused:
        values(terminer=terminer).items("terminliste")

    assert (refused.value.kode, refused.value.felt) == ("VERDI_UGYLDIG", "terminer")


@pytest.mark.parametrize(
    ("sendt", "frist"),
    [
        (date(2027, 2, 1), "12.04.2027"),
        (date(2027, 2, 22), "12.04.2027"),
        (date(2027, 2, 23), "13.04.2027"),
        (date(2027, 3, 1), "19.04.2027"),
        (date(2027, 3, 8), "26.04.2027"),
    ],
)
def test_klagefrist_is_six_weeks_from_the_later_of_announcement_and_a_week_after_the_letters_date(
    sendt: date, frist: str
) -> None:
    """Announced on 1 March; a letter may leave some days later than its date (ADR 0036)."""
    assert Brevverdier(row(), mailing(sendt=sendt), "nb")["klagefrist"] == frist


def test_the_list_is_open_for_three_weeks() -> None:
    assert values()["ettersyn_til"] == "22.03.2027"


def test_without_announcement_there_is_no_deadline_to_print() -> None:
    computed = Brevverdier(row(), mailing(kunngjort=None), "nb")

    assert (computed["klagefrist"], computed["ettersyn_til"], computed["kunngjort"]) == ("", "", "")


def test_an_empty_part_of_the_property_number_is_zero() -> None:
    assert values(gnr="59", bnr="627", festenr="9", seksjonsnr="")["eiendom_lang"] == "9901-59/627/9/0"
    assert values(gnr="")["eiendom_lang"] == ""


def test_a_property_is_not_named_without_the_number_of_its_municipality() -> None:
    nowhere = Brevverdier(row(gnr="59", bnr="627"), mailing(lillevik(kommunenr="")), "nb")
    assert nowhere["eiendom_lang"] == ""


@pytest.mark.parametrize(
    ("fnr", "orgnr", "label", "value"),
    [
        ("21859130493", "", "Fødselsnr.", "21859130493"),
        ("", "225840792", "Org.nr.", "225840792"),
        ("", "", "", ""),
    ],
)
def test_the_id_has_the_right_label_or_none(fnr: str, orgnr: str, label: str, value: str) -> None:
    computed = values(fnr=fnr, orgnr=orgnr)

    assert (computed["id_label"], computed["id_verdi"]) == (label, value)


def test_words_follow_the_malform_and_the_number() -> None:
    assert values(eiendomstype="fritidsbolig")["eiendomstype_navn"] == "fritidsbolig"
    assert values("nn", eiendomstype="fritidsbolig")["eiendomstype_navn"] == "fritidsbustad"
    assert values("nn", eiendomstype="bolig")["eiendomstype_navn"] == "bustad"
    assert values(boenheter="1")["boenheter_tekst"] == f"1{NBSP}boenhet"
    assert values("nn", boenheter="18")["boenheter_tekst"] == f"18{NBSP}bueiningar"
    assert values("nn", terminer="4")["terminer_tekst"] == f"4{NBSP}terminar"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("", ""), ("A", "A"), ("A; B", "A og B"), ("A;B ; C", "A, B og C")],
)
def test_other_owners_are_joined_as_a_sentence(cell: str, expected: str) -> None:
    assert values(medeiere=cell)["medeiere_tekst"] == expected


@pytest.mark.parametrize(
    ("land", "expected"),
    [
        ("", ""),
        ("NO", ""),
        ("Norge", ""),
        ("Noreg", ""),
        ("Tyskland", "TYSKLAND"),
        ("DE", "TYSKLAND"),
        ("se", "SVERIGE"),
        ("XX", "XX"),
    ],
)
def test_the_country_stands_in_capitals_and_norway_not_at_all(land: str, expected: str) -> None:
    assert country_line(values(land=land)) == expected


def test_white_space_is_collapsed_and_no_break_spaces_are_kept() -> None:
    assert clean_value(f" Ola\t\n Nord{NBSP}mann ", "navn") == f"Ola Nord{NBSP}mann"


@pytest.mark.parametrize(
    "value", ["Ola \u00adNord \u00ad", "\u00adOla\u2028Nord", "O\u00adla\u2029 Nord", "Ola \u00ad Nord"]
)
def test_a_value_stands_on_one_line_and_is_not_hyphenated(value: str) -> None:
    assert clean_value(value, "navn") == "Ola Nord"


def test_a_letter_and_its_combining_mark_become_one() -> None:
    assert clean_value("A\u030ase", "navn") == "Åse"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x9f", "\ud800", "\uffff"])
def test_a_sign_that_cannot_be_drawn_is_refused_without_repeating_the_value(sign: str) -> None:
    with pytest.raises(BrevFeil) as refused:
        clean_value(f"Hemmelig{sign}navn", "navn")

    assert (refused.value.kode, refused.value.felt) == ("TEGN_UGYLDIG", "navn")
    assert "Hemmelig" not in repr(refused.value)
