"""Cut letters: the pages as they were, the fonts they need, tags of their own, and nothing that points elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest

from fiks.pdf import PdfKode
from fiks.pdf.check import check_pdf
from fiks.pdf.content_scan import active_content
from fiks.pdf.cut import Brevsider, Storfil
from fiks.utsending.samlet.analysis.boundaries import add_textless_page_findings
from tests.unit.brev import naughty
from tests.unit.samlet.files import SAMLET, changed, cut, opened, pairs, tagged


def content(page: pikepdf.Page) -> list[bytes]:
    """The raw bytes of a page's content streams."""
    held = page.obj["/Contents"]
    streams = list(held) if isinstance(held, pikepdf.Array) else [held]
    return [stream.read_raw_bytes() for stream in streams]


def font_files(page: pikepdf.Page) -> set[str]:
    """The files of the fonts that the page's content names."""
    written = b"".join(
        pikepdf.unparse_content_stream([one]) for one in pikepdf.parse_content_stream(page, "Tf")
    )
    found = set()
    for name, font in page.obj["/Resources"]["/Font"].items():
        if name.encode() + b" " not in written:
            continue
        inner = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            if key in inner["/FontDescriptor"]:
                found.add(hashlib.sha256(inner["/FontDescriptor"][key].read_raw_bytes()).hexdigest())
    return found


@pytest.mark.parametrize("data", [SAMLET.read_bytes(), tagged()], ids=["fagsystem", "tagged"])
def test_pages_come_through_with_the_bytes_and_fonts_they_had(data: bytes) -> None:
    source = opened(data)
    letters = cut(data, pairs(len(source.pages) // 2))
    assert len(letters) * 2 == len(source.pages)
    for n, letter in enumerate(letters):
        made = opened(letter.pdf)
        old = [source.pages[2 * n], source.pages[2 * n + 1]]
        assert [content(page) for page in made.pages] == [content(page) for page in old]
        assert [font_files(page) for page in made.pages] == [font_files(page) for page in old]
        assert [list(page.mediabox) for page in made.pages] == [list(page.mediabox) for page in old]
        assert letter.kontroll.fonter_innebygd


def test_the_fonts_of_a_letter_lie_in_it_once() -> None:
    data = SAMLET.read_bytes()
    [letter] = cut(data, [Brevsider(1, 2)])
    made = opened(letter.pdf)
    files = [obj for obj in made.objects if isinstance(obj, pikepdf.Stream) and "/Length1" in obj]
    assert len(files) == 2


def test_the_same_letter_has_the_same_bytes_whatever_was_cut_before_it() -> None:
    data = tagged()
    alone = cut(data, [Brevsider(5, 6)])[0].pdf
    assert alone is not None
    assert cut(data, pairs(4))[2].pdf == alone
    assert cut(data, [Brevsider(5, 6), Brevsider(5, 6)])[1].pdf == alone


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    kids = node.get("/K")
    for kid in list(kids) if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def kinds(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element["/S"]) for element in elements(pdf.Root["/StructTreeRoot"])]


def test_tagged_input_stays_tagged_with_its_own_structure_only() -> None:
    data = tagged()
    source = opened(data)
    for n, letter in enumerate(cut(data, pairs(4))):
        made = opened(letter.pdf)
        assert made.Root["/MarkInfo"]["/Marked"] and made.Root["/Lang"] == "nb"
        assert kinds(made).count("/H1") == 1
        assert kinds(made).count("/TD") == 2, "an empty cell follows its row"
        own = {page.obj.objgen for page in made.pages}
        pages = [e["/Pg"].objgen for e in elements(made.Root["/StructTreeRoot"]) if "/Pg" in e]
        assert set(pages) == own
        parents = pikepdf.NumberTree(made.Root["/StructTreeRoot"]["/ParentTree"])
        before = pikepdf.NumberTree(source.Root["/StructTreeRoot"]["/ParentTree"])
        for new, old in zip(made.pages, source.pages[2 * n : 2 * n + 2], strict=True):
            told = [str(element["/S"]) for element in parents[int(new.obj["/StructParents"])]]
            was = [str(element["/S"]) for element in before[int(old.obj["/StructParents"])]]
            # Of the links one led to another letter: its words are still there, as words.
            assert [a for a in zip(was, told, strict=True) if a[0] != a[1]] in ([], [("/Link", "/Span")])


def test_every_element_leads_up_to_the_root() -> None:
    [letter] = cut(tagged(), [Brevsider(3, 4)])
    leads_up(letter.pdf)


def leads_up(data: bytes | None) -> None:
    made = opened(data)
    root = made.Root["/StructTreeRoot"]
    for element in elements(root):
        seen = 0
        while element.get("/Type") != "/StructTreeRoot":
            element, seen = element["/P"], seen + 1
            assert seen < 50
        assert element.objgen == root.objgen


def test_links_within_the_letter_and_to_the_web_stay_and_those_out_of_it_go() -> None:
    [letter] = cut(tagged(), [Brevsider(3, 4)])
    made = opened(letter.pdf)
    notes = list(made.pages[0].obj["/Annots"])
    assert len(notes) == 2
    within, web = notes
    assert within["/Dest"][0].objgen == made.pages[1].obj.objgen
    assert str(web["/A"]["/URI"]) == "https://lillevik.kommune.example"
    assert kinds(made).count("/Link") == 2


def test_what_the_whole_file_says_of_itself_is_true_of_the_letter_but_for_the_title() -> None:
    [letter] = cut(tagged(variant="pdf/a-2u"), [Brevsider(1, 2)], "Skatt & gebyr <2027>")
    made = opened(letter.pdf)
    with made.open_metadata() as meta:
        told: dict[str, Any] = {key: str(value) for key, value in meta.items()}
    assert told["{http://www.aiim.org/pdfa/ns/id/}part"] == "2"
    assert told["{http://purl.org/dc/elements/1.1/}title"] == "Skatt & gebyr <2027>"
    assert str(made.docinfo["/Title"]) == "Skatt & gebyr <2027>"
    assert b"Alle brevene" not in (letter.pdf or b"")
    assert "/Outlines" not in made.Root and "/Names" not in made.Root and "/OpenAction" not in made.Root
    assert "/OutputIntents" in made.Root


def hide_a_layer(pdf: pikepdf.Pdf) -> None:
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Internt"))
    pdf.Root["/OCProperties"] = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer]))
    pdf.pages[0].obj["/Resources"]["/Properties"] = pikepdf.Dictionary(Lag=layer)
    pdf.pages[0].contents_add(b"/OC /Lag BDC EMC")


def test_a_layer_that_is_hidden_in_the_big_file_is_hidden_in_the_letter() -> None:
    [letter] = cut(changed(tagged(), hide_a_layer), [Brevsider(1, 2)])
    made = opened(letter.pdf)
    layers = made.Root["/OCProperties"]
    assert layers["/D"]["/OFF"][0].objgen == made.pages[0].obj["/Resources"]["/Properties"]["/Lag"].objgen


def list_every_picture_on_every_page(pdf: pikepdf.Pdf) -> None:
    """As some systems do: one dictionary of resources for all pages, with what only one page draws."""
    shared = pdf.make_indirect(pikepdf.Dictionary(XObject=pikepdf.Dictionary()))
    for n, page in enumerate(pdf.pages):
        picture = pdf.make_stream(bytes([n]) * 5_000)
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width, picture.Height, picture.BitsPerComponent = 50, 100, 8
        picture.ColorSpace = pikepdf.Name.DeviceGray
        shared["/XObject"][f"/I{n}"] = pdf.make_indirect(picture)
        page.obj["/Resources"] = shared
        page.obj["/Contents"] = pdf.make_stream(f"q 90 0 0 90 200 400 cm /I{n} Do Q".encode())


def test_a_letter_takes_only_the_pictures_it_draws() -> None:
    data = changed(naughty.pdf(pages=20), list_every_picture_on_every_page)
    [letter] = cut(data, [Brevsider(3, 4)])
    made = opened(letter.pdf)
    pictures = [o for o in made.objects if isinstance(o, pikepdf.Stream) and "/Width" in o]
    assert sorted(p.read_bytes()[0] for p in pictures) == [2, 3]


def ring_of_elements(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root["/StructTreeRoot"]
    first = next(elements(root))
    first["/P"] = next(elements(first))


def endless_depth(pdf: pikepdf.Pdf) -> None:
    parents = pikepdf.NumberTree(pdf.Root["/StructTreeRoot"]["/ParentTree"])
    element = parents[0][0]
    for _ in range(300):
        above = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Div, P=element["/P"], K=[element]))
        element["/P"] = above
        element = above


def test_an_element_under_its_own_child_is_put_in_its_place() -> None:
    [letter] = cut(changed(tagged(), ring_of_elements), [Brevsider(1, 2)])
    assert not letter.kontroll.funn
    leads_up(letter.pdf)


def test_a_structure_that_cannot_be_divided_costs_the_tags_and_says_so() -> None:
    [letter] = cut(changed(tagged(), endless_depth), [Brevsider(1, 2)])
    assert [f.kode for f in letter.kontroll.funn] == [PdfKode.PDF_MERKING_TAPT]
    made = opened(letter.pdf)
    assert "/StructTreeRoot" not in made.Root and "/MarkInfo" not in made.Root
    with made.open_metadata() as meta:
        assert "{http://www.aiim.org/pdfua/ns/id/}part" not in meta


@pytest.mark.parametrize(
    ("change", "kode"),
    [(naughty.hidden_javascript, "PDF_JAVASCRIPT"), (naughty.launch, "PDF_HANDLING")],
)
def test_a_page_that_does_something_by_itself_is_no_letter(change: Any, kode: str) -> None:
    data = changed(SAMLET.read_bytes(), change)
    first, second = cut(data, pairs(2))
    assert first.pdf is None and [f.kode for f in first.kontroll.funn] == [kode]
    assert second.pdf is not None and not second.kontroll.funn


def test_no_letter_carries_anything_that_acts() -> None:
    for letter in cut(tagged(), pairs(4)):
        assert active_content(opened(letter.pdf)) == ()
        assert letter.pdf is not None and check_pdf(letter.pdf).kan_sendes


def test_a_letter_is_checked_as_a_single_upload_is() -> None:
    data = changed(SAMLET.read_bytes(), naughty.box(2, 4, 100, 20, 20))
    first, second = cut(data, [Brevsider(1, 2, giro=(2,)), Brevsider(3, 4)])
    assert [(str(f.kode), f.sider) for f in first.kontroll.funn] == [
        ("PDF_MARG", (2,)),
        ("PDF_GIRO_BAKSIDE", (2,)),
    ]
    assert first.pdf is not None and not second.kontroll.funn


def cover_with_a_picture(pdf: pikepdf.Pdf) -> None:
    """Page 2 as a scanner leaves it, page 4 with nothing on it, and page 6 in letters drawn as lines."""
    scan = pdf.make_stream(bytes(range(250)) * 20)
    scan.Type, scan.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    scan.Width, scan.Height, scan.BitsPerComponent = 50, 100, 8
    scan.ColorSpace = pikepdf.Name.DeviceGray
    pdf.pages[1].obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=scan))
    pdf.pages[1].obj["/Contents"] = pdf.make_stream(b"q 500 0 0 700 50 50 cm /I Do Q")
    pdf.pages[3].obj["/Contents"] = pdf.make_stream(b"")
    pdf.pages[5].obj["/Contents"] = pdf.make_stream(b"100 100 200 200 re f")


def told_of(
    data: bytes, letters: int, *, ved_merke: bool
) -> list[list[tuple[PdfKode, tuple[int, ...] | None]]]:
    """What is found of each letter of two pages; each can be sent."""
    with Storfil([data]) as fil:
        cut = list(
            add_textless_page_findings(
                list(fil.cut(pairs(letters), "Brev", tosidig=True, ved_merke=ved_merke))
            )
        )
    assert all(letter.pdf is not None for letter in cut)
    return [[(f.kode, f.sider) for f in letter.kontroll.funn] for letter in cut]


def test_a_later_page_that_says_nothing_is_told_where_letters_begin_by_what_pages_say() -> None:
    data = changed(SAMLET.read_bytes(), cover_with_a_picture)
    warned = (PdfKode.PDF_SIDE_UTEN_TEKST, (2,))
    assert told_of(data, 4, ved_merke=True) == [[warned], [], [warned], []]
    assert told_of(data, 4, ved_merke=False) == [[], [], [], []]


def logo_on_each_back(pdf: pikepdf.Pdf) -> None:
    """The same bar on the backs of all letters, but for the second, whose back is another's."""
    for n in (1, 3, 5, 7):
        bar = b"100 100 200 200 re f" if n == 3 else b"50 50 300 20 re f"
        pdf.pages[n].obj["/Contents"] = pdf.make_stream(bar)


def test_a_drawing_that_several_letters_have_is_the_templates_and_told_of_no_letter() -> None:
    data = changed(SAMLET.read_bytes(), logo_on_each_back)
    assert told_of(data, 4, ved_merke=True) == [[], [(PdfKode.PDF_SIDE_UTEN_TEKST, (2,))], [], []]
