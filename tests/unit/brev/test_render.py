"""Letters as PDF and as pixels."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from PIL import Image

from fiks.core.errors import FiksError
from fiks.core.isolate import BarnFeil
from fiks.pdf.check import check_pdf
from fiks.pdf.page_images import page_png
from fiks.utsending.brev import BrevFeil, Brevtrykker, RenderFeil, Trykk, bundled_template, child
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.errors import SkriftMangler
from tests.unit.brev import glyphs
from tests.unit.brev.letters import (
    FONTS,
    ROOT,
    box_of,
    given,
    lillevik,
    mailing,
    row,
    template,
    text_of,
    words_of,
)

WINDOW = (20.0, 45.0, 110.0, 95.0)


@pytest.fixture(scope="module")
def trykker() -> Iterator[Brevtrykker]:
    trykker = Brevtrykker(FONTS)
    yield trykker
    trykker.close()


def draw(source: str = "Hei", **changes: str) -> bytes:
    return render.render(template(source), row(**changes), mailing(), fonts=FONTS)


def notice(ref: str) -> bytes:
    return render.render(bundled_template("eiendomsskatt"), given(ref), mailing(), fonts=FONTS)


def inside(box: tuple[float, ...], frame: tuple[float, ...]) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def ink(pdf: bytes, page: int, left: float, top: float, right: float, bottom: float) -> bool:
    """Is anything drawn in this rectangle (mm)?"""
    picture = Image.open(io.BytesIO(page_png(pdf, page, 127))).convert("L")
    return picture.crop(tuple(round(v * 5) for v in (left, top, right, bottom))).getextrema()[0] < 245


def test_a_notice_says_all_it_must() -> None:
    words = words_of(notice("000078"))

    for part in (
        "Lillevik kommune",
        "LYDIG NEPE DIAMETER Skogstihaugen 13 5430 BREMNES",
        "Dato 22.02.2027",
        "Fødselsnr. 16927818888",
        "Vår ref. LIL-2027-000078",
        "Eiendomsskatt 2027 – skatteseddel",
        "eigedomsskattelova § 14",
        "9901-110/811/0/0",
        "Takst 8 230 000 kr",
        "70 % av taksten 5 761 000 kr",
        "Bunnfradrag − 600 000 kr",
        "Skattegrunnlag 5 161 000 kr",
        "Skattesats 3,1 ‰",
        "Eiendomsskatt for 2027 15 999 kr",
        "5 161 000 × 3,1 : 1000 = 15 999 kr",
        "4 30.11.2027 3 999,75 kr",
        "konto 9999.02.12348, KID 20270000078019",
        "Fristen er 12.04.2027",
        "fra 01.03.2027 til 22.03.2027",
        "eigedomsskattelova § 17",
        "Kontakt- og reservasjonsregisteret",
        "Side 1 av 2",
        "Side 2 av 2",
    ):
        assert part in words


def test_a_notice_of_nothing_says_so_and_asks_for_nothing() -> None:
    words = words_of(notice("000233"))

    assert "Skatten er 0 kroner. Du skal ikke betale noe." in words
    assert "KID" not in words
    assert "Forfall" not in words


def test_a_notice_with_one_term_has_one_row() -> None:
    words = words_of(notice("000171"))

    assert "Skatten betales i 1 termin." in words
    assert "1 31.03.2027 787 kr" in words
    assert "30.06.2027" not in words


def test_a_nynorsk_notice_is_nynorsk() -> None:
    pdf = notice("000109")
    words = words_of(pdf)

    assert "Eigedomsskatt 2027 – skattesetel" in words
    assert "bustad, 1 bueining" in words
    with pikepdf.Pdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "nn"


def described(meta: bytes) -> dict[str, list[str]]:
    """The name spaces that PDF/A does not know, as the metadata describes them, and what is in each."""
    schema, prop = (f"{{http://www.aiim.org/pdfa/ns/{kind}#}}" for kind in ("schema", "property"))
    [rdf] = ElementTree.fromstring(meta)
    return {
        str(uri.text): [str(name.text) for name in schemas.iter(f"{prop}name")]
        for schemas in rdf.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li")
        for uri in schemas.findall(f"{schema}namespaceURI")
    }


def test_the_pdf_is_tagged_archivable_and_every_font_is_inside() -> None:
    with pikepdf.Pdf.open(io.BytesIO(notice("000004"))) as document:
        root = document.Root
        meta = bytes(root.Metadata.read_bytes())
        fonts = {str(font.BaseFont) for page in document.pages for font in page.Resources.Font.values()}

        assert root.MarkInfo.Marked
        assert "/StructTreeRoot" in root
        assert str(root.Lang) == "nb"
        assert str(document.docinfo.Title) == "Eiendomsskatt 2027"
        assert root.ViewerPreferences.DisplayDocTitle
        assert b'pdfaid:part="3"' in meta
        assert b'pdfaid:conformance="A"' in meta
        assert b'pdfuaid:part="1"' in meta
        assert described(meta) == {"http://www.aiim.org/pdfua/ns/id/": ["part"]}
        assert "/OutputIntents" in root
        assert "/Outlines" not in root
        assert {font.partition("+")[2] for font in fonts} == {
            "Inter",
            "Inter-Semi-Bold",
            "InterExt",
            "DejaVu-Sans",
        }
        assert {str(tag) for tag in structure(root.StructTreeRoot)} >= {
            "/H1",
            "/H2",
            "/P",
            "/Table",
            "/TH",
            "/Figure",
        }
    checked = check_pdf(notice("000004"))
    assert (checked.funn, checked.fonter_innebygd) == ((), True)


def structure(node: pikepdf.Object) -> Iterator[object]:
    if isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node.S
        kids = node.get("/K")
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from structure(kid)


def test_the_same_letter_is_the_same_bytes_in_every_process(trykker: Brevtrykker) -> None:
    mal = bundled_template("eiendomsskatt")
    here = render.render(mal, given("000122"), mailing(), fonts=FONTS)
    first = trykker.letter(mal, given("000122"), mailing())
    trykker.letter(mal, given("000109"), mailing(lillevik(navn="Fjordvik kommune")))
    again = trykker.letter(mal, given("000122"), mailing())
    trykker.close()

    fresh = trykker.letter(mal, given("000122"), mailing())

    assert len({hashlib.sha256(pdf).hexdigest() for pdf in (here, first, again, fresh)}) == 1


def test_no_date_stands_in_the_file() -> None:
    with pikepdf.Pdf.open(io.BytesIO(draw())) as document:
        assert "/CreationDate" not in document.docinfo
        assert "/ModDate" not in document.docinfo


@pytest.mark.parametrize("ref", ["000014", "000004", "000228", "000164", "000226"])
def test_the_address_lies_inside_the_window_and_the_personal_number_far_outside(ref: str) -> None:
    pdf, data = notice(ref), given(ref)

    assert inside(box_of(pdf, data["navn"].split(" ", maxsplit=1)[0]), WINDOW)
    assert inside(box_of(pdf, data["poststed"]), WINDOW)
    assert box_of(pdf, data["fnr"] or data["orgnr"])[0] >= 130
    assert not ink(pdf, 1, 20, 45, 110, 51)
    assert not ink(pdf, 1, 110, 45, 129, 95)
    assert box_of(pdf, "Eiendomsskatt 2027")[1] > 97


def test_the_outer_15_mm_are_bare_on_every_page() -> None:
    pdf = notice("000014")

    for page in (1, 2):
        for strip in ((0, 0, 15, 297), (195, 0, 210, 297), (0, 0, 210, 15), (0, 282, 210, 297)):
            assert not ink(pdf, page, *strip)


def test_the_logo_is_drawn() -> None:
    assert ink(draw(), 1, 20, 20, 36, 39)
    assert not ink(
        render.render(template("Hei"), row(), mailing(lillevik(logo=None)), fonts=FONTS), 1, 95, 20, 125, 39
    )


def test_amounts_in_a_table_end_at_the_same_place_and_digits_are_equally_wide() -> None:
    source = "| a | b |\n| --- | ---: |\n| x | ((takst|belop)) kr |\n| y | ((bunnfradrag|belop)) kr |"
    pdf = draw(source, takst="1111111", bunnfradrag="8888888")
    ones, eights = (
        box_of(pdf, "111\u00a0111\u00a0kr".replace("\u00a0kr", " kr")),
        box_of(pdf, "888\u00a0888 kr"),
    )

    assert abs(ones[2] - eights[2]) < 0.1
    one = box_of(draw(source, takst="1000000", bunnfradrag="8000000"), "1\u00a0000")[0]
    eight = box_of(draw(source, takst="1000000", bunnfradrag="8000000"), "8\u00a0000")[0]
    assert abs(one - eight) < 0.7


SIGNS = "ČáhputĐoskiŊŠŦŽčđŋšŧžÆØÅæøå"
LOOKALIKES = SIGNS + "CGDNSTZcdnstzAOaoe"


def test_names_with_sami_and_norwegian_letters_are_drawn_right() -> None:
    text = "Čáhput Đoski ŊŠŦŽ čđŋšŧž ÆØÅæøå"
    shapes = glyphs.drawn(draw(navn=text), text)

    assert "".join(glyphs.nearest(shape, LOOKALIKES) for shape in shapes) == SIGNS


def test_the_glyph_test_sees_wrong_letters() -> None:
    shapes = glyphs.drawn(draw(navn="Gahput oski"), "Gahput oski")

    assert "".join(glyphs.nearest(shape, LOOKALIKES) for shape in shapes) == "Gahputoski"


def test_an_address_that_would_leave_the_window_makes_no_letter() -> None:
    with pytest.raises(RenderFeil) as refused:
        draw(navn="A" * 400)

    assert refused.value.kode == "ADRESSE_UTENFOR_VINDU"


@pytest.mark.parametrize("end", [" \u00ad", "\u00ad", " \u2029", " \u00ad\u2028\n"])
def test_what_cannot_be_seen_at_the_end_of_an_address_line_is_not_drawn(end: str) -> None:
    assert draw(adresselinje1=f"Storgata 1{end}") == draw(adresselinje1="Storgata 1")


def test_a_sign_no_font_has_makes_no_letter() -> None:
    with pytest.raises(RenderFeil) as refused:
        draw("Hei ((navn))", navn="Ola \ue0ff")

    assert refused.value.kode == "TEGN_UTEN_SKRIFT"


@pytest.mark.parametrize("value", ["((x))", "{{7*7}}", "<script>alert(1)</script>", "</style>&lt;"])
def test_hostile_values_stand_on_the_page_as_they_are(value: str) -> None:
    assert value in text_of(draw("Til ((eiendomsadresse)) slutt", eiendomsadresse=value)).replace("\n", "")


def test_a_word_of_ten_thousand_letters_is_drawn_to_its_end() -> None:
    pages = draw("Til ((eiendomsadresse)) slutt", eiendomsadresse="Q" * 10_000)

    assert words_of(pages).count("Q") == 10_000
    assert check_pdf(pages).funn == ()


def test_a_test_letter_is_marked_on_every_page_and_otherwise_the_same() -> None:
    mal, data = bundled_template("eiendomsskatt"), given("000166")
    marked = render.render_test_letter(mal, data, mailing(), fonts=FONTS)
    real = render.render(mal, data, mailing(), fonts=FONTS)

    assert all("PRØVEBREV" in words_of(marked, page) for page in (1, 2))
    assert "PRØVEBREV" not in words_of(real)
    assert words_of(marked).replace("PRØVEBREV", "").split() == words_of(real).split()


def test_a_folder_without_the_fonts_makes_no_letter(tmp_path: Path) -> None:
    with pytest.raises(SkriftMangler) as refused:
        render.render(template("Hei"), row(), mailing(), fonts=tmp_path)

    assert refused.value.kode == "SKRIFT_MANGLER"


def test_a_file_that_is_no_font_makes_no_letter(tmp_path: Path) -> None:
    for name in render.FONT_FILES:
        (tmp_path / name).write_bytes(b"no font")

    with pytest.raises(SkriftMangler):
        render.render(template("Hei"), row(), mailing(), fonts=tmp_path)


SECRET = (ROOT / "setup.cfg").as_uri()
REACHING = [
    '<img src="http://127.0.0.1:1/x.png">',
    f'<img src="{SECRET}">',
    '<img src="brev:logo-annen">',
    '<link rel="stylesheet" href="http://127.0.0.1:1/a.css">',
    '<style>@import "http://127.0.0.1:1/a.css";</style>',
    '<style>@font-face { font-family: x; src: url("http://127.0.0.1:1/f.woff2") } p { font-family: x }</style><p>x</p>',
    '<p style="background: url(http://127.0.0.1:1/b.png)">x</p>',
    "<style>p::before { content: url(http://127.0.0.1:1/c.png) }</style><p>x</p>",
    '<ul style="list-style-image: url(http://127.0.0.1:1/d.png)"><li>x</li></ul>',
    '<svg width="9" height="9"><image href="http://127.0.0.1:1/e.png" width="9" height="9"/></svg>',
    f'<a rel="attachment" href="{SECRET}">x</a>',
    f'<link rel="attachment" href="{SECRET}">',
    '<object data="http://127.0.0.1:1/g.png"></object>',
    '<embed src="http://127.0.0.1:1/h.png">',
    '<base href="http://127.0.0.1:1/"><img src="i.png">',
    '<img src="http://127.0.0.1:1@brev/x.png">',
    '<img src="HTTP://[::1]:1/x.png">',
    '<img src="ftp://127.0.0.1/x.png">',
    '<img src="data:image/png;base64,AAAA">',
]
_opened: list[str] = []
_listening: list[bool] = []


def _hear(event: str, args: tuple[object, ...]) -> None:
    if _listening and (event.startswith("socket.") or (event == "open" and "setup.cfg" in str(args[0]))):
        _opened.append(event)


sys.addaudithook(_hear)


@pytest.mark.parametrize("vector", REACHING)
def test_nothing_outside_is_reached_and_the_letter_fails(vector: str) -> None:
    html = f'<!doctype html><html lang="nb"><title>x</title><body>{vector}</body></html>'
    _opened.clear()
    _listening.append(True)
    try:
        with pytest.raises(RenderFeil):
            render.engine(FONTS).draw(html, "", {})
    finally:
        _listening.clear()

    assert _opened == []


def test_a_named_picture_that_is_not_drawn_fails_the_letter() -> None:
    asset = render.Asset(b"\x89PNG not really", "image/png")
    unused = '<!doctype html><html lang="nb"><title>x</title><body>x</body></html>'

    with pytest.raises(RenderFeil) as refused:
        render.engine(FONTS).draw(unused, "", {"brev:logo-1": asset})
    assert refused.value.kode == "VEDLEGG_IKKE_BRUKT"
    with pytest.raises(RenderFeil):
        render.engine(FONTS).draw(
            unused.replace(">x<", '><img alt="" src="brev:logo-1"><'), "", {"brev:logo-1": asset}
        )


def test_errors_of_the_row_come_back_from_the_child_as_they_are(trykker: Brevtrykker) -> None:
    with pytest.raises(BrevFeil) as refused:
        trykker.letter(template("KID ((kid))"), row(kid=""), mailing())

    assert (refused.value.kode, refused.value.felt) == ("FELT_TOMT", "kid")
    assert trykker.test_letter(template("Hei"), row(), mailing()).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("hurtig", [True, False])
def test_many_letters_are_drawn_in_one_call_and_a_bad_row_spares_its_neighbours(
    trykker: Brevtrykker, hurtig: bool
) -> None:
    mal = replace(template("KID ((kid))"), hurtig=hurtig)
    rows = [row(), row(kid=""), row(navn="Kari Li"), row(navn="Ola \ue0ff")]
    done = trykker.letters(mal, rows, mailing())

    assert [one.kode if isinstance(one, FiksError) else one.stemplet for one in done] == [
        hurtig,
        "FELT_TOMT",
        hurtig,
        "TEGN_UTEN_SKRIFT",
    ]
    assert isinstance(done[2], Trykk)
    assert done[2].sider == 1
    assert done[2].pdf == trykker.letter(mal, rows[2], mailing())
    assert trykker.looks_alike(mal, rows[2], mailing(), done[2].pdf)
    assert not trykker.looks_alike(mal, rows[0], mailing(), done[2].pdf)


def test_letters_come_back_in_the_order_of_their_rows_whatever_form_they_have(trykker: Brevtrykker) -> None:
    mal = replace(template("((navn))((hvis kid)) betaler med ((kid))((slutt))"), hurtig=True)
    rows = [row(navn=f"Kari {n}", kid="" if n % 2 else f"1{n:05}") for n in range(8)]
    done = trykker.letters(mal, rows, mailing())

    for n, one in enumerate(done):
        assert isinstance(one, Trykk)
        words = words_of(one.pdf)
        assert f"Kari {n}" in words
        assert ("betaler" in words) == (n % 2 == 0)


def test_a_call_that_has_no_more_time_gives_what_it_has(
    trykker: Brevtrykker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "CALL_SECONDS", 0.0)
    done = trykker.letters(template("Hei ((navn))"), [row(navn=f"Kari {n}") for n in range(3)], mailing())

    assert [f"Kari {n}" in words_of(one.pdf) for n, one in enumerate(done) if isinstance(one, Trykk)] == [
        True
    ] * 3


def test_a_child_that_dies_costs_only_the_letter_that_killed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = Brevtrykker(FONTS)
    real = printer.room.call

    def call(name: str, *args: Any) -> Any:
        if name.endswith("letters_wire") and "BOMBE" in args[1]:
            raise BarnFeil("BARN_DREPT", signal=9)
        return real(name, *args)

    monkeypatch.setattr(printer.room, "call", call)
    rows = [row(navn=navn) for navn in ("Kari Li", "BOMBE", "Ola Li")]
    done = printer.letters(template("Hei ((navn))"), rows, mailing())
    printer.close()

    assert [one.kode if isinstance(one, FiksError) else one.sider for one in done] == [1, "BARN_DREPT", 1]


def test_after_many_letters_that_were_laid_out_there_is_a_new_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LAID_OUT_PER_CHILD", 2)
    printer = Brevtrykker(FONTS)
    children = set()
    for _ in range(2):
        printer.letters(template("Hei ((navn))"), [row(), row()], mailing())
        children.add(printer.room.call("os:getpid"))
    printer.close()

    assert len(children) == 2


def test_the_pages_of_a_letter_are_counted_where_it_was_drawn(trykker: Brevtrykker) -> None:
    pdf = trykker.letter(bundled_template("eiendomsskatt"), given("000166"), mailing())
    before = trykker.room.call("os:getpid")

    assert trykker.count_pages(pdf) == 2
    assert trykker.room.call("os:getpid") == before


def test_the_sender_line_at_the_foot_may_hold_any_sign() -> None:
    odd = lillevik(navn='Åfjord "og" \\a kommune; } @page { x')

    assert 'Åfjord "og" \\a kommune; } @page { x' in words_of(
        render.render(template("Hei"), row(), mailing(odd), fonts=FONTS)
    )
