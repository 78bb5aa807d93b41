"""One big PDF of many letters, as an economy system makes it: written straight to the file, page by page.

The font is one that WeasyPrint has embedded in a specimen of all letters there are, so it says itself what each glyph
is. The same letters give the same bytes.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pikepdf
import weasyprint

POINTS = 72 / 25.4
HEIGHT_MM = 297.0
MEDIA = b"[0 0 595.276 841.89]"
_BF = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>")
_LETTERS = "".join(map(chr, range(0x20, 0x7F))) + "ÆØÅæøåÄÖäöÉéÜüÁáČčĐđŊŋŠšŦŧŽž«»–’·§"


@dataclass(frozen=True, slots=True)
class Tekst:
    """A line of text: left edge and baseline in mm from the upper left corner, and its size in points."""

    x: float
    y: float
    tekst: str
    punkt: float = 10.0


Side = Sequence[Tekst]


@dataclass(frozen=True, slots=True)
class Skrift:
    """An embedded font: its objects as they are written (the font itself last), and the glyph of each character."""

    objekter: tuple[bytes, ...]
    glyfer: Mapping[str, int]


def specimen(tegn: Iterable[str] = ()) -> Skrift:
    """A font that has the letters of Norwegian and Sámi names, and these."""
    text = "".join(sorted({*_LETTERS, *tegn}))
    shown = text.replace("&", "&amp;").replace("<", "&lt;")
    style = "font: 10pt sans-serif; font-variant-ligatures: none; white-space: pre-wrap"
    drawn: bytes = weasyprint.HTML(string=f'<meta charset="utf-8"><body style="{style}">{shown}').write_pdf()
    with pikepdf.Pdf.open(io.BytesIO(drawn)) as pdf, pikepdf.Pdf.new() as kept:
        [font] = [font for _, font in pdf.pages[0].obj["/Resources"]["/Font"].items()]
        pairs = _BF.findall(font["/ToUnicode"].read_bytes())
        kept.Root["/Skrift"] = kept.copy_foreign(font)
        buffer = io.BytesIO()
        kept.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return Skrift(_objects(buffer.getvalue()), {chr(int(u, 16)): int(glyph, 16) for glyph, u in pairs})


def _objects(kept: bytes) -> tuple[bytes, ...]:
    """The font's objects, numbered from 1; those of the file around it are left empty."""
    with pikepdf.Pdf.open(io.BytesIO(kept)) as pdf:
        font = pdf.Root["/Skrift"]
        written = []
        for obj in pdf.objects:
            if isinstance(obj, pikepdf.Stream):
                head = obj.stream_dict.unparse(resolved=True)
                written.append(head + b"\nstream\n" + obj.read_raw_bytes() + b"\nendstream")
            elif isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") in ("/Catalog", "/Pages"):
                written.append(b"null")
            else:
                written.append(obj.unparse(resolved=True))
        return (*written, f"{font.objgen[0]} 0 R".encode())


class Skriver:
    """Writes a PDF of letters to a file. `merket`: with a structure, as PDF/UA has it: a section for each letter."""

    def __init__(self, file: BinaryIO, skrift: Skrift, *, merket: bool = False) -> None:
        self.file, self.skrift, self.merket = file, skrift, merket
        self.places: list[int] = []
        self.pages: list[int] = []
        self.sections: list[int] = []
        self.parents: list[tuple[int, list[int]]] = []
        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        *objects, font = skrift.objekter
        for body in objects:
            self._write(body)
        self.resources = self._write(b"<</Font <</F " + font + b">>>>")
        self.tree, self.root, self.document = (self._reserve() for _ in range(3))

    def letter(self, sider: Sequence[Side]) -> None:
        """Add a letter's pages."""
        section = self._reserve() if self.merket else 0
        kids: list[int] = []
        for side in sider:
            kids += self._page(side, section)
        if self.merket:
            listed = b" ".join(b"%d 0 R" % kid for kid in kids)
            self._fill(section, b"<</Type/StructElem/S/Sect/P %d 0 R/K[%s]>>" % (self.document, listed))
            self.sections.append(section)

    def _page(self, side: Side, section: int) -> list[int]:
        number = self._reserve()
        content = b"\n".join(self._text(text, n) for n, text in enumerate(side))
        packed = zlib.compress(content, 6)
        body = b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed)
        stream = self._write(body)
        tags = b"/StructParents %d/Tabs/S" % len(self.pages) if self.merket else b""
        self._fill(
            number,
            b"<</Type/Page/Parent %d 0 R/MediaBox%s/Resources %d 0 R/Contents %d 0 R%s>>"
            % (self.tree, MEDIA, self.resources, stream, tags),
        )
        self.pages.append(number)
        if not self.merket:
            return []
        made = [
            self._write(b"<</Type/StructElem/S/P/P %d 0 R/Pg %d 0 R/K %d>>" % (section, number, n))
            for n in range(len(side))
        ]
        self.parents.append((len(self.pages) - 1, made))
        return made

    def _text(self, text: Tekst, mcid: int) -> bytes:
        glyphs = "".join(f"{self.skrift.glyfer[c]:04x}" for c in text.tekst).encode()
        x, y = text.x * POINTS, (HEIGHT_MM - text.y) * POINTS
        drawn = b"BT /F %.1f Tf 1 0 0 1 %.3f %.3f Tm <%s> Tj ET" % (text.punkt, x, y, glyphs)
        return b"/P <</MCID %d>> BDC %s EMC" % (mcid, drawn) if self.merket else drawn

    def close(self, tittel: str) -> None:
        """Write the page tree, the structure and the table of places."""
        kids = b" ".join(b"%d 0 R" % page for page in self.pages)
        self._fill(self.tree, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self.pages), kids))
        marked = b""
        if self.merket:
            self._structure()
            marked = b"/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R" % self.root
        catalog = self._write(b"<</Type/Catalog/Pages %d 0 R/Lang(nb-NO)%s>>" % (self.tree, marked))
        info = self._write(b"<</Title<%s>>>" % ("\ufeff" + tittel).encode("utf-16-be").hex().encode())
        start = self.file.tell()
        self.file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self.places) + 1))
        self.file.writelines(b"%010d 00000 %s \n" % (place, b"n" if place else b"f") for place in self.places)
        size = len(self.places) + 1
        self.file.write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (size, catalog, info, start)
        )

    def _structure(self) -> None:
        sections = b" ".join(b"%d 0 R" % section for section in self.sections)
        self._fill(self.document, b"<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>" % (self.root, sections))
        numbers = b" ".join(
            b"%d [%s]" % (key, b" ".join(b"%d 0 R" % kid for kid in kids)) for key, kids in self.parents
        )
        parents = self._write(b"<</Nums[%s]>>" % numbers)
        self._fill(
            self.root, b"<</Type/StructTreeRoot/K[%d 0 R]/ParentTree %d 0 R>>" % (self.document, parents)
        )

    def _reserve(self) -> int:
        self.places.append(0)
        return len(self.places)

    def _write(self, body: bytes) -> int:
        number = self._reserve()
        self._fill(number, body)
        return number

    def _fill(self, number: int, body: bytes) -> None:
        self.places[number - 1] = self.file.tell()
        self.file.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))


def write_letters(
    path: Path, brev: Iterable[Sequence[Side]], *, tittel: str, tegn: Iterable[str] = (), merket: bool = False
) -> int:
    """Write letters, each a sequence of pages, to `path`; returns the number of pages. `tegn`: other letters used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = Skriver(file, specimen(tegn), merket=merket)
        for letter in brev:
            writer.letter(letter)
        writer.close(tittel)
        return len(writer.pages)
