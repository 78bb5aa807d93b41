"""Big PDFs made to harm: refused in a word, or one letter lost and its neighbours not; the parent lives on."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pikepdf
import pytest

from fiks.core.isolate import Grenser
from fiks.pdf import PdfKode
from fiks.pdf.cut import Felt, Storfil, large_file
from tests.unit.brev import naughty
from tests.unit.samlet.files import SAMLET, Change, changed, pairs

pytestmark = pytest.mark.slow

DATA = SAMLET.parent
NAME = Felt(19, 48.2, 100, 5)


def refused(data: bytes) -> list[str]:
    with Storfil([data]) as fil:
        return [str(f.kode) for f in fil.inspect().kontroll.funn]


def script_in_the_name_tree(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    tree = pikepdf.Dictionary(Names=pikepdf.Array(["a", pdf.make_indirect(action)]))
    pdf.Root["/Names"] = pikepdf.Dictionary(JavaScript=tree)


def xfa_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"))


def pages_in_a_ring(pdf: pikepdf.Pdf) -> None:
    pages = pdf.Root["/Pages"]
    pages["/Kids"].append(pages)


def many_pages() -> bytes:
    """100 000 pages: one page that is named so many times."""
    out = io.BytesIO()
    kids = b"3 0 R " * 100_000
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 100000/Kids[" + kids + b"]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    out.write(b"%PDF-1.7\n")
    places = []
    for n, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (n, body))
    start = out.tell()
    out.write(b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def a_pdf_that_is_a_zip_too() -> bytes:
    return b"PK\x03\x04" + b"\0" * 2_000 + SAMLET.read_bytes()


@pytest.mark.parametrize(
    ("make", "kode"),
    [
        (lambda: (DATA / "brev_passord.pdf").read_bytes(), "PDF_PASSORD"),
        (lambda: (DATA / "ikke_en.pdf").read_bytes(), "PDF_UGYLDIG"),
        (lambda: b"", "PDF_UGYLDIG"),
        (lambda: SAMLET.read_bytes()[:200], "PDF_UGYLDIG"),
        (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 500, "PDF_UGYLDIG"),
        (a_pdf_that_is_a_zip_too, "PDF_UGYLDIG"),
        (many_pages, "PDF_FOR_MANGE_SIDER"),
        (lambda: changed(SAMLET.read_bytes(), naughty.javascript), "PDF_JAVASCRIPT"),
        (lambda: changed(SAMLET.read_bytes(), script_in_the_name_tree), "PDF_JAVASCRIPT"),
        (lambda: changed(SAMLET.read_bytes(), naughty.embedded_file), "PDF_INNEBYGD_FIL"),
        (lambda: changed(SAMLET.read_bytes(), xfa_form), "PDF_HANDLING"),
    ],
    ids=[
        "password", "no pdf", "empty", "cut off", "noise", "zip", "100 000 pages", "script", "named script",
        "file inside", "form",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_in_a_word(make: Callable[[], bytes], kode: str) -> None:
    assert refused(make()) == [kode]


def test_pages_that_hold_themselves_are_no_file() -> None:
    [code] = refused(changed(SAMLET.read_bytes(), pages_in_a_ring))
    assert code in ("PDF_UGYLDIG", "PDF_FOR_KOMPLISERT")


def test_a_file_that_brings_its_child_down_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    # Any file does, in a child that may have so little.
    monkeypatch.setattr(large_file, "OPEN_LIMITS", Grenser(memory_mb=40))
    assert refused(SAMLET.read_bytes()) == ["PDF_FOR_KOMPLISERT"]


def test_a_file_has_as_many_pages_as_it_may_and_no_more() -> None:
    with Storfil([SAMLET.read_bytes()]) as fil:
        assert fil.inspect(max_sider=20).kontroll.funn == ()
        assert [f.kode for f in fil.inspect(max_sider=19).kontroll.funn] == [PdfKode.PDF_FOR_MANGE_SIDER]


def on_page(number: int, change: Change) -> Change:
    """The fault that `change` makes on the first page of a file, on this page of the given one."""

    def apply(pdf: pikepdf.Pdf) -> None:
        with pikepdf.Pdf.open(io.BytesIO(naughty.pdf(change))) as bad:
            pdf.pages.insert(number - 1, bad.pages[0])
        del pdf.pages[number]

    return apply


def test_a_page_that_is_a_trap_costs_its_own_letter_and_no_other() -> None:
    data = changed(SAMLET.read_bytes(), on_page(3, naughty.stream_bomb))
    limits = Grenser(memory_mb=512, cpu_seconds=2, wall_seconds=20.0)
    with Storfil([data], limits) as fil:
        letters = list(fil.cut(pairs(4), "Brev", tosidig=True))
        texts = list(fil.texts([1, 3, 5, 7], [NAME]))
    assert [letter.pdf is None for letter in letters] == [False, True, False, False]
    assert [str(f.kode) for f in letters[1].kontroll.funn] == ["PDF_FOR_KOMPLISERT"]
    assert [bool(t.felter[0].linjer) for t in texts] == [True, False, True, True]
    assert [t.ulest for t in texts] == [False, True, False, False]


def test_a_picture_of_a_billion_dots_harms_no_other_letter() -> None:
    data = changed(SAMLET.read_bytes(), on_page(3, naughty.pixel_flood))
    with Storfil([data]) as fil:
        letters = list(fil.cut(pairs(4), "Brev", tosidig=True))
    assert [letters[n].pdf is not None for n in (0, 2, 3)] == [True] * 3


def test_a_form_that_draws_itself_is_cut_and_checked_like_any_other() -> None:
    data = changed(SAMLET.read_bytes(), on_page(3, naughty.form_in_itself))
    with Storfil([data]) as fil:
        letters = list(fil.cut(pairs(10), "Brev", tosidig=True))
    assert [letter.pdf is not None for letter in letters] == [True] * 10


def dangling_pages(pdf: pikepdf.Pdf) -> None:
    pdf.pages[2].obj["/Contents"] = pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary())])
    del pdf.pages[4].obj["/Resources"]
    pdf.pages[6].obj["/Annots"] = pikepdf.Array([1, pikepdf.Dictionary(Subtype=pikepdf.Name.Link), "x"])
    pdf.pages[8].obj["/StructParents"] = 10**6


def test_pages_that_are_half_there_are_cut_or_refused_one_by_one() -> None:
    with Storfil([changed(SAMLET.read_bytes(), dangling_pages)]) as fil:
        letters = list(fil.cut(pairs(10), "Brev", tosidig=True))
    assert len(letters) == 10
    assert all(letter.pdf is not None or letter.kontroll.funn for letter in letters)
    assert [letters[n].pdf is not None for n in (0, 3, 4, 5)] == [True] * 4


def huge_letter(pdf: pikepdf.Pdf) -> None:
    picture = pikepdf.Stream(pdf, random.Random(1).randbytes(51_200_000))
    picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    picture.Width, picture.Height, picture.BitsPerComponent = 6_400, 8_000, 8
    picture.ColorSpace = pikepdf.Name.DeviceGray
    resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=pdf.make_indirect(picture)))
    pdf.pages[0].obj["/Resources"] = resources
    pdf.pages[0].obj["/Contents"] = pdf.make_stream(b"q 500 0 0 700 50 50 cm /I Do Q")


def test_a_letter_too_large_to_send_is_told_and_its_neighbour_is_cut() -> None:
    with Storfil([changed(SAMLET.read_bytes(), huge_letter)]) as fil:
        first, second = fil.cut(pairs(2), "Brev", tosidig=True)
    assert first.pdf is None and [str(f.kode) for f in first.kontroll.funn] == ["PDF_BREV_FOR_STORT"]
    assert second.pdf is not None


def test_a_child_that_is_killed_is_replaced_and_the_file_is_still_there() -> None:
    with Storfil([SAMLET.read_bytes()]) as fil:
        [first] = fil.texts([1], [NAME])
        assert fil._barn is not None
        fil._barn.process.kill()
        [again] = fil.texts([1], [NAME])
    assert first.felter[0].linjer == again.felter[0].linjer == ("Gjensidig Pære",)
