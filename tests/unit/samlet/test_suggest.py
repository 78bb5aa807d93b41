"""A suggested set-up: found by what receivers look like, and true of letters that were not looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pypdfium2
import pytest

from fiks.pdf.cut import text_lines
from fiks.pdf.cut.characters import characters, read_page
from fiks.utsending.samlet.analysis.area_reader import read_letter
from fiks.utsending.samlet.analysis.boundaries import Brevomrade
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Oppsett
from fiks.utsending.samlet.analysis.suggestion import Lestside, suggest_setup
from testmiljo.folders import LILLEVIK
from testmiljo.generator.samlet import Side, Tekst, write_letters
from tests.unit.samlet.files import SAMLET

F = Feltnavn
PEOPLE = (
    ("Kari Vik", "Gata 1", "4274 STOL", "05897818274"),
    ("Nils Ås", "Vegen 22", "0150 OSLO", "28837721085"),
    ("Sameiet Vott", "Kroken 3", "5430 BREMNES", "360673499"),
    ("Per Øy", "Lia 4", "3770 KRAGERØ", "11929933151"),
    ("Liv Dal", "Bakken 5", "1850 MYSEN", "07888106361"),
    ("Ola Å", "Tunet 6", "8690 HATTFJELLDAL", "20835415547"),
)


def looked_at(path: Path, most: int = 40) -> tuple[list[Lestside], int]:
    with pypdfium2.PdfDocument(path) as document:
        pages = []
        for n in range(min(len(document), most)):
            page = document[n]
            width, height = (v * 25.4 / 72 for v in page.get_size())
            pages.append(Lestside(n + 1, width, height, tuple(text_lines(characters(page)))))
        return pages, len(document)


def suggested(path: Path, most: int = 40) -> Oppsett:
    found = suggest_setup(*looked_at(path, most))
    assert found is not None
    return found


def values(path: Path, oppsett: Oppsett, letters: Iterable[Brevomrade]) -> list[dict[str, str]]:
    """What the set-up reads from these letters."""
    found = []
    with pypdfium2.PdfDocument(path) as document:
        for letter in letters:
            texts = {
                side: read_page(
                    document[letter.fra + side - 2], [o.rektangel for o in oppsett.read if o.side == side]
                )
                for side in {o.side for o in oppsett.read}
            }
            lesing = read_letter(letter, texts, oppsett)
            assert not [f.kode for f in lesing.funn if f.kode != "NUMMER_MANGLER"], lesing.funn
            found.append(lesing.rad.verdier)
    return found


def test_the_given_file_is_read_rightly_by_what_its_first_pages_suggest() -> None:
    """Suggested from three letters, true of all ten."""
    expected = json.loads((LILLEVIK / "samlet_forventet.json").read_text("utf-8"))["brev"]
    oppsett = suggested(SAMLET, most=6)
    assert (oppsett.kutt, oppsett.sider) == (Kuttmate.SIDER, 2)
    assert {o.felt for o in oppsett.omrader} == {F.NAVN, F.ADRESSE, F.ID, F.REF}
    found = values(SAMLET, oppsett, (Brevomrade(b["nr"], *b["sider"]) for b in expected))
    assert [v["navn"] for v in found] == [b["navn"] for b in expected]
    assert [v.get("fnr") or v.get("orgnr") for v in found] == [b["id"] for b in expected]
    assert [v["eksternref"] for v in found] == [b["eksternref"] for b in expected]
    assert [v["poststed"] for v in found] == [b["poststed"] for b in expected]


def letter(
    person: Sequence[str], pages: int, *, down: float = 0, said: bool = True, x: float = 20
) -> list[Side]:
    navn, gate, sted, nummer = person
    first = [
        Tekst(42, 20, "Lillevik kommune", 14),
        Tekst(42, 26, "Bryggeplassen 1"),
        Tekst(42, 31, "4262 AVALDSNES"),
        Tekst(140, 31, "Org.nr. 360673499"),
        Tekst(x, 52 + down, navn),
        Tekst(x, 57 + down, gate),
        Tekst(x, 62 + down, sted),
        Tekst(130, 62, "Fødselsnr."),
        Tekst(155, 62, nummer),
    ]
    rest = [[Tekst(20, 40, "Mer om saken"), Tekst(42, 20, "Lillevik kommune")] for _ in range(1, pages)]
    sheets = [first, *rest]
    if said:
        for n, sheet in enumerate(sheets, 1):
            sheet.append(Tekst(175, 285, f"Side {n} av {pages}", 8))
    return list(sheets)


def big_file(tmp_path: Path, brev: Iterable[list[Side]]) -> Path:
    path = tmp_path / "stor.pdf"
    write_letters(path, brev, tittel="Brev")
    return path


def test_the_senders_own_address_and_number_are_nobodys_letter(tmp_path: Path) -> None:
    path = big_file(tmp_path, [letter(p, 2) for p in PEOPLE])
    oppsett = suggested(path)
    assert (oppsett.kutt, oppsett.sider) == (Kuttmate.SIDER, 2)
    areas = {o.felt: o for o in oppsett.omrader}
    assert areas[F.NAVN].y > 40 and areas[F.ID].y > 50
    found = values(path, oppsett, [Brevomrade(n + 1, 2 * n + 1, 2 * n + 2) for n in range(len(PEOPLE))])
    assert [(v["navn"], v.get("fnr") or v.get("orgnr")) for v in found] == [(p[0], p[3]) for p in PEOPLE]


def test_letters_of_different_length_are_cut_where_the_page_says_it_is_the_first(tmp_path: Path) -> None:
    path = big_file(tmp_path, [letter(p, n % 3 + 1) for n, p in enumerate(PEOPLE)])
    oppsett = suggested(path)
    assert (oppsett.kutt, oppsett.tekst) == (Kuttmate.TEKST, "Side 1 av")


def test_letters_of_different_length_that_say_nothing_are_cut_where_there_is_a_name(tmp_path: Path) -> None:
    path = big_file(tmp_path, [letter(p, n % 3 + 1, said=False) for n, p in enumerate(PEOPLE)])
    oppsett = suggested(path)
    assert oppsett.kutt is Kuttmate.FYLT
    assert oppsett.area(F.MERKE) is not None and not oppsett.faults()


def test_blocks_that_do_not_begin_at_the_same_height_are_read_as_one_area(tmp_path: Path) -> None:
    path = big_file(tmp_path, [letter(p, 1, down=5 * (n % 2)) for n, p in enumerate(PEOPLE)])
    oppsett = suggested(path)
    assert oppsett.area(F.NAVN) is None
    found = values(path, oppsett, [Brevomrade(n + 1, n + 1, n + 1) for n in range(len(PEOPLE))])
    assert [v["navn"] for v in found] == [p[0] for p in PEOPLE]


def test_a_file_without_addresses_has_no_suggestion(tmp_path: Path) -> None:
    path = big_file(tmp_path, [[[Tekst(20, 50, "Møteinnkalling"), Tekst(20, 60, "Sak 1/27")]]] * 3)
    assert suggest_setup(*looked_at(path)) is None


@pytest.mark.parametrize("pages", [1, 2, 4])
def test_one_letter_alone_is_the_whole_file(tmp_path: Path, pages: int) -> None:
    oppsett = suggested(big_file(tmp_path, [letter(PEOPLE[0], pages)]))
    assert (oppsett.kutt, oppsett.sider) == (Kuttmate.SIDER, pages)
