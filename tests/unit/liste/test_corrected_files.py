"""The file of bad rows, corrected and read again: each cell is what it was in the first list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiks.utsending.liste.columns import ALLE, recognise, written_header
from fiks.utsending.liste.export import Eksportrad, write_csv, write_xlsx
from fiks.utsending.liste.findings import Alvorlighet
from fiks.utsending.liste.formula_injection import neutralise, undo_neutralise
from fiks.utsending.liste.source.reader import Liste, read_list
from tests.unit.liste.lists import FNR, FNR_WITH_ZERO, found, text_file

Write = Callable[[Path, Sequence[Eksportrad], Sequence[str]], Path]
HEADERS = ("Rad", "Alvorlighet", "Hva er galt")
OF_GUARDIAN = "Navn;Fnr;Foresatt;Foresatt fnr;Foresattes adresse;Postnr;Poststed"
TO_GUARDIAN = {
    "Navn": None,
    "Fnr": None,
    "Foresatt": "navn",
    "Foresatt fnr": "fnr",
    "Foresattes adresse": "adresselinje1",
}
GUARDIANS = f"OLA LITEN;{FNR};KARI STOR;{FNR_WITH_ZERO};Gata 1;0580;OSLO"


def as_csv(folder: Path, rows: Sequence[Eksportrad], columns: Sequence[str]) -> Path:
    path = folder / "feilliste.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, rows, columns, str, HEADERS)
    return path


def as_xlsx(folder: Path, rows: Sequence[Eksportrad], columns: Sequence[str]) -> Path:
    path = folder / "feilliste.xlsx"
    write_xlsx(path, rows, columns, str, HEADERS)
    return path


both_formats = pytest.mark.parametrize("write", [as_csv, as_xlsx])


def opened(path: Path, mapping: Mapping[str, str | None] | None = None) -> Liste:
    return read_list(path, path.name, mapping)


def corrected(folder: Path, liste: Liste, write: Write) -> Liste:
    """The list's rows as a file of bad rows, read as one that nothing is said about."""
    rows = [Eksportrad(rad.rad, Alvorlighet.FEIL, rad.verdier, ()) for rad in liste.rader]
    return opened(write(folder, rows, liste.form.felter))


def first(liste: Liste) -> dict[str, str]:
    return dict(next(liste.rader).verdier)


@both_formats
def test_a_letter_for_the_guardian_does_not_go_to_the_child(write: Write, tmp_path: Path) -> None:
    path = text_file(tmp_path, f"{OF_GUARDIAN}\r\n{GUARDIANS}\r\n")
    before = first(opened(path, TO_GUARDIAN))
    again = first(corrected(tmp_path, opened(path, TO_GUARDIAN), write))
    assert (again["navn"], again["fnr"]) == ("KARI STOR", FNR_WITH_ZERO)
    assert {name: again[name] for name in before} == before


@both_formats
@pytest.mark.parametrize(
    ("unused", "chosen", "felt"),
    [
        ("Beløp", "Restbeløp", "belop"),
        ("KID", "Vår KID", "kid"),
        ("Kontonummer", "Vårt nummer", "kontonummer"),
        ("Orgnr", "Eiers nummer", "orgnr"),
        ("Tittel", "Brevets navn", "tittel"),
        ("Filnavn", "Skannet", "filnavn"),
        ("Adresse", "Bor i", "adresselinje1"),
        ("Adresse (2)", "Etasje", "adresselinje2"),
    ],
)
def test_a_column_that_is_not_used_takes_the_place_of_none_that_is(
    write: Write, tmp_path: Path, unused: str, chosen: str, felt: str
) -> None:
    path = text_file(tmp_path, f"navn;{unused};{chosen}\r\nOLA;feil;rett\r\n")
    mapping = {unused: None, chosen: felt}
    before = first(opened(path, mapping))
    again = first(corrected(tmp_path, opened(path, mapping), write))
    assert before == {"navn": "OLA", unused: "feil", felt: "rett"}
    assert {name: again[name] for name in before} == before


def test_nor_is_it_used_where_no_other_is(tmp_path: Path) -> None:
    path = text_file(tmp_path, "navn;Beløp\r\nOLA;500,00\r\n")
    again = corrected(tmp_path, opened(path, {"Beløp": None}), as_csv)
    assert "belop" not in again.form.kobling.values()
    assert first(again)["Beløp"] == "500,00"


def test_so_too_when_it_is_corrected_twice(tmp_path: Path) -> None:
    path = text_file(tmp_path, f"{OF_GUARDIAN}\r\n{GUARDIANS}\r\n")
    once = corrected(tmp_path, opened(path, TO_GUARDIAN), as_csv)
    again = corrected(tmp_path, once, as_xlsx)
    assert (again.form.overskrifter, again.form.kobling) == (once.form.overskrifter, once.form.kobling)
    assert first(again)["navn"] == "KARI STOR"


def test_a_column_of_the_senders_own_keeps_its_name_beside_what_is_told_of_the_row(tmp_path: Path) -> None:
    path = text_file(tmp_path, "navn;Rad;Grav\r\nOLA;B;14\r\n")
    again = first(corrected(tmp_path, opened(path), as_csv))
    assert (again["Rad"], again["Grav"]) == ("B", "14")


@pytest.mark.parametrize("header", ["navn (ikke brukt)", "Navn (ikke brukt)"])
def test_no_two_columns_get_one_name_of_it(tmp_path: Path, header: str) -> None:
    path = text_file(tmp_path, f"navn;Eier;{header}\r\nA;OLA;B\r\n")
    assert first(opened(path, {"navn": None, "Eier": "navn"})) == {
        "navn (egen)": "A",
        "navn": "OLA",
        "Navn" if header[0] == "N" else header: "B",
    }


def test_the_header_of_no_column_that_is_not_used_is_known() -> None:
    called = [
        spelling.upper() for kolonne in ALLE.values() for spelling in (kolonne.felt, *kolonne.synonymer)
    ]
    assert not [name for name in called if recognise(written_header(name))]
    assert [written_header(felt) for felt in ALLE] == list(ALLE)


@both_formats
def test_signs_and_numbers_are_what_they_were(write: Write, tmp_path: Path) -> None:
    values = {
        "adresselinje2": "-",
        "belop": "-1234,00",
        "Telefon": "+47 900 00 000",
        "Notat": "@ola",
        "+/- avdrag": "+",
    }
    bad = Eksportrad(2, Alvorlighet.FEIL, {"navn": "OLA", **values}, ())
    again = first(opened(write(tmp_path, [bad], ["navn", *values])))
    assert {name: again[name] for name in values} == values


@given(st.text(alphabet="'=+-@|＝\u200b\t\r\n 1a", max_size=6))
def test_what_is_written_is_read_whatever_it_is(text: str) -> None:
    assert undo_neutralise(neutralise(text)) == text


@both_formats
def test_a_formula_is_found_though_an_apostrophe_stands_before_it(write: Write, tmp_path: Path) -> None:
    given_list = opened(text_file(tmp_path, "navn;adresselinje2\r\nOLA;'=1+1\r\n"))
    (again,) = corrected(tmp_path, given_list, write).rader
    assert [(f.felt, f.kode) for f in found(again)] == [("adresselinje2", "FORMEL_INJEKSJON")]


def test_a_name_that_begins_with_an_apostrophe_keeps_it(tmp_path: Path) -> None:
    (rad,) = opened(text_file(tmp_path, "navn\r\n'T HOOFT AS\r\n")).rader
    assert rad.verdier["navn"] == "'T HOOFT AS"
