"""Two letters are the same when every page looks and reads the same."""

from __future__ import annotations

import io

import pikepdf

from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.stamping.comparison import same_letter
from tests.unit.brev.letters import FONTS, mailing, row, template


def drawn(source: str) -> bytes:
    return render.render(template(source), row(), mailing(), fonts=FONTS)


def changed(pdf: bytes, before: bytes, after: bytes) -> bytes:
    """The PDF with other operators on its first page."""
    with pikepdf.Pdf.open(io.BytesIO(pdf)) as document:
        content = document.pages[0].Contents.read_bytes()
        assert before in content
        document.pages[0].Contents = document.make_stream(content.replace(before, after))
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def test_a_letter_is_the_same_as_itself() -> None:
    assert same_letter(drawn("Hei"), drawn("Hei"))


def test_other_text_another_colour_and_another_page_are_differences() -> None:
    plain = drawn("Hei")
    [colour] = _colours(plain)

    assert not same_letter(plain, drawn("Hallo"))
    assert not same_letter(plain, changed(plain, colour, b"1 0 0 rg"))
    assert not same_letter(plain, drawn("\n\n".join(["Hei"] * 60)))


def _colours(pdf: bytes) -> list[bytes]:
    with pikepdf.Pdf.open(io.BytesIO(pdf)) as document:
        lines = document.pages[0].Contents.read_bytes().split(b"\n")
    return [line for line in lines if line.endswith(b" rg")][:1]
