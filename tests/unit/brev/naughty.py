"""PDFs that strangers could upload."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf

A4 = (595.276, 841.89)


def pdf(
    change: Callable[[pikepdf.Pdf], None] | None = None, pages: int = 1, size: tuple[float, float] = A4
) -> bytes:
    with pikepdf.Pdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=size)
        if change:
            change(document)
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def box(page: int, x: float, y: float, width: float, height: float) -> Callable[[pikepdf.Pdf], None]:
    """Draw a black rectangle on a page (from 1); numbers in mm from the lower left corner."""
    numbers = " ".join(f"{v * 72 / 25.4:.3f}" for v in (x, y, width, height))

    def change(document: pikepdf.Pdf) -> None:
        document.pages[page - 1].Contents = document.make_stream(f"0 g {numbers} re f".encode())

    return change


def javascript(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def hidden_javascript(document: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])
    inner = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    link.A = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://x.example", Next=inner)
    document.pages[0].obj.Annots = pikepdf.Array([link])


def launch(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"))


def embedded_file(document: pikepdf.Pdf) -> None:
    document.attachments["x.exe"] = b"MZ"


def web_link(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://lillevik.kommune.example")
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[99, 99, 109, 109], A=action
    )
    document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(link)])


def form_in_itself(document: pikepdf.Pdf) -> None:
    form = document.make_stream(b"/F Do")
    form.Type, form.Subtype, form.BBox = (
        pikepdf.Name.XObject,
        pikepdf.Name.Form,
        pikepdf.Array([0, 0, 600, 900]),
    )
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page.Contents = document.make_stream(b"/F Do")


def parents_in_a_ring(document: pikepdf.Pdf) -> None:
    document.Root.Pages.Parent = document.Root.Pages


def pixel_flood(document: pikepdf.Pdf) -> None:
    side = 30_000
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(side)) for _ in range(side)) + packed.flush()
    image = pikepdf.Stream(document, data)
    image.Type, image.Subtype, image.Filter = (
        pikepdf.Name.XObject,
        pikepdf.Name.Image,
        pikepdf.Name.FlateDecode,
    )
    image.Width = image.Height = side
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceGray, 8
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=document.make_indirect(image)))
    page.Contents = document.make_stream(b"500 0 0 500 50 50 cm /I Do")


def stream_bomb(document: pikepdf.Pdf) -> None:
    packed = zlib.compressobj(9)
    piece = b"0 0 m 9 9 l S\n" * 100_000
    data = b"".join(packed.compress(piece) for _ in range(500)) + packed.flush()
    stream = pikepdf.Stream(document, data)
    stream.Filter = pikepdf.Name.FlateDecode
    document.pages[0].Contents = document.make_indirect(stream)
