"""Headers that could mean two things: Fnr beside gnr and bnr, an address twice, the owner's address beside another."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiks.utsending.brev.fields import FASTE, Kilde
from fiks.utsending.liste.columns import ALLE, RESERVERT, value_names
from fiks.utsending.liste.reading import read_list
from tests.unit.liste.lists import FNR, text_file

PERSON = f"{FNR};"


def mapped(folder: Path, headers: str, *rows: str) -> dict[str, str]:
    """Field -> header, of a list with these headers and rows."""
    content = "\n".join([f"Navn;{headers}", *(f"OLA;{row}" for row in rows or [";" * headers.count(";")])])
    form = read_list(text_file(folder, content), "liste.csv").form
    return {felt: header for header, felt in form.kobling.items() if felt and felt != "navn"}


@pytest.mark.parametrize("called", ["Fnr", "F.nr.", "FNR", "f nr"])
@pytest.mark.parametrize("number", ["Fødselsnummer", "Fnr eier", "Fødselsnr/orgnr", "Personnummer"])
def test_beside_gnr_and_bnr_and_a_number_of_the_owner_fnr_is_the_festenummer(
    tmp_path: Path, called: str, number: str
) -> None:
    got = mapped(tmp_path, f"{number};Gnr;Bnr;{called};Snr", f"{FNR};1;2;;")
    assert got == {"fnr": number, "gnr": "Gnr", "bnr": "Bnr", "festenr": called, "seksjonsnr": "Snr"}


def test_so_the_owners_number_is_read(tmp_path: Path) -> None:
    content = f"Navn;Fødselsnummer;Gnr;Bnr;Fnr;Snr\nOLA;{FNR};1;2;;\n"
    (row,) = read_list(text_file(tmp_path, content), "liste.csv").rader
    assert (row.verdier["fnr"], row.verdier["festenr"]) == (FNR, "")


@pytest.mark.parametrize(
    ("headers", "row", "fnr", "festenr"),
    [
        ("Gnr;Bnr;Fnr;Fødselsnummer", f"1;2;{FNR};", "Fnr", None),
        ("Gnr;Bnr;Fnr;Fødselsnummer", f"1;2;{FNR[:10]};", "Fnr", None),
        ("Gnr;Bnr;Fnr;Fødselsnummer", f"1;2;14;{FNR}", "Fødselsnummer", "Fnr"),
        ("Gnr;Bnr;Fnr;Festenr;Fødselsnummer", "1;2;;;", "Fnr", "Festenr"),
        ("Fnr;Fødselsnummer", ";", "Fnr", None),
        ("Gnr;Bnr;Fnr;Snr", f"1;2;{FNR};", "Fnr", None),
        ("Gnr;Bnr;Fnr;Snr", "1;2;0;0", None, "Fnr"),
        ("Gnr;Bnr;Fnr;Snr", "1;2;14;", None, "Fnr"),
        ("Gnr;Bnr;Fnr;Snr", "1;2;;", "Fnr", None),
        ("Fnr", "14", "Fnr", None),
        ("Fnr;Gnr;Bnr;Festenr", f"{FNR};1;2;14", "Fnr", "Festenr"),
        ("Fnr;Gnr;Bnr;Fnr;Snr", f"{FNR};1;2;;", "Fnr", "Fnr (2)"),
        ("Gnr;Bnr;Fnr;Snr;Fnr", f"1;2;;;{FNR}", "Fnr (2)", "Fnr"),
        ("Gnr;Bnr;Fnr;Snr;Fnr", "1;2;;;", "Fnr (2)", "Fnr"),
        ("Fnr;Gnr;Bnr;Fnr;Snr", "14;1;2;;", "Fnr", "Fnr (2)"),
        ("Gnr;Bnr;Fnr;Snr;Fnr", f"1;2;{FNR};;14", "Fnr", "Fnr (2)"),
    ],
)
def test_what_stands_in_fnr_and_where_it_stands_says_which_it_is(
    tmp_path: Path, headers: str, row: str, fnr: str | None, festenr: str | None
) -> None:
    got = mapped(tmp_path, headers, row)
    assert (got.get("fnr"), got.get("festenr")) == (fnr, festenr)


def test_a_row_without_a_festenummer_does_not_hide_the_next(tmp_path: Path) -> None:
    assert mapped(tmp_path, "Gnr;Bnr;Fnr", "1;2;", "1;2;14")["festenr"] == "Fnr"
    assert mapped(tmp_path, "Gnr;Bnr;Fnr", "1;2;", f"1;2;{FNR}")["fnr"] == "Fnr"


@pytest.mark.parametrize("header", ["Adresse", "Postadresse", "c/o", "Forfall", "1. forfall"])
def test_a_number_we_have_put_to_a_header_says_nothing_of_what_it_is(tmp_path: Path, header: str) -> None:
    once, twice = mapped(tmp_path, header), mapped(tmp_path, f"{header};Gnr;{header};{header}")
    assert twice == once | {"gnr": "Gnr"}


def test_a_second_address_does_not_become_a_line_of_the_first(tmp_path: Path) -> None:
    content = "Navn;Adresse;Postnr;Poststed;Gnr;Bnr;Adresse\nOLA;Vegen 1;0580;OSLO;1;2;Hyttevegen 33\n"
    liste = read_list(text_file(tmp_path, content), "liste.csv")
    assert liste.form.ukjente == ("Adresse (2)",)
    (row,) = liste.rader
    assert (row.verdier["adresselinje1"], row.verdier["Adresse (2)"]) == ("Vegen 1", "Hyttevegen 33")


def test_a_number_that_stands_in_the_file_does(tmp_path: Path) -> None:
    assert mapped(tmp_path, "Adresse;Adresse (2)")["adresselinje2"] == "Adresse (2)"


@pytest.mark.parametrize("owners", ["Eiers adresse", "Eieradresse", "Adresse eier"])
@pytest.mark.parametrize("headers", ["Adresse;{}", "{};Adresse"])
def test_the_owners_address_goes_before_one_that_may_be_the_propertys(
    tmp_path: Path, headers: str, owners: str
) -> None:
    assert mapped(tmp_path, headers.format(owners)) == {"adresselinje1": owners}


def test_a_column_named_as_what_we_compute_has_a_name_of_its_own(tmp_path: Path) -> None:
    liste = read_list(text_file(tmp_path, "Navn;takst;skattegrunnlag\nOLA;2;1000000\n"), "liste.csv")
    assert liste.form.felter == ("navn", "takst", "skattegrunnlag (egen)")
    assert next(liste.rader).verdier["skattegrunnlag (egen)"] == "1000000"


def test_the_names_that_are_taken_are_those_of_the_columns_and_of_all_a_letter_has_besides() -> None:
    assert {felt.navn for felt in FASTE if felt.kilde is not Kilde.KOLONNE} | ALLE.keys() == RESERVERT


def test_values_have_the_same_names_wherever_they_are_asked_for() -> None:
    headers = ("navn", "Eier", "navn (egen)", "sendt")
    assert value_names(headers, {"Eier": "navn"}) == (
        "navn (egen) (egen)",
        "navn",
        "navn (egen)",
        "sendt (egen)",
    )
