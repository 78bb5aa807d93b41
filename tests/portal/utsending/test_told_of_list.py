"""What the pages tell of a list that could be misread: its sheets, its hidden rows, its columns with two names."""

from __future__ import annotations

import io

import openpyxl

from fiks.utsending.rows import queries
from portal.texts import tekst
from tests.portal.utsending.pages import Jobb
from tests.unit.liste.lists import FNR

LIST = [("navn", "fnr"), ("RETTFERDIG TYTTEBÆR", FNR)]


def book(hidden: tuple[int, ...] = (), **sheets: list[tuple[object, ...]]) -> bytes:
    """A workbook with these sheets and their rows; of the first some are hidden."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    for row in hidden:
        made.worksheets[0].row_dimensions[row].hidden = True
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_sheets_that_are_not_read_are_named(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("liste.xlsx", book(Liste=LIST, Koder=[("Type", "Sum"), ("bolig", 7)], Notat=[("Husk",)]))
    assert "Ark Liste Ark som ikke er lest Koder, Notat" in jobb.words("mottakere")


def test_a_file_with_names_in_two_sheets_says_which(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("liste.xlsx", book(Bolig=LIST, Fritid=LIST))
    assert tekst("FLERE_ARK", ark="Bolig, Fritid") in jobb.words("mottakere")


def test_a_file_with_hidden_rows_says_how_many(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("liste.xlsx", book((3, 4), Liste=[*LIST, ("OLA", ""), ("KARI", "")]))
    words = jobb.words("mottakere")
    assert tekst("SKJULTE_RADER", antall=2, ark="Liste") in words
    assert "Skjulte rader i arket «Liste»: 2." in words


def test_a_column_named_as_what_we_compute_says_what_it_is_called_in_the_letter(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("liste.csv", f"navn;fnr;skattegrunnlag\nRETTFERDIG TYTTEBÆR;{FNR};7\n".encode())
    words = jobb.words("mottakere")
    assert "Brevet har allerede et felt som heter «skattegrunnlag»." in words
    assert "Kolonnen din heter «skattegrunnlag (egen)» i brevet." in words


def test_a_number_in_a_column_that_is_not_used_is_told_of_without_showing_it(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("liste.csv", f"navn;fnr;Medhjelper\nOLA;;{FNR}\nRETTFERDIG TYTTEBÆR;{FNR};\n".encode())
    words = jobb.words("kontroll")
    assert tekst("FNR_I_ANNEN_KOLONNE") in words
    assert "Fødselsnummer i en annen kolonne" in words
    assert FNR not in words
    rows = queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"), limit=5)
    assert [(row.radnr, row.status) for row in rows if any(f.alvorlighet == "feil" for f in row.funn)] == [
        (2, "FEIL")
    ]


def test_the_list_of_faults_has_each_value_under_its_own_column(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("liste.csv", b"navn;fnr;sendt\nOLA;12345678901;i fjor\n")
    said = jobb.client.get(jobb.path("kontroll/feilliste.csv")).get_data(as_text=True)
    header, row = said.splitlines()
    assert header.endswith(";navn;fnr;sendt (egen)")
    assert row.endswith(";OLA;12345678901;i fjor")
