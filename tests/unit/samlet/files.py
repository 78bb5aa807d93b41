"""Big PDFs for tests: small ones as WeasyPrint and the test data make them, changed by hand where they shall be odd."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import pikepdf
import pypdfium2
import weasyprint

from fiks.pdf.cut import Brevsider, Storfil, Utklipp
from testmiljo.folders import LILLEVIK

SAMLET = LILLEVIK / "samlet.pdf"
PAGES = 2
Change = Callable[[pikepdf.Pdf], None]


@cache
def tagged(letters: int = 4, variant: str = "pdf/ua-1") -> bytes:
    """Letters of two pages with headings, an empty cell, links within, out of the letter, and to the web."""
    parts = [
        f'<section id="a{n}"><h1>Brev {n}</h1><p>Se <a href="#b{n}">neste side</a>, <a href="#a{(n + 1) % letters}">'
        f'et annet brev</a> og <a href="https://lillevik.kommune.example">nettsiden</a>.</p>'
        f"<table><tr><th>Termin</th><td></td><td>{n}</td></tr></table></section>"
        f'<section id="b{n}"><p>Side to i brev {n}.</p></section>'
        for n in range(letters)
    ]
    style = "@page { size: A4; margin: 25mm } section { break-after: page }"
    html = f'<html lang="nb"><meta charset="utf-8"><title>Alle brevene</title><style>{style}</style>{"".join(parts)}'
    made: bytes = weasyprint.HTML(string=html).write_pdf(pdf_variant=variant)
    with pikepdf.Pdf.open(io.BytesIO(made)) as pdf:
        while len(pdf.pages) > letters * PAGES:
            del pdf.pages[-1]
        return saved(pdf)


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def changed(data: bytes, change: Change) -> bytes:
    """The file after a change made by hand."""
    with pikepdf.Pdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        return saved(pdf)


def opened(data: bytes | None) -> pikepdf.Pdf:
    assert data is not None
    return pikepdf.Pdf.open(io.BytesIO(data))


def cut(data: bytes, brev: Sequence[Brevsider], tittel: str = "Eiendomsskatt 2027") -> list[Utklipp]:
    """These letters, cut and checked in a child."""
    with Storfil([data]) as fil:
        return list(fil.cut(brev, tittel, tosidig=True))


def pairs(letters: int) -> list[Brevsider]:
    """Letters of two pages each."""
    return [Brevsider(2 * n + 1, 2 * n + 2) for n in range(letters)]


def said(node: object) -> Iterator[bytes]:
    """Every text and every name in an object and what lies in it, and the content of a stream as it is read."""
    if isinstance(node, pikepdf.Stream):
        yield node.read_bytes()
    if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in node.items():
            yield key.encode(errors="surrogateescape")
            yield from said(value) if not getattr(value, "is_indirect", False) else ()
    elif isinstance(node, pikepdf.Array):
        for value in node:
            yield from said(value) if not getattr(value, "is_indirect", False) else ()
    elif isinstance(node, pikepdf.String):
        yield bytes(node)
        yield str(node).encode()
    elif isinstance(node, pikepdf.Name):
        yield str(node).encode()


def pixels(data: bytes | None, page: int) -> bytes:
    """A page as it is drawn."""
    assert data is not None
    with pypdfium2.PdfDocument(data) as pdf:
        return bytes(pdf[page].render(scale=1.5).buffer)
