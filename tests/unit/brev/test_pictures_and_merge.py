"""Pages as pictures, and documents as one print file."""

from __future__ import annotations

import io
import itertools

import pikepdf
import pypdfium2
import pytest
from PIL import Image, PngImagePlugin

from fiks.pdf import Omrade, PdfFeil, Sidetegner, Utskriftsdokument, count_pages
from fiks.pdf import merge as merge_in_child
from fiks.pdf import page_png as picture_in_child
from fiks.pdf.check import check_pdf
from fiks.pdf.merge import merge
from fiks.pdf.page_images import WINDOW_MM, ink_box, is_blank, page_png
from fiks.print import page_plan
from fiks.utsending.brev import BrevFeil, prepare_logo, vet_svg
from fiks.utsending.brev.logo import prepare_logo as prepare_here
from testmiljo.folders import LILLEVIK
from tests.unit.brev import naughty
from tests.unit.brev.letters import text_of

LYING = (naughty.A4[1], naughty.A4[0])


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def doc(name: str, *giro: int) -> Utskriftsdokument:
    return Utskriftsdokument((LILLEVIK / name).read_bytes(), giro)


def is_bare(pdf: bytes, page: int) -> bool:
    return picture(page_png(pdf, page, 30)).convert("L").getextrema()[0] > 250


def test_pages_are_drawn_by_one_child_that_lives_on() -> None:
    tegner, data = Sidetegner(), (LILLEVIK / "brev_samme.pdf").read_bytes()
    child = tegner.room.call("os:getpid")
    pictures = [tegner.page_png(data, side, 30) for side in (1, 2)]
    assert pictures == [page_png(data, side, 30) for side in (1, 2)]
    assert tegner.room.call("os:getpid") == child
    tegner.close()


def test_a_page_is_drawn_at_the_asked_resolution_and_the_same_each_time() -> None:
    data = (LILLEVIK / "brev_samme.pdf").read_bytes()

    first, in_child = page_png(data, 1, 100), picture_in_child(data, 1, 100)

    assert picture(first).size == (827, 1170)
    assert first == in_child
    assert first != page_png(data, 2, 100)


def test_window_and_margins_are_drawn_where_they_are() -> None:
    png = picture(page_png(naughty.pdf(), 1, 254, vindu=True, marger=True))
    x, y, width, height = WINDOW_MM

    assert png.getpixel((round(x * 10) + 1, round((y + height / 2) * 10))) == (0, 98, 186)
    assert png.getpixel((round((x + width) * 10) - 1, round((y + 5) * 10))) == (0, 98, 186)
    assert png.getpixel((101, 1500)) == (150, 90, 0)
    assert png.getpixel((1000, 31)) == (150, 90, 0)
    assert png.getpixel((1000, 1500)) == (255, 255, 255)


def test_only_the_findings_of_the_page_are_framed() -> None:
    area = [Omrade(1, 50, 60, 20, 10)]
    blank = naughty.pdf(pages=2)

    assert page_png(blank, 1, 96, omrader=area) != page_png(blank, 1, 96)
    assert page_png(blank, 2, 96, omrader=area) == page_png(blank, 2, 96)
    assert picture_in_child(blank, 1, 96, omrader=area) == page_png(blank, 1, 96, omrader=area)


@pytest.mark.parametrize("side", [0, 3])
def test_a_page_that_does_not_exist_is_an_error(side: int) -> None:
    with pytest.raises(PdfFeil) as refused:
        page_png((LILLEVIK / "brev_samme.pdf").read_bytes(), side)

    assert refused.value.kode == "SIDE_FINNES_IKKE"


def test_a_huge_page_becomes_a_picture_of_bearable_size() -> None:
    size = picture(page_png(naughty.pdf(size=(14_000, 14_000)), 1, 300)).size

    assert size[0] * size[1] < 41_000_000


def test_pages_are_counted_in_a_child() -> None:
    assert count_pages((LILLEVIK / "samlet.pdf").read_bytes()) == 20
    with pytest.raises(PdfFeil):
        count_pages((LILLEVIK / "ikke_en.pdf").read_bytes())


def test_sv12_44_on_both_sides_every_document_begins_on_a_front_side() -> None:
    odd = naughty.pdf(naughty.box(1, 50, 50, 50, 50))
    done = merge([Utskriftsdokument(odd), doc("brev_samme.pdf"), Utskriftsdokument(odd)], tosidig=True)

    assert (done.sider, done.ark, done.starter, done.giro_sider) == (6, 3, (1, 3, 5), ())
    assert [is_bare(done.pdf, page) for page in range(1, 7)] == [False, True, False, False, False, True]


def test_on_one_side_no_page_is_added() -> None:
    done = merge([doc("brev_samme.pdf"), doc("per_rad/0003.pdf", 3), doc("brev_samme.pdf")], tosidig=False)

    assert (done.sider, done.ark, done.starter, done.giro_sider) == (7, 7, (1, 3, 6), (5,))


def test_a_giro_page_gets_a_sheet_of_its_own() -> None:
    done = merge([Utskriftsdokument(naughty.pdf(pages=3), (2,))], tosidig=True)

    assert (done.sider, done.giro_sider) == (6, (3,))


def test_sv12_44_every_page_of_a_print_file_is_upright_a4_with_its_text() -> None:
    done = merge([doc("brev_liggende.pdf"), Utskriftsdokument(naughty.pdf(size=(612, 792)))], tosidig=True)

    with pypdfium2.PdfDocument(done.pdf) as document:
        sizes = {tuple(round(v) for v in document.get_page_size(n)) for n in range(len(document))}
    assert sizes == {(595, 842)}
    before = text_of((LILLEVIK / "brev_liggende.pdf").read_bytes(), 2)
    assert sorted("".join(text_of(done.pdf, 2).split())) == sorted("".join(before.split()))
    assert check_pdf(done.pdf).fonter_innebygd


@pytest.mark.parametrize(
    ("rotate", "size", "corner"),
    [
        (0, LYING, "top right"),
        (90, naughty.A4, "bottom right"),
        (180, naughty.A4, "bottom right"),
        (270, LYING, "bottom left"),
    ],
)
def test_a_turned_page_keeps_its_content_the_way_a_reader_sees_it(
    rotate: int, size: tuple[float, float], corner: str
) -> None:
    def change(document: pikepdf.Pdf) -> None:
        naughty.box(1, 5, size[1] * 25.4 / 72 - 25, 20, 20)(document)
        document.pages[0].obj.Rotate = rotate

    done = merge([Utskriftsdokument(naughty.pdf(change, size=size))], tosidig=False)
    grey = picture(page_png(done.pdf, 1, 25.4 * 2)).convert("L")
    left, top, right, bottom = grey.point([255 if v < 128 else 0 for v in range(256)]).getbbox() or (
        0,
        0,
        0,
        0,
    )

    where = (
        f"{'top' if bottom < grey.height / 2 else 'bottom'} {'left' if right < grey.width / 2 else 'right'}"
    )
    assert where == corner
    assert 30 <= right - left <= 44
    assert 30 <= bottom - top <= 44


def test_the_same_documents_give_the_same_file() -> None:
    documents = [doc("brev_samme.pdf"), doc("brev_liggende.pdf", 3)]

    assert merge(documents, tosidig=True) == merge_in_child(documents, tosidig=True)


def test_what_cannot_be_opened_cannot_be_printed() -> None:
    for name, code in (("brev_passord.pdf", "PDF_PASSORD"), ("ikke_en.pdf", "PDF_UGYLDIG")):
        with pytest.raises(PdfFeil) as refused:
            merge([doc(name)], tosidig=True)
        assert refused.value.kode == code
    with pytest.raises(PdfFeil):
        merge([], tosidig=True)


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (300, 150), 128 if mode == "L" else (200, 30, 30, 120)[: len(mode)]).save(
        out, kind, **options
    )
    return out.getvalue()


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "L"), ("JPEG", "RGB")])
def test_an_uploaded_logo_is_decoded_and_encoded_anew(kind: str, mode: str) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "hemmelig")
    options = {"pnginfo": notes} if kind == "PNG" else {"comment": b"hemmelig"}
    data = encoded(kind, mode, **options) + b"<script>hemmelig</script>"

    logo = prepare_logo(data)

    assert logo.mediatype == "image/png"
    assert b"hemmelig" not in logo.data
    assert picture(logo.data).size == (300, 150)
    assert logo == prepare_here(data)


def test_a_large_logo_is_made_smaller() -> None:
    out = io.BytesIO()
    Image.new("RGB", (3_000, 1_000)).save(out, "PNG")

    assert picture(prepare_here(out.getvalue()).data).size == (1_200, 400)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff\x00",
    ],
)
def test_anything_but_png_and_jpeg_is_refused_as_logo(data: bytes) -> None:
    with pytest.raises(BrevFeil) as refused:
        prepare_here(data)

    assert refused.value.kode == "LOGO_UGYLDIG"


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<image href="file:///etc/passwd"/>',
        '<use href="#a"/>',
        '<path d="M0 0" style="fill:url(http://x)"/>',
        '<path d="M0 0" fill="url(#a)"/>',
        '<path d="M0 0" onload="x()"/>',
        "<foreignObject/>",
        "<style>@import 'http://x'</style>",
    ],
)
def test_an_svg_of_ours_holds_plain_shapes_and_nothing_else(inner: str) -> None:
    with pytest.raises(BrevFeil):
        vet_svg(SVG.format(inner).encode())


@pytest.mark.parametrize(
    "head", ["<!DOCTYPE svg [<!ENTITY a 'b'>]>", "<?xml-stylesheet href='x'?>", "<!-- x -->"]
)
def test_an_svg_of_ours_has_no_document_type_entity_or_instruction(head: str) -> None:
    with pytest.raises(BrevFeil):
        vet_svg((head + SVG.format("")).encode())


def test_the_kommunes_mark_passes() -> None:
    logo = vet_svg((LILLEVIK / "logo.svg").read_bytes())

    assert logo.mediatype == "image/svg+xml"
    assert vet_svg(logo.data) == logo


@pytest.mark.parametrize("tosidig", [True, False])
@pytest.mark.parametrize(
    "deler", list(itertools.product([(1, ()), (2, (2,)), (3, (1, 3)), (3, (2,))], repeat=2))
)
def test_the_plan_of_pages_is_the_file_that_is_made(
    deler: tuple[tuple[int, tuple[int, ...]], ...], tosidig: bool
) -> None:
    """What paper is priced by is what is printed, but for a blank back of the last sheet."""
    parts = [(1, ()), *deler]
    made = merge([Utskriftsdokument(naughty.pdf(pages=n), giro) for n, giro in parts], tosidig=tosidig)
    plan = page_plan(parts, tosidig=tosidig)
    assert plan.giroark == made.giro_sider
    assert made.sider - plan.sider in ((0, 1) if tosidig else (0,))
    assert made.ark == ((plan.sider + 1) // 2 if tosidig else plan.sider)


@pytest.mark.parametrize("size", [naughty.A4, LYING, (300.3, 200.7)], ids=["standing", "lying", "odd"])
@pytest.mark.parametrize("place", [(0.0, 0.0), (3.4, 180.2), (90.9, 60.1)])
def test_ink_is_where_a_picture_of_the_whole_page_has_it(
    size: tuple[float, float], place: tuple[float, float]
) -> None:
    """A strip is drawn by itself, and on the same pixels."""
    data = naughty.pdf(naughty.box(1, *place, 1.3, 0.7), size=size)
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        whole = page.render(scale=127 / 72, grayscale=True).to_pil().point([255] * 245 + [0] * 11)
        wide, high = (length * 25.4 / 72 for length in page.get_size())
        for strip in (
            (0, 0, 10, high),
            (wide - 10, 0, wide, high),
            (0, high - 3, wide, high),
            (-9, -9, 999, 999),
        ):
            left, top, *_ = pixels = [round(mm * 5) for mm in strip]
            found = whole.crop((left, top, pixels[2], pixels[3])).getbbox()
            wanted = found and [(v + o) / 5 for v, o in zip(found, (left, top, left, top), strict=True)]
            assert ink_box(page, *strip) == (wanted and pytest.approx(wanted))
        assert is_blank(page) == (whole.getbbox() is None)
        assert ink_box(page, wide + 5, 0, wide + 9, high) is None


def test_a_page_with_nothing_on_it_is_blank() -> None:
    with pypdfium2.PdfDocument(naughty.pdf()) as document:
        assert is_blank(document[0]) and ink_box(document[0], 0, 0, 210, 297) is None
