"""Other receivers in a letter: the sign that a big PDF was cut in the wrong place.

The areas with the receiver are read on the letter's other pages too. A valid personal or organisation number
there that is not the letter's, a key with another number in the extra list, or a whole address that is not
the letter's own is another receiver, and the letter cannot be sent. A page that names a co-owner or spouse
there cannot be told from a page of theirs, so it is stopped too: a stopped letter can be sent in another way,
a wrongly sent one cannot be undone.

An unreadable page may be another's too, and stops the letter.

Not another receiver: the letter's own number on the page, lines that are all the letter's own (so two of one
household are told apart by the name), a property with street and place, and template text such as the
sender's address or a label above the letter's own: equal for several receivers, and for most of those with
anything there. What is template text is known only after all letters have been read.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import dropwhile

from fiks.pdf.cut import Felttekst
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode
from fiks.utsending.samlet.analysis.address_blocks import addresses, place_of, without_matrikkel
from fiks.utsending.samlet.analysis.area_reader import Lesing
from fiks.utsending.samlet.analysis.boundaries import is_cut_by_mark
from fiks.utsending.samlet.analysis.id_numbers import numbers_written
from fiks.utsending.samlet.analysis.setup import Feltnavn, Omrade, Oppsett

F, K, A = Feltnavn, Funnkode, Alvorlighet
WATCHED = frozenset({F.NAVN, F.ADRESSE, F.ID, F.NOKKEL})
MIN_RECEIVERS = 3
LABEL_RATIO = 10
"""Areas that identify the receiver; how many receivers make shared text the template's; and pages per letter
starting with a line for it to be a label and no name.
"""

Andresider = Mapping[int, Mapping[Feltnavn, Felttekst] | None]
"""Text at the receiver's areas on a letter's other pages: page -> field -> text; None for an unreadable page.
"""

Kjennetegn = str | tuple[str, ...]
"""What may be template text: a number, an address as compared lines, or one line of it."""


@dataclass(frozen=True, slots=True, repr=False)
class _Side:
    """Text on a later page that is not the letter's own: numbers, the key's number, addresses as written.

    `egen`: the letter's own address stands there too. No repr: content.
    """

    nr: int
    numre: tuple[str, ...]
    nokkel: str
    blokker: tuple[tuple[str, ...], ...]
    egen: bool


def watched_areas(oppsett: Oppsett, side: int) -> list[Omrade]:
    """Return the areas of this page that are also read on a letter's other pages."""
    return [omrade for omrade in oppsett.read if omrade.side == side and omrade.felt in WATCHED]


def _no_number(_key: str) -> str:
    return ""


class OtherReceiverCheck:
    """Finds other receivers in the letters of a file.

    `number_of` returns the extra list's number for a key, or the empty string.
    """

    def __init__(self, number_of: Callable[[str], str] = _no_number) -> None:
        self._number_of = number_of
        self._begins = Counter[str]()
        self._by_sign: dict[int, dict[Kjennetegn, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._by_page: dict[int, set[int]] = defaultdict(set)

    def judge(self, letters: Iterable[tuple[Lesing, Andresider]]) -> Iterator[Lesing]:
        """Yield all letters in order, each with the findings on its other pages.

        From the first letter with anything there, letters are held until the last is read: template text is
        not known before.
        """
        held: deque[tuple[Lesing, list[_Side], int]] = deque()
        for lesing, pages in letters:
            sider = self._seen(lesing, pages)
            unread = next((nr for nr in sorted(pages) if pages[nr] is None), 0)
            if held or sider:
                held.append((lesing, sider, unread))
            else:
                yield _with_page_findings(lesing, iter(()), unread)
        shared = self._of_the_template()
        while held:
            lesing, sider, unread = held.popleft()
            others = (side.nr for side in sider if _names_other_receiver(lesing, side, shared))
            yield _with_page_findings(lesing, others, unread)

    def _seen(self, lesing: Lesing, pages: Andresider) -> list[_Side]:
        self._begins.update(map(_comparable_label, lesing.linjer[:1]))
        mine, receiver = _own_lines(lesing), hash(lesing.linjer)
        found = [
            side
            for nr, texts in sorted(pages.items())
            if texts is not None and (side := self._on_page(lesing, mine, nr, texts)) is not None
        ]
        for side in found:
            for sign in _template_candidates(side, mine):
                self._by_sign[side.nr][sign].add(receiver)
            self._by_page[side.nr].add(receiver)
        return found

    def _on_page(
        self, lesing: Lesing, mine: set[str], nr: int, texts: Mapping[Feltnavn, Felttekst]
    ) -> _Side | None:
        own, numbers = _own_number(lesing), numbers_written(_lines(texts, F.ID))
        if own in numbers:
            return None
        blocks = list(addresses(_lines(texts, F.NAVN, F.ADRESSE)))
        strange = tuple(block for block in blocks if not mine.issuperset(map(_comparable, block)))
        told_again = len(strange) < len(blocks)
        if told_again and not strange and not own:
            numbers = ()
        key = " ".join(_lines(texts, F.NOKKEL))
        named = self._number_of(key) if key else ""
        named = named if named != own else ""
        return _Side(nr, numbers, named, strange, told_again) if numbers or named or strange else None

    def _of_the_template(self) -> set[Kjennetegn]:
        """Return template text: equal on one page for several receivers, and for most with a receiver there
        at all.

        A receiver of many letters in a wrongly cut file is in few of the others' letters, unless every second
        one is theirs.
        """
        return {
            sign
            for page, signs in self._by_sign.items()
            for sign, receivers in signs.items()
            if len(receivers) >= max(MIN_RECEIVERS, len(self._by_page[page]) / 2)
            and not self._is_name(sign, len(receivers))
        }

    def _is_name(self, sign: Kjennetegn, pages: int) -> bool:
        """Return whether this line is the receiver's name of the file's letters: a name may stand above many
        streets.
        """
        return not isinstance(sign, str) and len(sign) == 1 and LABEL_RATIO * self._begins[sign[0]] >= pages


def check_next_letter(read: Iterable[Lesing], oppsett: Oppsett) -> Iterator[Lesing]:
    """Yield the letters, with a finding where the next letter begins without a receiver.

    A second safeguard for letters cut to equal length: then the previous letter has a page too many, or one
    is missing. Where the name is empty, or text runs past the area as in the middle of a letter, the letter
    cannot be sent. Otherwise the next may be a scan, or to an unknown address, and it is only a warning.
    """
    before: Lesing | None = None
    for lesing in read:
        if before is not None:
            wrong = not is_cut_by_mark(oppsett) and _has_no_receiver(lesing, oppsett)
            grad = A.FEIL if _starts_mid_letter(lesing) else A.ADVARSEL
            yield _with_finding(before, K.NESTE_UTEN_MOTTAKER, grad) if wrong else before
        before = lesing
    if before is not None:
        yield before


def _has_no_receiver(lesing: Lesing, oppsett: Oppsett) -> bool:
    """Return whether no number, and no place (or name, without an address area), was read."""
    values = lesing.rad.verdier
    where = ("postnr", "land") if oppsett.area(F.ADRESSE) is not None else ("navn",)
    return not _own_number(lesing) and not any(values.get(name) for name in where)


def _starts_mid_letter(lesing: Lesing) -> bool:
    return any(
        (funn.kode is K.OMRADE_TOMT and not lesing.rad.verdier["navn"])
        or (funn.kode is K.TEKST_KUTTET and funn.felt in ("navn", "adresse"))
        for funn in lesing.funn
    )


def _with_finding(lesing: Lesing, kode: Funnkode, grad: Alvorlighet, felt: str | None = None) -> Lesing:
    """Return the letter with this finding, without the text found: it may be a protected person's."""
    found = Funn(lesing.rad.rad, lesing.rad.linje, felt, kode, grad)
    return replace(lesing, funn=(*lesing.funn, found))


def _names_other_receiver(lesing: Lesing, side: _Side, shared: set[Kjennetegn]) -> bool:
    """Return whether the page holds more than template text and the letter's own."""
    if side.nokkel and side.nokkel not in shared:
        return True
    mine, told_again = _own_lines(lesing), side.egen
    for block in side.blokker:
        if tuple(map(_comparable, block)) in shared:
            continue
        for left in addresses(_without_labels(block, shared)):
            if not mine.issuperset(map(_comparable, left)):
                return True
            told_again = True
    counts = bool(_own_number(lesing)) or not told_again
    return counts and not shared.issuperset(side.numre)


def _with_page_findings(lesing: Lesing, others: Iterator[int], unread: int) -> Lesing:
    """Return the letter with findings on the first page of another receiver, and on an unreadable page."""
    for kode, page in ((K.ANNEN_MOTTAKER, next(others, 0)), (K.SIDE_ULEST, unread)):
        lesing = _with_finding(lesing, kode, A.FEIL, f"Side {page}") if page else lesing
    return lesing


def _template_candidates(side: _Side, mine: set[str]) -> Iterator[Kjennetegn]:
    """Yield what may be template text on this page; also each line above a place, which may be a label."""
    yield from side.numre
    if side.nokkel:
        yield side.nokkel
    for block in side.blokker:
        yield tuple(map(_comparable, block))
        yield from ((_comparable_label(line),) for line in block[:-1] if _comparable(line) not in mine)


def _without_labels(block: tuple[str, ...], shared: set[Kjennetegn]) -> Iterator[str]:
    """Return the address without template lines at its top; further down a shared line may be an address's."""
    return dropwhile(lambda line: (_comparable_label(line),) in shared, block)


def _own_lines(lesing: Lesing) -> set[str]:
    return set(map(_comparable, lesing.linjer))


def _own_number(lesing: Lesing) -> str:
    return lesing.rad.verdier.get("fnr") or lesing.rad.verdier.get("orgnr") or ""


def _lines(texts: Mapping[Feltnavn, Felttekst], *felter: Feltnavn) -> list[str]:
    return [line for felt in felter if felt in texts for line in texts[felt].linjer]


def _comparable(line: str) -> str:
    """Return a line for comparison: its words without case, signs and order; a place without its country."""
    return _words(place_of(line) or line)


def _comparable_label(line: str) -> str:
    """Return a line for comparison as a label: without property numbers."""
    return _words(without_matrikkel(line))


def _words(text: str) -> str:
    bare = "".join(sign if sign.isalnum() else " " for sign in text.casefold())
    return " ".join(sorted(bare.split()))
