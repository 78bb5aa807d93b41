"""Stand-ins that several folders of tests share. They behave as the real thing does, only fast."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from fiks.core.db import session
from fiks.utsending.brev import Brevkontekst, Brevmal, Trykk

ADDRESS = ("navn", "adresselinje1", "adresselinje2", "adresselinje3", "postnr", "poststed", "land")


def tiny_pdf(lines: list[str]) -> bytes:
    """One A4 page with these lines, readable in the file's own bytes; the same lines give the same PDF."""
    shown = b"".join(b"(%s) Tj T* " % _escaped(line) for line in lines)
    content = b"BT /F1 12 Tf 14 TL 72 720 Td " + shown + b"ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    body, starts = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, 1):
        starts.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def _escaped(line: str) -> bytes:
    return line.encode("cp1252", "replace").translate(None, b"\\()")


class Lettrykker:
    """Draws nothing: a letter is one page with the receiver's name and address."""

    def letter(self, mal: Brevmal, row: dict[str, str], kontekst: Brevkontekst) -> bytes:
        return tiny_pdf([row.get(name, "") for name in ADDRESS])

    def letters(self, mal: Brevmal, rows: Sequence[dict[str, str]], kontekst: Brevkontekst) -> list[Trykk]:
        return [Trykk(self.letter(mal, row, kontekst), 1, stemplet=mal.hurtig) for row in rows]

    def looks_alike(self, mal: Brevmal, row: dict[str, str], kontekst: Brevkontekst, pdf: bytes) -> bool:
        return pdf == self.letter(mal, row, kontekst)

    def test_letter(self, mal: Brevmal, row: dict[str, str], kontekst: Brevkontekst) -> bytes:
        return tiny_pdf(["PRØVEBREV", *(row.get(name, "") for name in ADDRESS)])

    def count_pages(self, pdf: bytes) -> int:
        return 1


class WatchedBody(io.BytesIO):
    """A body that notes at each read whether the reader holds a transaction open."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.held: list[bool] = []

    def read(self, size: int | None = -1) -> bytes:
        self.held.append(session().in_transaction())
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        self.held.append(session().in_transaction())
        return super().readinto(buffer)
