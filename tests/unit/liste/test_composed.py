"""A letter may be one sign or two, as a Mac writes "å": the receiver, the place and the column are the same."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from fiks.utsending.liste.control.duplicates import Duplicates
from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.rules.controlled_row import control_row_alone
from fiks.utsending.liste.rules.row import normalise
from fiks.utsending.liste.source.reader import read_list
from tests.unit.liste.lists import findings, row, text_file


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("name", ["Pål Ås", " Pål  Ås"])
def test_the_same_receiver_is_the_same_however_the_name_is_written(name: str) -> None:
    values = {"navn": name, "adresselinje1": "Ålegata 1", "postnr": "5430", "kid": "18"}
    one, two = Rad(2, 2, values), Rad(3, 3, {felt: decomposed(value) for felt, value in values.items()})
    assert normalise(two) == normalise(one)
    before = Duplicates()
    told = [before.check(rad, control_row_alone(rad).verdier) for rad in (one, two)]
    assert [[f.kode for f in found] for found in told] == [[], ["DUBLETT_MOTTAKER"]]


def test_a_place_is_in_the_register_however_it_is_written() -> None:
    assert findings(postnr="1332", poststed=decomposed("Østerås")) == []
    assert findings(postnr="1332", poststed=decomposed("Kolsås")) == [
        ("poststed", "POSTNR_POSTSTED_AVVIK", "advarsel")
    ]


def test_a_line_is_as_long_as_it_is_printed() -> None:
    assert findings(adresselinje1=decomposed("Å" * 70)) == []


def test_a_repair_is_composed_too() -> None:
    rad = row(adresselinje1=decomposed("Ålegata 1\nPåls vei"))
    assert control_row_alone(rad).verdier["adresselinje2"] == "Påls vei"


def test_a_column_has_one_name(tmp_path: Path) -> None:
    path = text_file(tmp_path, decomposed("navn;Årsgebyr\r\nPål Ås;1\r\n"))
    assert read_list(path, path.name).form.overskrifter == ("navn", "Årsgebyr")


def test_what_was_said_of_a_column_holds_however_its_header_was_written(tmp_path: Path) -> None:
    path = text_file(tmp_path, decomposed("Eier;Årsbeløp\r\nPål Ås;1\r\n"))
    form = read_list(path, path.name, {"Eier": "navn", decomposed("Årsbeløp"): None}).form
    assert form.kobling == {"Eier": "navn", "Årsbeløp": None}
