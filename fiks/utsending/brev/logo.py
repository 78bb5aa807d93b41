"""Logos: an upload is decoded and re-encoded. SVG is accepted only as an asset that ships with the project."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from PIL import Image

from fiks.utsending.brev.context import Logo
from fiks.utsending.brev.errors import BrevFeil

MAX_BYTES = 4_000_000
MAX_PIXELS = 12_000_000
MAX_SIDE = 1_200
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(
    {"svg", "title", "desc", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
)
_ATTRIBUTES = frozenset(
    {
        "viewBox",
        "width",
        "height",
        "fill",
        "stroke",
        "stroke-width",
        "fill-rule",
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
    }
    | {"cx", "cy", "r", "rx", "ry", "points", "transform", "opacity", "role", "aria-label"}
)
_FORBIDDEN = re.compile(r"url\s*\(|javascript:|data:|&|\\", re.IGNORECASE)


def prepare_logo(data: bytes) -> Logo:
    """Decode an uploaded PNG or JPEG and encode its pixels as a new PNG of at most 1 200 pixels a side.

    Raises BrevFeil LOGO_UGYLDIG for anything else, also SVG, and LOGO_FOR_STORT. Run it in the child process
    (`child.prepare_logo`).
    """
    if len(data) > MAX_BYTES or not data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise BrevFeil("LOGO_UGYLDIG")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as source:
            if source.width * source.height > MAX_PIXELS:
                raise BrevFeil("LOGO_FOR_STORT")
            picture = source.convert(
                "RGBA" if "A" in source.getbands() or "transparency" in source.info else "RGB"
            )
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BrevFeil("LOGO_UGYLDIG") from error
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return Logo(out.getvalue(), "image/png")


def vet_svg(data: bytes) -> Logo:
    """Return one of our own SVG assets, rewritten with plain shapes only.

    Raises BrevFeil LOGO_UGYLDIG for a document type, an entity, a reference, a style, a script, or an element
    or attribute outside the allow-list. Never use it on an upload.
    """
    if len(data) > MAX_BYTES or re.search(rb"<!|<\?(?!xml )", data):
        raise BrevFeil("LOGO_UGYLDIG")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise BrevFeil("LOGO_UGYLDIG") from error
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.removeprefix(_SVG) not in _ELEMENTS:
            raise BrevFeil("LOGO_UGYLDIG")
        if set(element.attrib) - _ATTRIBUTES or any(_FORBIDDEN.search(v) for v in element.attrib.values()):
            raise BrevFeil("LOGO_UGYLDIG")
    ElementTree.register_namespace("", _SVG.strip("{}"))
    return Logo(ElementTree.tostring(root), "image/svg+xml")


def prepare_logo_wire(data: bytes) -> list[bytes | str]:
    """Entry point in the child process for `prepare_logo`."""
    logo = prepare_logo(data)
    return [logo.data, logo.mediatype]
