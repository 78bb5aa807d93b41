"""The text in an area: lines and words as they are seen, and a plain word when it cannot be read or goes on outside."""

from __future__ import annotations

import json
from collections.abc import Callable

import pikepdf
import pypdfium2
import pytest
import weasyprint

from fiks.pdf.cut import WHOLE_PAGE, Felt, Felttekst, Sidetekst
from fiks.pdf.cut.characters import read_page
from testmiljo.folders import LILLEVIK
from tests.unit.samlet.files import SAMLET, changed

EXPECTED = json.loads((LILLEVIK / "samlet_forventet.json").read_text("utf-8"))
NAME = Felt(15, 35, 120, 20)


def page_of(body: str, css: str = "") -> bytes:
    style = f"@page {{ size: A4; margin: 0 }} body {{ font: 12pt sans-serif; margin: 0 }} {css}"
    html = f'<html lang="nb"><meta charset="utf-8"><title>x</title><style>{style}</style>{body}'
    made: bytes = weasyprint.HTML(string=html).write_pdf()
    return made


def at(x: float, y: float, text: str, more: str = "") -> str:
    return (
        f'<div style="position: absolute; left: {x}mm; top: {y}mm; white-space: nowrap; {more}">{text}</div>'
    )


def read(data: bytes, *felter: Felt, side: int = 1) -> Sidetekst:
    with pypdfium2.PdfDocument(data) as document:
        return read_page(document[side - 1], felter)


def text_in(data: bytes, felt: Felt = NAME) -> Felttekst:
    return read(data, felt).felter[0]


@pytest.mark.parametrize("brev", EXPECTED["brev"], ids=lambda brev: f"brev {brev['nr']}")
def test_the_given_areas_hold_exactly_what_is_expected(brev: dict[str, object]) -> None:
    areas = [Felt(*EXPECTED["omrader"][name]) for name in ("navn", "adresse", "id", "ref")]
    pages = brev["sider"]
    assert isinstance(pages, list)
    page = read(SAMLET.read_bytes(), *areas, side=pages[0])
    assert [list(f.linjer) for f in page.felter] == [
        [brev["navn"]], brev["adresse"], [brev["id"]] if brev["id"] else [], [brev["eksternref"]],
    ]  # fmt: skip
    assert not any(f.uleselig or f.kuttet for f in page.felter)


def test_words_have_one_space_between_them_however_they_are_placed() -> None:
    data = page_of(at(20, 40, "Kari") + at(32, 40, "Nordmann") + at(60, 40, "Ås"))
    assert text_in(data).linjer == ("Kari Nordmann Ås",)


def test_letters_apart_and_two_f_in_a_row_are_still_words() -> None:
    data = page_of(at(20, 40, "Steffen Fjell", "letter-spacing: 0.06em") + at(20, 46, "Affi Offisiell"))
    assert text_in(data).linjer == ("Steffen Fjell", "Affi Offisiell")


def test_lines_come_from_the_top_whatever_order_they_are_drawn_in() -> None:
    data = page_of(at(20, 48, "4274 STOL") + at(20, 42, "Gata 1") + at(20, 36, "Kari Vik"))
    assert text_in(data).linjer == ("Kari Vik", "Gata 1", "4274 STOL")


def turned(degrees: int) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/Rotate"] = degrees

    return change


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_is_turned_is_read_as_it_is_seen(degrees: int) -> None:
    """The page is drawn lying the other way and turned upright, as printer drivers do."""
    width, height = (297, 210) if degrees in (90, 270) else (210, 297)
    css = f"@page {{ size: {width}mm {height}mm; margin: 0 }}"
    upright = {
        90: "left: 0; top: 210mm; transform-origin: 0 0; transform: rotate(-90deg)",
        180: "left: 210mm; top: 297mm; transform-origin: 0 0; transform: rotate(180deg)",
        270: "left: 297mm; top: 0; transform-origin: 0 0; transform: rotate(90deg)",
    }[degrees]
    inner = at(20, 40, "Kari Vik") + at(20, 46, "Gata 1")
    sheet = f'<div style="position: absolute; width: 210mm; height: 297mm; {upright}">{inner}</div>'
    data = changed(page_of(sheet, css), turned(degrees))
    assert text_in(data).linjer == ("Kari Vik", "Gata 1")


def test_a_page_that_is_cropped_is_measured_from_what_is_seen() -> None:
    def crop(pdf: pikepdf.Pdf) -> None:
        mm = 72 / 25.4
        pdf.pages[0].obj["/CropBox"] = [10 * mm, 0, 210 * mm, 287 * mm]

    data = changed(page_of(at(30, 50, "Kari Vik")), crop)
    assert text_in(data, Felt(18, 38, 40, 8)).linjer == ("Kari Vik",)


def without_tounicode(pdf: pikepdf.Pdf) -> None:
    for _, font in pdf.pages[0].obj["/Resources"]["/Font"].items():
        del font["/ToUnicode"]


def test_a_font_that_does_not_say_what_its_glyphs_are_cannot_be_read() -> None:
    good = page_of(at(20, 40, "Kari Ødegård"))
    assert text_in(good).uleselig == 0
    assert text_in(changed(good, without_tounicode)).uleselig == 12


def say(code: str) -> Callable[[pikepdf.Pdf], None]:
    """Have the font say that every ø is this character."""

    def change(pdf: pikepdf.Pdf) -> None:
        for _, font in pdf.pages[0].obj["/Resources"]["/Font"].items():
            told = (
                font["/ToUnicode"]
                .read_bytes()
                .replace(b"<00d8>", code.encode())
                .replace(b"<00f8>", code.encode())
            )
            font["/ToUnicode"] = pdf.make_stream(told)

    return change


@pytest.mark.parametrize("code", ["<e001>", "<fffd>", "<0000>", "<0003>"])
def test_private_replacement_and_control_characters_cannot_be_read(code: str) -> None:
    found = text_in(changed(page_of(at(20, 40, "Kari Øvebø")), say(code)))
    assert found.uleselig == 2


def test_a_scanned_page_has_a_picture_and_no_text() -> None:
    def scan(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(bytes(10_000))
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width = picture.Height = 100
        picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceGray, 8
        page = pdf.pages[0]
        page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.obj["/Contents"] = pdf.make_stream(b"q 500 0 0 700 50 50 cm /I Do Q")

    scanned, empty = read(changed(page_of(""), scan), NAME), read(page_of(""), NAME)
    assert (scanned.tekst, scanned.bilde) == (False, True)
    assert (empty.tekst, empty.bilde) == (False, False)


@pytest.mark.parametrize(
    "felt",
    [Felt(15, 38, 25, 8), Felt(30, 38, 80, 8), Felt(15, 42.6, 100, 8), Felt(15, 30, 100, 11.6)],
    ids=["right", "left", "top", "bottom"],
)
def test_text_that_goes_on_past_the_edge_is_noticed(felt: Felt) -> None:
    data = page_of(at(20, 40, "Kari Vik Nordmann Olsen"))
    assert text_in(data, felt).kuttet


def test_text_in_the_next_column_is_not_the_same_text() -> None:
    data = page_of(at(20, 40, "Kari Vik") + at(60, 40, "Dato"))
    assert not text_in(data, Felt(15, 38, 35, 8)).kuttet


def test_a_whole_page_is_read_at_once() -> None:
    data = page_of(at(20, 40, "Kari Vik") + at(170, 285, "Side 1 av 4"))
    assert read(data, WHOLE_PAGE).felter[0].linjer == ("Kari Vik", "Side 1 av 4")
    assert read(data, NAME, WHOLE_PAGE).felter[0].linjer == ("Kari Vik",)


def test_text_along_the_margin_is_no_line_of_the_letter() -> None:
    turned_text = at(22, 45, "Arkivkode 1234", "transform: rotate(-90deg); transform-origin: 0 0")
    assert text_in(page_of(at(30, 40, "Kari Vik") + turned_text)).linjer == ("Kari Vik",)
