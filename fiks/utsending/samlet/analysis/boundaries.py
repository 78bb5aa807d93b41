"""Letter boundaries: the pages where each letter of a big PDF begins and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fiks.core.errors import Konflikt
from fiks.pdf.cut import WHOLE_PAGE, Felt, Sidetekst, Utklipp
from fiks.pdf.findings import Alvorlighet, PdfFunn, PdfKode
from fiks.utsending.liste.values import collapse_spaces
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Oppsett

MAX_LETTERS = 20_000


@dataclass(frozen=True, slots=True)
class Brevomrade:
    """Letter `nr` (from 1) is pages `fra` to `til` of the file (from 1, inclusive)."""

    nr: int
    fra: int
    til: int

    @property
    def sider(self) -> int:
        return self.til - self.fra + 1


def equal_letters(total: int, per_letter: int) -> list[Brevomrade]:
    """Return letters of equal page count. Raises Konflikt SIDER_GAR_IKKE_OPP if pages are left over."""
    over = total % per_letter
    if over or total < per_letter:
        raise Konflikt(
            "SIDER_GAR_IKKE_OPP", felt="sider", sider=total, per_brev=per_letter, rest=over or total
        )
    return letters_from_starts(range(1, total + 1, per_letter), total)


def letters_from_starts(starts: Iterable[int], total: int) -> list[Brevomrade]:
    """Return letters that begin on these pages. Errors: INGEN_FORSTESIDER, FORSTE_SIDE_UTEN_MERKE,
    FOR_MANGE_BREV.
    """
    first = list(starts)
    if not first:
        raise Konflikt("INGEN_FORSTESIDER", felt="kutt")
    if first[0] != 1:
        raise Konflikt("FORSTE_SIDE_UTEN_MERKE", felt="kutt", side=first[0])
    if len(first) > MAX_LETTERS:
        raise Konflikt("FOR_MANGE_BREV", felt="kutt", grense=MAX_LETTERS)
    ends = [page - 1 for page in first[1:]] + [total]
    return [Brevomrade(nr, *pages) for nr, pages in enumerate(zip(first, ends, strict=True), 1)]


def is_cut_by_mark(oppsett: Oppsett) -> bool:
    """Return whether letter starts must be searched on the pages."""
    return oppsett.kutt is not Kuttmate.SIDER


class Forstesider:
    """Decides page by page whether a letter begins. `before`: the area's last text (ENDRET)."""

    def __init__(self, oppsett: Oppsett, before: str = "") -> None:
        self.oppsett = oppsett
        self.wanted = _normalised(oppsett.tekst)
        self.before = before

    def begins(self, lines: Sequence[str]) -> bool:
        """Return whether the page whose marked area (or whole page) has these lines starts a letter."""
        text = _normalised(" ".join(lines))
        if self.oppsett.kutt is Kuttmate.TEKST:
            return any(_contains_words(_normalised(line), self.wanted) for line in lines) or _contains_words(
                text, self.wanted
            )
        if self.oppsett.kutt is Kuttmate.FYLT:
            return bool(text)
        changed = bool(text) and text != self.before
        self.before = text or self.before
        return changed


def _normalised(text: str) -> str:
    return collapse_spaces(text).casefold()


def _contains_words(text: str, wanted: str) -> bool:
    """Return whether the text contains the words as whole words: "Side 1" is not in "Side 12"."""
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        before = start == 0 or not (text[start - 1].isalnum() and wanted[0].isalnum())
        after = end == len(text) or not (text[end].isalnum() and wanted[-1].isalnum())
        if before and after:
            return True
        start = text.find(wanted, start + 1)
    return False


def mark_area(oppsett: Oppsett) -> Felt:
    """Return the area that identifies a first page: the one drawn for it, else the whole page."""
    merke = oppsett.area(Feltnavn.MERKE)
    return merke.rektangel if merke is not None else WHOLE_PAGE


def marked_lines(side: int, text: Sidetekst) -> Sequence[str]:
    """Return the lines in the marked area of this page.

    Raises Konflikt SIDE_KAN_IKKE_LESES (side): a letter may begin there, and must not be cut into the
    previous one.
    """
    if text.ulest:
        raise Konflikt("SIDE_KAN_IKKE_LESES", felt="kutt", side=side)
    return text.felter[0].linjer


def first_pages(sider: Iterable[tuple[int, Sidetekst]], mark: Forstesider) -> Iterator[int]:
    """Yield the numbers of pages that start a letter, from (number, text of the marked area). Raises as
    `marked_lines`.
    """
    return (number for number, text in sider if mark.begins(marked_lines(number, text)))


TEMPLATE_REPEATS = 3
"""From so many letters with the same drawing on a page, the drawing is the template's, such as a logo on the
back.
"""


def add_textless_page_findings(letters: Sequence[Utklipp]) -> Iterator[Utklipp]:
    """Yield the letters, with a finding on textless pages that are not the template's."""
    drawn = Counter(digest for letter in letters for digest in {digest for _, digest in letter.stumme})
    for letter in letters:
        pages = tuple(nr for nr, digest in letter.stumme if drawn[digest] < TEMPLATE_REPEATS)
        if not pages:
            yield letter
            continue
        told = PdfFunn(PdfKode.PDF_SIDE_UTEN_TEKST, Alvorlighet.ADVARSEL, pages)
        yield replace(letter, kontroll=replace(letter.kontroll, funn=(told, *letter.kontroll.funn)))
