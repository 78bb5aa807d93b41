"""Another receiver in a letter: the sign that a big PDF was cut in the wrong place, and somebody's page went along.

The areas that give a letter's receiver are read on its other pages too. A person's or an organisation's right number
there that is not the letter's, a key the extra list has another number for, or a whole address that is not the letter's
own is another receiver, and the letter cannot be sent. A page that names a co-owner or a spouse there cannot be told
from one that is theirs, so it is stopped too: a letter that waits can be sent in another way, one that was sent wrong
cannot be had back.

A page that nobody could read may be another's too, and stops the letter.

What is no other receiver: the letter's own number on the page, lines that all are the letter's own (so two of one
household are told apart by the name), a property with its street and place, and what the template itself has there, as
the sender's address or a label above the letter's own: the same for several receivers, and for most of those that have
anything there. What the template has is known when all letters have been read.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import dropwhile

from fiks.pdf.cut import Felttekst
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode
from fiks.utsending.samlet.blocks import addresses, place_of, without_matrikkel
from fiks.utsending.samlet.bounds import is_marked
from fiks.utsending.samlet.identity import numbers_written
from fiks.utsending.samlet.oppsett import Feltnavn, Omrade, Oppsett
from fiks.utsending.samlet.reading import Lesing

F, K, A = Feltnavn, Funnkode, Alvorlighet
WATCHED = frozenset({F.NAVN, F.ADRESSE, F.ID, F.NOKKEL})
SEVERAL = 3
OFTEN = 10
"""Areas that say who receives a letter, how many receivers make what their letters share the template's, and on how
many pages for each letter that begins with it a line is a label and no receiver's name."""

Andresider = Mapping[int, Mapping[Feltnavn, Felttekst] | None]
"""What stands where the receiver does, on a letter's other pages: by page of the letter, by field. None of a page that
nobody could read."""

Kjennetegn = str | tuple[str, ...]
"""What may be the template's: a number, or the lines of an address as they are compared, or one line of it."""


@dataclass(frozen=True, slots=True, repr=False)
class _Side:
    """What stands on a later page that is not the letter's own: numbers, the key's number, addresses as written.

    `egen`: the letter's own address stands there too. No repr: it is content.
    """

    nr: int
    numre: tuple[str, ...]
    nokkel: str
    blokker: tuple[tuple[str, ...], ...]
    egen: bool


def watched(oppsett: Oppsett, side: int) -> list[Omrade]:
    """The areas of this page that are looked at on a letter's other pages."""
    return [omrade for omrade in oppsett.read if omrade.side == side and omrade.felt in WATCHED]


def _nobodys(_key: str) -> str:
    return ""


class Strangers:
    """Looks for other receivers in the letters of a file.

    `number_of` gives the number the extra list has for a key, or nothing.
    """

    def __init__(self, number_of: Callable[[str], str] = _nobodys) -> None:
        self._number_of = number_of
        self._begins = Counter[str]()
        self._by_sign: dict[int, dict[Kjennetegn, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._by_page: dict[int, set[int]] = defaultdict(set)

    def judge(self, letters: Iterable[tuple[Lesing, Andresider]]) -> Iterator[Lesing]:
        """All the letters of the file, each with what was found on its other pages, in their order.

        From the first that has anything there they are held until the last is read: what the template has is not known
        before.
        """
        held: deque[tuple[Lesing, list[_Side], int]] = deque()
        for lesing, pages in letters:
            sider = self._seen(lesing, pages)
            unread = next((nr for nr in sorted(pages) if pages[nr] is None), 0)
            if held or sider:
                held.append((lesing, sider, unread))
            else:
                yield _judged(lesing, iter(()), unread)
        shared = self._of_the_template()
        while held:
            lesing, sider, unread = held.popleft()
            others = (side.nr for side in sider if _is_anothers(lesing, side, shared))
            yield _judged(lesing, others, unread)

    def _seen(self, lesing: Lesing, pages: Andresider) -> list[_Side]:
        self._begins.update(map(_label, lesing.linjer[:1]))
        mine, receiver = _own(lesing), hash(lesing.linjer)
        found = [
            side
            for nr, texts in sorted(pages.items())
            if texts is not None and (side := self._on_page(lesing, mine, nr, texts)) is not None
        ]
        for side in found:
            for sign in _signs(side, mine):
                self._by_sign[side.nr][sign].add(receiver)
            self._by_page[side.nr].add(receiver)
        return found

    def _on_page(
        self, lesing: Lesing, mine: set[str], nr: int, texts: Mapping[Feltnavn, Felttekst]
    ) -> _Side | None:
        own, numbers = _number(lesing), numbers_written(_lines(texts, F.ID))
        if own in numbers:
            return None
        blocks = list(addresses(_lines(texts, F.NAVN, F.ADRESSE)))
        strange = tuple(block for block in blocks if not mine.issuperset(map(_folded, block)))
        told_again = len(strange) < len(blocks)
        if told_again and not strange and not own:
            numbers = ()
        key = " ".join(_lines(texts, F.NOKKEL))
        named = self._number_of(key) if key else ""
        named = named if named != own else ""
        return _Side(nr, numbers, named, strange, told_again) if numbers or named or strange else None

    def _of_the_template(self) -> set[Kjennetegn]:
        """What stands on one page of the letters to several receivers, and of most that have a receiver there at all.

        Somebody who has many letters in a file that is cut wrong is in few of the others' letters, so long as not every
        second letter is theirs.
        """
        return {
            sign
            for page, signs in self._by_sign.items()
            for sign, receivers in signs.items()
            if len(receivers) >= max(SEVERAL, len(self._by_page[page]) / 2)
            and not self._is_name(sign, len(receivers))
        }

    def _is_name(self, sign: Kjennetegn, pages: int) -> bool:
        """Whether this line of so many pages is whom letters of the file are to: it may stand above many streets."""
        return not isinstance(sign, str) and len(sign) == 1 and OFTEN * self._begins[sign[0]] >= pages


def with_next(read: Iterable[Lesing], oppsett: Oppsett) -> Iterator[Lesing]:
    """The letters, told where the one after begins with nobody: a second net where all are cut to the same length.

    Then a page too much went into the letter before, or one is missing from it. Where nothing stands at the name, or
    text runs past the area as in the middle of a letter, it cannot be sent. Else the next may be a scan, or to somebody
    whose address is not known, and it is only told.
    """
    before: Lesing | None = None
    for lesing in read:
        if before is not None:
            wrong = not is_marked(oppsett) and _is_nobodys(lesing, oppsett)
            grad = A.FEIL if _in_the_middle(lesing) else A.ADVARSEL
            yield _told(before, K.NESTE_UTEN_MOTTAKER, grad) if wrong else before
        before = lesing
    if before is not None:
        yield before


def _is_nobodys(lesing: Lesing, oppsett: Oppsett) -> bool:
    """Whether no number, and no place or without such an area no name, was read."""
    values = lesing.rad.verdier
    where = ("postnr", "land") if oppsett.area(F.ADRESSE) is not None else ("navn",)
    return not _number(lesing) and not any(values.get(name) for name in where)


def _in_the_middle(lesing: Lesing) -> bool:
    return any(
        (funn.kode is K.OMRADE_TOMT and not lesing.rad.verdier["navn"])
        or (funn.kode is K.TEKST_KUTTET and funn.felt in ("navn", "adresse"))
        for funn in lesing.funn
    )


def _told(lesing: Lesing, kode: Funnkode, grad: Alvorlighet, felt: str | None = None) -> Lesing:
    """With this finding. What stands there is not told with it: it may be a protected person's."""
    found = Funn(lesing.rad.rad, lesing.rad.linje, felt, kode, grad)
    return replace(lesing, funn=(*lesing.funn, found))


def _is_anothers(lesing: Lesing, side: _Side, shared: set[Kjennetegn]) -> bool:
    """Whether more stands on the page than the template's and, under its labels, the letter's own."""
    if side.nokkel and side.nokkel not in shared:
        return True
    mine, told_again = _own(lesing), side.egen
    for block in side.blokker:
        if tuple(map(_folded, block)) in shared:
            continue
        for left in addresses(_without_labels(block, shared)):
            if not mine.issuperset(map(_folded, left)):
                return True
            told_again = True
    counts = bool(_number(lesing)) or not told_again
    return counts and not shared.issuperset(side.numre)


def _judged(lesing: Lesing, others: Iterator[int], unread: int) -> Lesing:
    """With the first page where another receiver stands, and the one that nobody could read, if there are."""
    for kode, page in ((K.ANNEN_MOTTAKER, next(others, 0)), (K.SIDE_ULEST, unread)):
        lesing = _told(lesing, kode, A.FEIL, f"Side {page}") if page else lesing
    return lesing


def _signs(side: _Side, mine: set[str]) -> Iterator[Kjennetegn]:
    """What of this page may be the template's: also each line above a place, for it may be a label."""
    yield from side.numre
    if side.nokkel:
        yield side.nokkel
    for block in side.blokker:
        yield tuple(map(_folded, block))
        yield from ((_label(line),) for line in block[:-1] if _folded(line) not in mine)


def _without_labels(block: tuple[str, ...], shared: set[Kjennetegn]) -> Iterator[str]:
    """The address without the template's lines at its top. Further down a line they share may be an address's."""
    return dropwhile(lambda line: (_label(line),) in shared, block)


def _own(lesing: Lesing) -> set[str]:
    return set(map(_folded, lesing.linjer))


def _number(lesing: Lesing) -> str:
    return lesing.rad.verdier.get("fnr") or lesing.rad.verdier.get("orgnr") or ""


def _lines(texts: Mapping[Feltnavn, Felttekst], *felter: Feltnavn) -> list[str]:
    return [line for felt in felter if felt in texts for line in texts[felt].linjer]


def _folded(line: str) -> str:
    """A line as it is compared: its words without regard to case, signs and order, a place without its country."""
    return _words(place_of(line) or line)


def _label(line: str) -> str:
    """A line as it is the same above each letter's own: without the property it may name."""
    return _words(without_matrikkel(line))


def _words(text: str) -> str:
    bare = "".join(sign if sign.isalnum() else " " for sign in text.casefold())
    return " ".join(sorted(bare.split()))
