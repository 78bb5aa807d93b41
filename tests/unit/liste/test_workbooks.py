"""What a workbook has beside its rows: formulas and faults however they are written, hidden rows, more sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.rules.row import check_and_normalise
from fiks.utsending.liste.source import xlsx_guard
from fiks.utsending.liste.source.reader import Liste, read_list
from fiks.utsending.liste.source.xlsx_guard import scan_sheet
from tests.unit.liste.lists import edited_workbook, with_cells, workbook

HEADERS = ("navn", "adresse")
FORMULA = b"<f>SUM(A1:A2)</f><v>999</v>"


def refused(path: Path, *, names: bool = True) -> tuple[str, dict[str, object]]:
    with pytest.raises(ListeFeil) as error:
        list(read_list(path, path.name, names=names).rader)
    return str(error.value.kode), error.value.params


def sheets(folder: Path, **content: list[tuple[object, ...]]) -> Path:
    """A workbook with these sheets and their rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in content.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    path = folder / "liste.xlsx"
    book.save(path)
    return path


def sheet_of(folder: Path, rows: int, change: Callable[[Worksheet], None]) -> Path:
    """A list of so many receivers in a workbook that `change` has been at."""
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    for number in range(2, rows + 2):
        book.active.append((f"OLA {number}", "Gata 1"))
    change(book.active)
    path = folder / "liste.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        (b'<c r="B3">' + FORMULA + b"</c>", True),
        (b"<c r='B3'>" + FORMULA + b"</c>", True),
        (b'<c t="str" r = "B3" >\n' + FORMULA + b"</c>", True),
        (b'<c r="B3"><v>999</v><f>SUM(A1:A2)</f></c>', True),
        (b'<c r="B3"><f t="shared" si="0"/><v>999</v></c>', True),
        (b"<c>" + FORMULA + b"</c>", False),
        (b'<c s="1">' + FORMULA + b"</c>", False),
    ],
)
def test_a_formula_is_seen_however_its_cell_is_written(tmp_path: Path, cell: bytes, named: bool) -> None:
    path = edited_workbook(tmp_path, with_cells(b'<row r="3"><c r="A3"/>' + cell + b"</row>"))
    assert refused(path) == (
        (Filkode.FORMELCELLE, {"celler": "B3"}) if named else (Filkode.FORMEL_I_ARK, {"ark": "Sheet"})
    )


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        (b"<c r='A3' t='e'><v>#N/A</v></c>", True),
        (b'<c t="e" r="A3"><v>#N/A</v></c>', True),
        (b'<c r="A3" t = "e"><v>#N/A</v></c>', True),
        (b'<c t="e"><v>#N/A</v></c>', False),
        (b"<c s='2' t='e'><v>#N/A</v></c>", False),
    ],
)
def test_an_error_value_is_seen_however_its_cell_is_written(tmp_path: Path, cell: bytes, named: bool) -> None:
    path = edited_workbook(tmp_path, with_cells(b'<row r="3">' + cell + b"</row>"))
    assert refused(path) == (
        (Filkode.FEILVERDI_I_CELLE, {"celler": "A3"})
        if named
        else (Filkode.FEILVERDI_I_ARK, {"ark": "Sheet"})
    )


@pytest.mark.parametrize("prefix", [b"x:", b"x-1.2:", "æ:".encode()])
def test_a_prefix_hides_neither(tmp_path: Path, prefix: bytes) -> None:
    cells = b"<P:row r='3'><P:c r='A3'><P:f>B2</P:f></P:c><P:c r='B3' t='e'/></P:row>".replace(b"P:", prefix)
    scan = scan_sheet(edited_workbook(tmp_path, with_cells(cells)), "Sheet")
    assert (list(scan.formulas), list(scan.errors)) == (["A3"], ["B3"])


@pytest.mark.parametrize("end", [b"</row>", b"</row >"])
def test_nor_does_the_border_between_two_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(xlsx_guard, "CHUNK", 64)
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d"><f>A1</f></c><c r="C%d" t="e"/>' % ((n,) * 5) + end
        for n in range(3, 300)
    )
    path = edited_workbook(tmp_path, with_cells(rows))
    monkeypatch.setattr(xlsx_guard, "SHOWN_CELLS", 1_000)
    scan = scan_sheet(path, "Sheet")
    assert list(scan.formulas) == [f"B{n}" for n in range(3, 300)]
    assert list(scan.errors) == [f"C{n}" for n in range(3, 300)]


def test_a_formula_that_is_in_no_cell_does_no_harm(tmp_path: Path) -> None:
    def edit(name: str, content: bytes) -> bytes:
        rule = b'<conditionalFormatting sqref="A1"><cfRule type="expression"><formula>1</formula></cfRule>'
        further = b"</conditionalFormatting><extLst><ext><xm:f>Sheet!A1</xm:f></ext></extLst></worksheet>"
        changed = content.replace(b"</sheetData>", b'<row r="9"><c r="A9" s="0"/></row></sheetData>' + rule)
        return changed.replace(b"</worksheet>", further) if "sheet1" in name else content

    path = edited_workbook(tmp_path, edit)
    assert not scan_sheet(path, "Sheet").formulas
    assert len(list(read_list(path, path.name).rader)) == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [(b"<c r='XFD3'>", Filkode.FOR_MANGE_KOLONNER), (b"<c r='A1048576'>", Filkode.FOR_MANGE_RADER)],
)
def test_a_cell_far_away_is_seen_however_it_is_written(tmp_path: Path, cell: bytes, code: Filkode) -> None:
    path = edited_workbook(tmp_path, with_cells(b"<row>" + cell + b"<v>1</v></c></row>"))
    assert refused(path)[0] == code


def hide(*rows: int) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        for row in rows:
            sheet.row_dimensions[row].hidden = True

    return change


@pytest.mark.parametrize(("rows", "count"), [((3,), 1), ((3, 4, 6), 3)])
def test_hidden_rows_that_are_filled_refuse_the_list(
    tmp_path: Path, rows: tuple[int, ...], count: int
) -> None:
    path = sheet_of(tmp_path, 6, hide(*rows))
    assert refused(path) == (Filkode.SKJULTE_RADER, {"antall": count, "ark": "Sheet"})


@pytest.mark.parametrize("written", ["hidden='1'", 'hidden="true"', "hidden = '1' ht='0'"])
@pytest.mark.parametrize("number", ['r="3" ', "r='3' ", ""])
def test_however_they_are_written(tmp_path: Path, written: str, number: str) -> None:
    row = f"<row {number}{written}><c t='inlineStr'><is><t>KARI</t></is></c></row>".encode()
    assert refused(edited_workbook(tmp_path, with_cells(row)))[0] == Filkode.SKJULTE_RADER


@pytest.mark.parametrize("rows", [(9,), (8, 10)])
def test_hidden_rows_with_nothing_in_them_do_no_harm(tmp_path: Path, rows: tuple[int, ...]) -> None:
    path = sheet_of(tmp_path, 5, hide(*rows))
    assert len(list(read_list(path, path.name).rader)) == 5


def test_nor_do_hidden_rows_above_the_header_or_rows_said_to_be_shown(tmp_path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.insert_rows(1)
        sheet["A1"] = "Uttrekk"
        hide(1)(sheet)

    path = sheet_of(tmp_path, 2, change)
    assert len(list(read_list(path, path.name).rader)) == 2
    shown = with_cells(b'<row r="3" hidden="false"><c t="inlineStr"><is><t>KARI</t></is></c></row>')
    path = edited_workbook(tmp_path, shown)
    assert len(list(read_list(path, path.name).rader)) == 2


def test_a_list_that_is_only_looked_up_in_may_have_hidden_rows(tmp_path: Path) -> None:
    path = sheet_of(tmp_path, 3, hide(3))
    assert len(list(read_list(path, path.name, names=False).rader)) == 3


RECEIVER = ("OLA", "Gata 1")


@pytest.mark.parametrize("headers", [HEADERS, ("Eier", "Gnr"), ("Fornavn", "Etternavn"), ("adresse", "navn")])
def test_receivers_in_two_visible_sheets_refuse_the_file(tmp_path: Path, headers: tuple[str, str]) -> None:
    path = sheets(tmp_path, Bolig=[HEADERS, RECEIVER], Fritid=[headers, RECEIVER])
    assert refused(path) == (Filkode.FLERE_ARK, {"ark": "Bolig, Fritid"})


def test_of_the_second_the_header_may_be_one_that_was_tied_by_hand(tmp_path: Path) -> None:
    path = sheets(tmp_path, A=[("Hvem", "Hvor"), RECEIVER], B=[("Hvem", "Hvor"), RECEIVER])
    with pytest.raises(ListeFeil) as error:
        read_list(path, path.name, {"Hvem": "navn", "Hvor": "adresselinje1"})
    assert error.value.params == {"ark": "A, B"}


def opened(path: Path) -> Liste:
    return read_list(path, path.name)


def test_other_visible_sheets_are_told_by_name(tmp_path: Path) -> None:
    path = sheets(
        tmp_path,
        Liste=[HEADERS, RECEIVER],
        Koder=[("Type", "Sum"), ("bolig", 7)],
        Tomt=[],
        Maler=[HEADERS],
        Notat=[("Husk å ringe",)],
    )
    liste = opened(path)
    assert (liste.form.ark, liste.form.andre_ark) == ("Liste", ("Koder", "Maler", "Notat"))
    assert len(list(liste.rader)) == 1


def test_a_sheet_with_receivers_goes_before_one_that_only_has_known_headers(tmp_path: Path) -> None:
    path = sheets(tmp_path, Sum=[("Type", "Sum"), ("bolig", 7)], Liste=[HEADERS, RECEIVER])
    assert (opened(path).form.ark, opened(path).form.andre_ark) == ("Liste", ("Sum",))


def test_hidden_sheets_are_no_part_of_the_list(tmp_path: Path) -> None:
    path = sheets(tmp_path, Liste=[HEADERS, RECEIVER], Arkiv=[HEADERS, RECEIVER])
    book = openpyxl.load_workbook(path)
    book["Arkiv"].sheet_state = "hidden"
    book.save(path)
    assert opened(path).form.andre_ark == ()


def test_what_may_not_be_used_in_another_sheet_does_not_stop_the_list(tmp_path: Path) -> None:
    far = [("Type", "Sum"), (*[None] * 800, "langt ute")]
    path = sheets(tmp_path, Liste=[HEADERS, RECEIVER], Regnet=[("Type", "Sum"), ("a", "=1+1")], Bred=far)
    liste = opened(path)
    assert liste.form.andre_ark == ("Regnet", "Bred")
    assert len(list(liste.rader)) == 1


def test_a_text_file_has_no_sheets(tmp_path: Path) -> None:
    assert opened(workbook(tmp_path, [HEADERS, RECEIVER])).form.andre_ark == ()


@pytest.mark.parametrize(
    ("cell", "takst"),
    [(950000, "950000"), (950000.0, "950000"), (1250.5, "1250,5"), (1250.25, "1250,25"), (0.1 + 0.2, "0,3")],
)
def test_a_number_cell_never_looks_like_english_thousands(tmp_path: Path, cell: float, takst: str) -> None:
    path = workbook(tmp_path, [("navn", "takst"), ("KARI", cell)])
    row = next(read_list(path, path.name).rader)
    found, values = check_and_normalise(row)
    assert (found, row.verdier["takst"], values["takst"]) == ([], takst, takst)
