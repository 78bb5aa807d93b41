"""What a file may be called, and which files a cell of the list names."""

from __future__ import annotations

import unicodedata

import pytest

from fiks.utsending.filer.matching import MAX_NAME, Navnefeil, base_name, fold, name_fault, named_files


@pytest.mark.parametrize(
    "name",
    [
        "0001.pdf",
        "Faktura Ærfugl 12.PDF",
        "mappe/under/0001.pdf",
        "C:\\brev\\0001.pdf",
        "kontrakt.pdf",
        "a.b.pdf",
    ],
)
def test_ordinary_names_may_be_used(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("../../x.pdf", Navnefeil.FILNAVN_STI),
        ("mappe\\..\\x.pdf", Navnefeil.FILNAVN_STI),
        ("", Navnefeil.FILNAVN_TOMT),
        ("mappe/", Navnefeil.FILNAVN_TOMT),
        (" . .", Navnefeil.FILNAVN_TOMT),
        ("x" * 300 + ".pdf", Navnefeil.FILNAVN_FOR_LANGT),
        ("a\nb.pdf", Navnefeil.FILNAVN_TEGN),
        ("a\0b.pdf", Navnefeil.FILNAVN_TEGN),
        ("\u202efdp.exe.pdf", Navnefeil.FILNAVN_TEGN),
        ("brev\u200f.pdf", Navnefeil.FILNAVN_TEGN),
        ("en|to.pdf", Navnefeil.FILNAVN_TEGN),
        ("hva?.pdf", Navnefeil.FILNAVN_TEGN),
        ("CON.pdf", Navnefeil.FILNAVN_RESERVERT),
        ("mappe/lpt1.brev.pdf", Navnefeil.FILNAVN_RESERVERT),
        ("liste.xlsx", Navnefeil.FILTYPE_IKKE_PDF),
        ("brev.pdf.zip", Navnefeil.FILTYPE_IKKE_PDF),
        ("brev", Navnefeil.FILTYPE_IKKE_PDF),
    ],
)
def test_a_name_nobody_should_have_is_refused_with_its_reason(name: str, fault: Navnefeil) -> None:
    assert name_fault(name) is fault


def test_the_longest_name_is_allowed_and_one_more_is_not() -> None:
    longest = "x" * (MAX_NAME - 4) + ".pdf"
    assert name_fault(longest) is None
    assert name_fault("x" + longest) is Navnefeil.FILNAVN_FOR_LANGT


def test_a_mac_and_a_pc_write_the_same_name() -> None:
    mac = unicodedata.normalize("NFD", "blåbær.pdf")
    assert mac != "blåbær.pdf"
    assert base_name(f"mappe/{mac}") == "blåbær.pdf"
    assert fold(base_name(mac)) == fold("BLÅBÆR.PDF")


def test_a_cell_names_its_files_in_order_without_folders_and_empty_parts() -> None:
    named = named_files(" brev/0001.pdf | Vedlegg.pdf ||")
    assert named.navn == ("0001.pdf", "Vedlegg.pdf")
    assert named.feil == ()


def test_a_way_out_of_the_folder_is_no_name_of_a_file() -> None:
    named = named_files("0001.pdf|../../etc/passwd.pdf")
    assert (named.navn, named.feil) == (("0001.pdf",), (Navnefeil.FILNAVN_STI,))


def test_names_are_not_printed() -> None:
    assert "0001" not in repr(named_files("0001.pdf"))
