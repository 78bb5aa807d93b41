"""Zips made to hurt, or only made carelessly: each is refused whole with its reason, inside the child's limits."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from fiks.core.isolate import Grenser
from fiks.utsending.filer import errors
from fiks.utsending.filer.errors import FilFeil
from fiks.utsending.filer.workers.zip_reader import open_zip
from tests.unit.filer.zips import PDF, PER_RAD, lillevik_zip, link, locked, make_zip, named, patched

FNR = "28837721085"


def files(path: Path, grenser: Grenser | None = None) -> dict[str, bytes]:
    given = (grenser,) if grenser else ()
    with open_zip([path.read_bytes()], *given) as batches:
        return {fil.navn: fil.innhold for batch in batches for fil in batch}


def refusal(path: Path, grenser: Grenser | None = None) -> FilFeil:
    """Why the zip is refused, and that nothing of it came out before."""
    given = (grenser,) if grenser else ()
    came_out = []
    with pytest.raises(FilFeil) as error, open_zip([path.read_bytes()], *given) as batches:
        came_out += list(batches)
    assert came_out == []
    return error.value


def test_the_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    found = files(lillevik_zip(tmp_path))
    assert found == {path.name: path.read_bytes() for path in PER_RAD.glob("*.pdf")}
    assert len(found) == 10


def test_large_files_come_in_several_batches(tmp_path: Path) -> None:
    path = make_zip(tmp_path, [(f"{n}.pdf", PDF + bytes(9_000_000)) for n in range(3)], zipfile.ZIP_STORED)
    with open_zip([path.read_bytes()]) as batches:
        assert [[fil.navn for fil in batch] for batch in batches] == [["0.pdf"], ["1.pdf"], ["2.pdf"]]


@pytest.mark.parametrize("raw", ["blåbær.pdf".encode(), "blåbær.pdf".encode("cp850")], ids=["utf-8", "cp850"])
def test_norwegian_names_are_read_whoever_wrote_the_zip(tmp_path: Path, raw: bytes) -> None:
    path = make_zip(tmp_path, [("b" * len(raw), PDF)])
    assert list(files(patched(path, b"b" * len(raw), raw))) == ["blåbær.pdf"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/etc/passwd.pdf", "ZIP_STI"),
        ("\\\\tjener\\mappe\\brev.pdf", "ZIP_STI"),
        ("C:\\brev.pdf", "ZIP_STI"),
        ("../brev.pdf", "ZIP_STI"),
        ("mappe/../../brev.pdf", "ZIP_STI"),
        ("mappe\\..\\brev.pdf", "ZIP_STI"),
        ("CON.pdf", "FILNAVN_RESERVERT"),
        ("a\nb.pdf", "FILNAVN_TEGN"),
        ("a\0b.pdf", "FILNAVN_TEGN"),
        ("\u202efdp.brev.pdf", "FILNAVN_TEGN"),
        ("x" * 300 + ".pdf", "FILNAVN_FOR_LANGT"),
        ("liste.xlsx", "FILTYPE_IKKE_PDF"),
        ("flere.zip", "FILTYPE_IKKE_PDF"),
    ],
)
def test_an_entry_with_a_name_nobody_should_have_refuses_the_zip(
    tmp_path: Path, name: str, code: str
) -> None:
    assert refusal(make_zip(tmp_path, [("god.pdf", PDF), (named(name), PDF)])).kode == code


def test_a_zip_in_the_zip_is_no_pdf_whatever_it_is_called(tmp_path: Path) -> None:
    inner = make_zip(tmp_path, [("brev.pdf", PDF)]).read_bytes()
    error = refusal(make_zip(tmp_path, [("god.pdf", PDF), ("brev.pdf", inner)]))
    assert (error.kode, error.params["navn"]) == ("FILTYPE_IKKE_PDF", "brev.pdf")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(make_zip(tmp_path, [("god.pdf", PDF), ("tom.pdf", b"")])).kode == "FIL_TOM"


def test_a_link_is_refused_whatever_it_leads_to(tmp_path: Path) -> None:
    assert refusal(make_zip(tmp_path, [(link("brev.pdf"), b"/etc/passwd")])).kode == "ZIP_LENKE"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["brev.pdf", "annen mappe/brev.pdf"])
def test_two_entries_of_one_name_refuse_the_zip_also_from_two_folders(tmp_path: Path, second: str) -> None:
    path = make_zip(tmp_path, [("brev.pdf", PDF), (named(second), PDF + b"2")])
    error = refusal(path)
    assert (error.kode, error.params["navn"]) == ("ZIP_NAVN_DOBBELT", "brev.pdf")


def test_names_that_differ_only_in_case_are_two_files(tmp_path: Path) -> None:
    assert set(files(make_zip(tmp_path, [("Brev.pdf", PDF), ("BREV.pdf", PDF)]))) == {"Brev.pdf", "BREV.pdf"}


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    assert refusal(locked(make_zip(tmp_path, [("brev.pdf", PDF)]))).kode == "ZIP_PASSORD"


def test_a_way_of_packing_nobody_uses_is_refused(tmp_path: Path) -> None:
    assert refusal(make_zip(tmp_path, [("brev.pdf", PDF)], zipfile.ZIP_LZMA)).kode == "ZIP_PAKKEMATE"


def test_a_zip_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    assert refusal(make_zip(tmp_path, [("mappe/", b""), ("mappe/.DS_Store", b"x")])).kode == "ZIP_TOM"
    assert refusal(make_zip(tmp_path, [])).kode == "ZIP_TOM"


def test_a_bomb_is_refused_while_it_inflates(tmp_path: Path) -> None:
    error = refusal(make_zip(tmp_path, [("god.pdf", PDF), ("bombe.pdf", PDF + bytes(20_000_000))]))
    assert (error.kode, error.params["navn"]) == ("ZIP_BOMBE", "bombe.pdf")


def test_an_entry_that_says_it_is_larger_than_any_letter_is_refused_before_it_is_inflated(
    tmp_path: Path,
) -> None:
    path = make_zip(tmp_path, [("stor.pdf", PDF + bytes(errors.MAX_FILE_BYTES))])
    error = refusal(path)
    assert (error.kode, error.params["maks_mb"]) == ("FIL_FOR_STOR", 25)


def test_an_entry_that_says_it_is_smaller_than_it_is_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path, [("liten.pdf", PDF + bytes(5_000_000))])
    real, told = struct.pack("<I", len(PDF) + 5_000_000), struct.pack("<I", 1_000)
    assert refusal(patched(path, real, told)).kode == "ZIP_UGYLDIG"


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path, [(f"{n}.pdf", PDF) for n in range(errors.MAX_FILES + 1)], zipfile.ZIP_STORED)
    error = refusal(path)
    assert (error.kode, error.params["grense"]) == ("FILER_FOR_MANGE", errors.MAX_FILES)


def test_a_list_of_entries_without_end_is_refused_unread(tmp_path: Path) -> None:
    path = make_zip(tmp_path, [("brev.pdf", PDF)])
    content = bytearray(path.read_bytes())
    end = content.rfind(b"PK\x05\x06")
    struct.pack_into("<I", content, end + 12, 1_000_000_000)
    path.write_bytes(bytes(content))
    assert refusal(path).kode == "FILER_FOR_MANGE"


@pytest.mark.parametrize("cut", [0, 10, 100])
def test_what_is_no_whole_zip_is_refused(tmp_path: Path, cut: int) -> None:
    path = lillevik_zip(tmp_path)
    path.write_bytes(path.read_bytes()[: -200 - cut] if cut else b"ingen zip i det hele tatt")
    assert refusal(path).kode == "ZIP_UGYLDIG"


def test_an_entry_whose_bytes_were_changed_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path, [("brev.pdf", PDF)], zipfile.ZIP_STORED)
    assert refusal(patched(path, b"xxxx", b"xxyx")).kode == "ZIP_UGYLDIG"


def test_a_zip_that_needs_more_than_the_child_may_have_is_too_heavy(tmp_path: Path) -> None:
    path = make_zip(tmp_path, [(f"{n}.pdf", PDF) for n in range(20_000)], zipfile.ZIP_STORED)
    assert refusal(path, Grenser(memory_mb=40)).kode == "ZIP_FOR_TUNG"


def test_a_personal_number_in_a_name_is_not_told_by_the_refusal(tmp_path: Path) -> None:
    error = refusal(make_zip(tmp_path, [(f"{FNR}.pdf", b"ingen pdf")]))
    assert error.kode == "FILTYPE_IKKE_PDF"
    assert FNR not in str(error.params)
