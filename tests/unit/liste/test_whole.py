"""What only the whole list tells: what differs in it, the first day that is due, and two columns for one field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fiks.utsending.liste.control.whole_list import WholeListCheck
from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.rules.controlled_row import control_row_alone
from fiks.utsending.liste.source.reader import read_list
from fiks.utsending.liste.source.records import HEADER_SEARCH
from tests.unit.liste.lists import row, text_file


def test_the_whole_list_is_of_the_values_of_the_rows_that_can_be_sent() -> None:
    whole = WholeListCheck()
    rows = [
        row(number=2),
        row(number=3, kontonummer="9999.02.12348", forfall1="2027-03-31"),
        row(number=4, skatteaar="2026", navn=""),
        row(number=5, forfall1="30.03.2027", forfall3="", forfall4=""),
        row(number=6, forfall1="1.4.2027"),
    ]
    whole.see(map(control_row_alone, rows))
    assert whole.told() == {
        "ulike": [{"felt": "forfall1", "antall": 3, "rader": [2, 5]}],
        "forfall": {"felt": "forfall1", "dato": "2027-03-30", "rad": 5},
        "kontonummer": [2],
        "dobbelt": [],
    }


def test_rows_with_two_accounts_are_remembered_but_not_the_accounts() -> None:
    whole = WholeListCheck()
    accounts = ["", "99990212348", "99990212348", "12340000003", "12340000011"]
    whole.see(control_row_alone(row(number=n, kontonummer=k)) for n, k in enumerate(accounts, start=2))
    assert whole.told()["kontonummer"] == [3, 5]


def test_a_list_without_due_dates_has_none() -> None:
    whole = WholeListCheck()
    whole.see([control_row_alone(Rad(2, 2, {"navn": "OLA"}))])
    assert whole.told() == {"ulike": [], "forfall": None, "kontonummer": [], "dobbelt": []}


def double(
    folder: Path, header: str, *rows: str, mapping: dict[str, str | None] | None = None
) -> list[dict[str, Any]]:
    """What is told of the columns of a list with a name before these cells."""
    content = "\n".join([f"Navn;{header}", *(f"OLA;{cells}" for cells in rows)])
    liste = read_list(text_file(folder, content), "liste.csv", mapping)
    whole = WholeListCheck()
    whole.see(map(control_row_alone, liste.rader))
    found: list[dict[str, Any]] = whole.told()["dobbelt"]
    return found


SEEN = HEADER_SEARCH - 1
"""So many rows below the header are looked at when columns are mapped."""


@pytest.mark.parametrize(
    ("header", "alike", "unlike", "told"),
    [
        ("Beløp;Å betale", "100,00; 100,00", "100,00;170,00", [("belop", "Å betale")]),
        ("Beløp;Sum;Total", "1;1;1", "1;2;3", [("belop", "Sum"), ("belop", "Total")]),
        ("KID;KID", "18;18", "18;26", [("kid", "KID (2)")]),
        ("KID;kid", "18;18", "18;26", [("kid", "kid (egen)")]),
        ("Forfall;Betalingsfrist", ";", ";31.03.2027", [("forfall", "Betalingsfrist")]),
        ("Konto;Bankkonto", "99990212348;99990212348", "99990212348;", [("kontonummer", "Konto")]),
        ("Gnr;Gårdsnr", "1;1", "1;2", []),
        ("Beløp;Merknad", "1;1", "1;2", []),
    ],
)
def test_the_first_row_where_columns_for_one_field_differ_is_told(
    tmp_path: Path, header: str, alike: str, unlike: str, told: list[tuple[str, str]]
) -> None:
    found = double(tmp_path, header, *[alike] * SEEN, unlike, alike, unlike)
    assert found == [{"felt": felt, "kolonne": kolonne, "rad": SEEN + 2} for felt, kolonne in told]


def test_columns_that_were_alike_when_a_person_chose_among_them_are_told_of_from_the_first_row(
    tmp_path: Path,
) -> None:
    said: dict[str, str | None] = {"Navn": "navn", "Beløp": "belop", "Sum": None, "Total": None}
    told = double(tmp_path, "Beløp;Sum;Total", "1;2;1", "1;1;3", mapping=said)
    assert told == [
        {"felt": "belop", "kolonne": kolonne, "rad": rad} for kolonne, rad in (("Sum", 2), ("Total", 3))
    ]


def test_columns_that_differ_in_a_row_that_cannot_be_sent_are_told_of_the_next(tmp_path: Path) -> None:
    rows = ["1;1", *["1;1"] * SEEN, "1;2;3;4", "1;2"]
    assert double(tmp_path, "Beløp;Sum", *rows) == [{"felt": "belop", "kolonne": "Sum", "rad": SEEN + 4}]
