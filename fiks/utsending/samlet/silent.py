"""Pages without text, where letters begin by text on pages: each may belong to another letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fiks.pdf.cut import Utklipp
from fiks.pdf.findings import Alvorlighet, PdfFunn, PdfKode

SEVERAL = 3
"""From so many letters with the same drawing on a page, the drawing is the template's, such as a logo on the
back.
"""


def tell_of_silent(letters: Sequence[Utklipp]) -> Iterator[Utklipp]:
    """Yield the letters, with a finding on textless pages that are not the template's."""
    drawn = Counter(digest for letter in letters for digest in {digest for _, digest in letter.stumme})
    for letter in letters:
        pages = tuple(nr for nr, digest in letter.stumme if drawn[digest] < SEVERAL)
        if not pages:
            yield letter
            continue
        told = PdfFunn(PdfKode.PDF_SIDE_UTEN_TEKST, Alvorlighet.ADVARSEL, pages)
        yield replace(letter, kontroll=replace(letter.kontroll, funn=(told, *letter.kontroll.funn)))
