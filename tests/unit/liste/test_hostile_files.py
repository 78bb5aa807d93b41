"""Files made to hurt: each ends in a clear code, quickly, inside the limits of the child process."""

from __future__ import annotations

import errno
import time
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fiks.utsending.liste.child.process import Limits, open_list
from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.source.reader import read_list
from tests.unit.liste.lists import edited_workbook, text_file, with_cells, workbook

HEADER = b"navn;fnr;adresse;postnr;poststed\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def unchanged(_: str, content: bytes) -> bytes:
    return content


def refusal(path: Path, filename: str | None = None, limits: Limits | None = None) -> ListeFeil:
    """How reading the file in a child ends; at most ten seconds later."""
    started = time.monotonic()
    with pytest.raises(ListeFeil) as error, open_list(path, filename or path.name, None, limits) as liste:
        for _ in liste.rader:
            pass
    assert time.monotonic() - started < 10
    return error.value


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (HEADER + b"O\0LA;1;2;3;4\n", Filkode.FIL_UGYLDIG, 2),
        (HEADER + b'KARI;1;2;3;4\n"OLA;1;2;3;4\n', Filkode.SITAT_IKKE_LUKKET, 3),
        (HEADER + b'"OLA;1;2;3;4\n' + b"KARI;1;2;3;4\n" * 20_000, Filkode.SITAT_IKKE_LUKKET, 2),
        (HEADER + b"O" * 32_768 + b";1;2;3;4\n", Filkode.CELLE_FOR_LANG, 2),
        (HEADER + b"O" * 20_000_000 + b";1;2;3;4\n", Filkode.CELLE_FOR_LANG, 2),
        (b";".join(b"k%d" % n for n in range(100_000)) + b"\n", Filkode.FOR_MANGE_KOLONNER, 1),
    ],
    ids=[
        "nul",
        "unclosed quote",
        "unclosed quote over many lines",
        "long cell",
        "very long cell",
        "many columns",
    ],
)
def test_a_text_file_that_cannot_be_right_is_refused_with_its_line(
    tmp_path: Path, content: bytes, code: Filkode, line: int
) -> None:
    error = refusal(text_file(tmp_path, content))
    assert (error.kode, error.params["linje"]) == (code, line)


def test_a_cell_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stor.csv"
    with path.open("wb") as stream:
        stream.write(HEADER)
        stream.truncate(1_000_000_000)
    assert refusal(path).kode == Filkode.FIL_FOR_STOR


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("liste.pdf", b"%PDF-1.7", Filkode.FILTYPE_UKJENT),
        ("liste.csv", b"%PDF-1.7", Filkode.INNHOLD_PASSER_IKKE),
        ("liste.csv", b"PK\x03\x04" + HEADER, Filkode.INNHOLD_PASSER_IKKE),
        ("liste.xlsx", HEADER, Filkode.INNHOLD_PASSER_IKKE),
        ("liste.xlsx", b"PK\x03\x04" + b"x" * 500, Filkode.FIL_UGYLDIG),
        ("liste.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), Filkode.FIL_PASSORD),
        ("liste.xlsx", OLE + b"\0" * 600, Filkode.FILTYPE_UKJENT),
    ],
)
def test_content_must_be_what_the_name_says(tmp_path: Path, name: str, content: bytes, code: Filkode) -> None:
    assert refusal(text_file(tmp_path, content, name)).kode == code


@pytest.mark.parametrize("name", ["../../x.csv", "CON.csv", "a\nb.csv", "\u202evsc.csv", "x" * 300 + ".csv"])
def test_the_uploaded_name_is_never_used_as_a_path(tmp_path: Path, name: str) -> None:
    with open_list(text_file(tmp_path, HEADER + b"OLA;1;2;3;4\n"), name) as liste:
        assert len(list(liste.rader)) == 1


def test_a_zip_bomb_is_refused_while_it_inflates(tmp_path: Path) -> None:
    path = edited_workbook(tmp_path, unchanged, extra=[("xl/media/bilde.bin", b"\0" * 60_000_000)])
    assert refusal(path).kode == Filkode.FIL_ZIPBOMBE


def test_a_workbook_of_thousands_of_parts_is_refused(tmp_path: Path) -> None:
    path = edited_workbook(tmp_path, unchanged, extra=[(f"xl/{n}", b"") for n in range(1_500)])
    assert refusal(path).kode == Filkode.FIL_ZIPBOMBE


@pytest.mark.parametrize("part", ["content.xml", "Content.xml", "xl/workbook.bin"])
def test_a_workbook_that_is_one_of_another_kind_too_is_refused(tmp_path: Path, part: str) -> None:
    """What is looked at must be what is read: a reader that finds no good xlsx in it would go on to the other."""
    path = edited_workbook(tmp_path, unchanged, extra=[(part, b"<office:document-content/>")])
    assert refusal(path).kode == Filkode.INNHOLD_PASSER_IKKE


def test_a_document_type_with_entities_is_refused(tmp_path: Path) -> None:
    declared = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
    path = edited_workbook(
        tmp_path,
        lambda name, content: content.replace(b"<worksheet", declared, 1) if "sheet1" in name else content,
    )
    assert refusal(path).kode == Filkode.FIL_UGYLDIG


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (b'<row r="3"><c r="XFD3"><v>1</v></c></row>', Filkode.FOR_MANGE_KOLONNER),
        (b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', Filkode.FOR_MANGE_RADER),
        (b'<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>', Filkode.FEILVERDI_I_CELLE),
        (b'<row r="3"><c r="A3" t="str"><f>B2</f><v>OLA</v></c></row>', Filkode.FORMELCELLE),
        (
            b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"O" * 40_000 + b"</t></is></c></row>",
            Filkode.CELLE_FOR_LANG,
        ),
    ],
    ids=["far column", "far row", "error value", "formula", "long cell"],
)
def test_a_cell_that_may_not_be_used_refuses_the_workbook(
    tmp_path: Path, cells: bytes, code: Filkode
) -> None:
    assert refusal(edited_workbook(tmp_path, with_cells(cells))).kode == code


def test_an_empty_cell_far_out_does_no_harm(tmp_path: Path) -> None:
    path = edited_workbook(tmp_path, with_cells(b'<row r="3"><c r="XFD3" s="0"/></row>'))
    with open_list(path, path.name) as liste:
        assert len(list(liste.rader)) == 1


def test_formula_cells_are_named(tmp_path: Path) -> None:
    rows = [("navn", "fnr"), *(("OLA", f"=A{n}") for n in range(2, 12))]
    assert refusal(workbook(tmp_path, rows)).params == {"celler": "B2, B3, B4, B5, B6"}


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("navn", "fnr"), ("OLA", "1")])
    path.write_bytes(path.read_bytes()[:-100])
    assert refusal(path).kode == Filkode.FIL_UGYLDIG


def test_a_workbook_that_needs_more_memory_than_allowed_is_too_heavy(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("navn", "adresse"), *((f"OLA {n}", f"Gata {n}") for n in range(20_000))])
    assert refusal(path, limits=Limits(memory=24 * 1024 * 1024)).kode == Filkode.FIL_FOR_TUNG


def no_memory_for_xml() -> ElementTree.ParseError:
    error = ElementTree.ParseError("out of memory")
    error.code = 1
    return error


@pytest.mark.parametrize(
    ("reading", "error"),
    [
        ("zipfile.ZipFile.infolist", OSError(errno.ENOMEM, "Cannot allocate memory")),
        ("zipfile.ZipExtFile.read", zlib.error("Error -4 while decompressing data")),
        ("xml.etree.ElementTree.fromstring", no_memory_for_xml()),
    ],
)
def test_memory_that_runs_out_inside_a_library_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: str, error: Exception
) -> None:
    def full(*_: object) -> None:
        raise error

    path = workbook(tmp_path, [("navn", "adresse"), ("OLA", "Gata 1")])
    monkeypatch.setattr(reading, full)
    with pytest.raises(MemoryError):
        read_list(path, path.name)


def test_a_child_that_says_nothing_in_time_is_too_heavy(tmp_path: Path) -> None:
    path = text_file(tmp_path, HEADER + b"OLA;1;2;3;4\n")
    assert refusal(path, limits=Limits(wall=0.0)).kode == Filkode.FIL_FOR_TUNG


def test_a_child_that_uses_up_its_processor_time_is_too_heavy(tmp_path: Path) -> None:
    wide = b";".join([b"x"] * 100) + b"\n"
    path = text_file(tmp_path, b"navn;" + b";".join(b"k%d" % n for n in range(99)) + b"\n" + wide * 199_000)
    assert refusal(path, limits=Limits(cpu=1)).kode == Filkode.FIL_FOR_TUNG
