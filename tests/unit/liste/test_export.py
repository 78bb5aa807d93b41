"""Files for people to open: nothing in them can run, nothing protected is in them, they read back the same."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from fiks.utsending.liste.export import (
    BOM,
    Eksportrad,
    write_csv,
    write_example_csv,
    write_example_xlsx,
    write_xlsx,
)
from fiks.utsending.liste.findings import Alvorlighet, Funn
from fiks.utsending.liste.formula_injection import neutralise
from fiks.utsending.liste.rules.row import check_row
from fiks.utsending.liste.source.reader import read_list
from tests.unit.liste.lists import FNR, row

DANGEROUS = (
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠A",
    "\u200b=1",
)
COLUMNS = ("fnr", "navn", "adresselinje1", "adresselinje2", "gnr", "eiendomsadresse", "Notat")


def describe(finding: Funn) -> str:
    return f"{finding.felt}: {finding.kode}."


def exported(**changes: str) -> Eksportrad:
    return Eksportrad(2, Alvorlighet.FEIL, row(**changes).verdier, ())


def csv_cells(rows: list[Eksportrad]) -> list[list[str]]:
    stream = io.StringIO(newline="")
    write_csv(stream, rows, COLUMNS, describe)
    return list(csv.reader(io.StringIO(stream.getvalue().removeprefix(BOM), newline=""), delimiter=";"))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_cell_that_could_be_a_formula_is_neutralised_in_both_formats(text: str, tmp_path: Path) -> None:
    cell = csv_cells([exported(adresselinje2=text)])[1][3 + COLUMNS.index("adresselinje2")]
    assert cell == f"'{text}"
    write_xlsx(tmp_path / "ut.xlsx", [exported(adresselinje2=text)], COLUMNS, describe)
    sheet = openpyxl.load_workbook(tmp_path / "ut.xlsx").active
    in_sheet = sheet.cell(2, 4 + COLUMNS.index("adresselinje2"))
    assert (in_sheet.data_type, in_sheet.value[0]) == ("s", "'")


def test_a_header_that_could_be_a_formula_is_neutralised_too() -> None:
    stream = io.StringIO(newline="")
    write_csv(stream, [], ["=cmd"], describe)
    assert "'=cmd" in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    ["OLA", "0580", "EISK-2027", "31.03.2027", "", "Gata 1 = nei", "-", "+", "-1234,00", "-1 234,00"],
)
def test_an_ordinary_cell_is_written_as_it_is(text: str) -> None:
    assert neutralise(text) == text


def test_a_telephone_number_and_a_leading_zero_survive_in_a_workbook(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "ut.xlsx", [exported(fnr="04880256101", Notat="+4799999999")], COLUMNS, describe)
    cells = [cell.value for cell in openpyxl.load_workbook(tmp_path / "ut.xlsx").active[2]]
    assert (cells[3], cells[-1]) == ("04880256101", "+4799999999")


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    values = {"navn": 'Sameiet "Fred"; øst', "adresselinje1": "c/o A\nGata 1", "Notat": "čđŋšŧž"}
    path = tmp_path / "ut.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        assert write_csv(stream, [exported(**values)], COLUMNS, describe) == 1
    (back,) = read_list(path, path.name).rader
    assert {n: back.verdier[n] for n in values} == values


def test_a_bad_row_has_its_number_severity_and_texts() -> None:
    wrong = row(kid="1")
    bad = Eksportrad(2, Alvorlighet.FEIL, wrong.verdier, tuple(check_row(wrong)))
    assert csv_cells([bad])[1][:4] == ["2", "feil", "kid: KID_UGYLDIG.", FNR]


def test_a_protected_person_is_exported_without_anything_that_points_to_a_place() -> None:
    bad = replace(exported(kid="1", Notat="bor i Vottgarden"), skjermet=True)
    cells = csv_cells([bad])[1]
    assert cells[3:] == [FNR, "RETTFERDIG TYTTEBÆR", "", "", "", "", ""]
    assert "Vottgarden" not in "".join(cells)


def test_the_example_file_is_a_right_list_in_both_formats(tmp_path: Path) -> None:
    with (tmp_path / "eksempel.csv").open("w", encoding="utf-8", newline="") as stream:
        write_example_csv(stream)
    write_example_xlsx(tmp_path / "eksempel.xlsx")
    for name in ("eksempel.csv", "eksempel.xlsx"):
        liste = read_list(tmp_path / name, name)
        (only,) = liste.rader
        assert (len(liste.form.overskrifter), liste.form.ukjente, check_row(only)) == (35, (), [])
