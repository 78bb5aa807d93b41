"""Pages of a letter that say nothing, where letters begin by what pages say: each may begin another's letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fiks.pdf.cut import Utklipp
from fiks.pdf.findings import Alvorlighet, PdfFunn, PdfKode

SEVERAL = 3
"""Letters with the very same drawing on a page: then it is the template's, as a logo on the back. No letter is."""


def tell_of_silent(letters: Sequence[Utklipp]) -> Iterator[Utklipp]:
    """The letters, each with a finding for those of its silent pages that are not the template's."""
    drawn = Counter(digest for letter in letters for digest in {digest for _, digest in letter.stumme})
    for letter in letters:
        pages = tuple(nr for nr, digest in letter.stumme if drawn[digest] < SEVERAL)
        if not pages:
            yield letter
            continue
        told = PdfFunn(PdfKode.PDF_SIDE_UTEN_TEKST, Alvorlighet.ADVARSEL, pages)
        yield replace(letter, kontroll=replace(letter.kontroll, funn=(told, *letter.kontroll.funn)))
