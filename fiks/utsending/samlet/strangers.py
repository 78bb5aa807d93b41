"""Another receiver in a letter: the sign that a big PDF was cut in the wrong place, and somebody's page went along.

The areas that give a letter's receiver are read on its other pages too. A person's or an organisation's right number
there that is not the letter's, a key the extra list has another number for, or a whole address that is not the letter's
own is another receiver, and the letter cannot be sent. A page that names a co-owner or a spouse there cannot be told
from one that is theirs, so it is stopped too: a letter that waits can be sent in another way, one that was sent wrong
cannot be had back.

A page that nobody could read may be another's too, and stops the letter.

What is no other receiver: the letter's own number on the page, lines that all are the letter's own (so two of one
household are told apart by the name), and what the template itself has there, as the sender's address: the same for
several receivers, and for most of those that have anything there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from fiks.print.pdf.cut import Felttekst
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode
from fiks.utsending.samlet.blocks import addresses
from fiks.utsending.samlet.bounds import is_marked
from fiks.utsending.samlet.identity import numbers_written
from fiks.utsending.samlet.oppsett import Feltnavn, Omrade, Oppsett
from fiks.utsending.samlet.reading import Lesing

F, K, A = Feltnavn, Funnkode, Alvorlighet
WATCHED = frozenset({F.NAVN, F.ADRESSE, F.ID, F.NOKKEL})
SEVERAL = 3
"""Areas that say who receives a letter, and how many receivers make what their letters share the template's."""

Andresider = Mapping[int, Mapping[Feltnavn, Felttekst] | None]
"""What stands where the receiver does, on a letter's other pages: by page of the letter, by field. None of a page that
nobody could read."""

Kjennetegn = str | tuple[str, ...]
"""What a receiver is known by: a number, or the lines of an address as they are compared."""

Sett = list[tuple[int, Kjennetegn]]
"""Receivers that are not the letter's own, each with the page it was seen on."""


def watched(oppsett: Oppsett, side: int) -> list[Omrade]:
    """The areas of this page that are looked at on a letter's other pages."""
    return [omrade for omrade in oppsett.read if omrade.side == side and omrade.felt in WATCHED]


def _nobodys(_key: str) -> str:
    return ""


class Strangers:
    """Looks for other receivers in the letters of a file, some letters at a time and in their order.

    `number_of` gives the number the extra list has for a key, or nothing.
    """

    def __init__(self, number_of: Callable[[str], str] = _nobodys) -> None:
        self._number_of = number_of
        self._by_sign: dict[int, dict[Kjennetegn, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._by_page: dict[int, set[int]] = defaultdict(set)

    def judge(self, letters: Sequence[tuple[Lesing, Andresider]]) -> Iterator[Lesing]:
        """The letters, each with what was found on its other pages."""
        seen = [self._seen(lesing, pages) for lesing, pages in letters]
        shared = self._of_the_template()
        for (lesing, pages), signs in zip(letters, seen, strict=True):
            others = (page for page, sign in signs if sign not in shared)
            unread = (page for page in sorted(pages) if pages[page] is None)
            for kode, page in ((K.ANNEN_MOTTAKER, next(others, 0)), (K.SIDE_ULEST, next(unread, 0))):
                lesing = _told(lesing, kode, A.FEIL, f"Side {page}") if page else lesing
            yield lesing

    def _seen(self, lesing: Lesing, pages: Andresider) -> Sett:
        found = [
            (page, sign)
            for page, texts in sorted(pages.items())
            if texts is not None
            for sign in self._on_page(lesing, texts)
        ]
        receiver = hash(lesing.linjer)
        for page, sign in found:
            self._by_sign[page][sign].add(receiver)
            self._by_page[page].add(receiver)
        return found

    def _on_page(self, lesing: Lesing, texts: Mapping[Feltnavn, Felttekst]) -> Iterator[Kjennetegn]:
        own, numbers = _number(lesing), numbers_written(_lines(texts, F.ID))
        if own in numbers:
            return
        mine = set(map(_folded, lesing.linjer))
        blocks = [tuple(map(_folded, block)) for block in addresses(_lines(texts, F.NAVN, F.ADRESSE))]
        strange = [block for block in blocks if not mine.issuperset(block)]
        told_again = bool(blocks) and not strange
        if own or not told_again:
            yield from numbers
        key = " ".join(_lines(texts, F.NOKKEL))
        named = self._number_of(key) if key else ""
        if named and named != own:
            yield named
        yield from strange

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
        }


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


def _number(lesing: Lesing) -> str:
    return lesing.rad.verdier.get("fnr") or lesing.rad.verdier.get("orgnr") or ""


def _lines(texts: Mapping[Feltnavn, Felttekst], *felter: Feltnavn) -> list[str]:
    return [line for felt in felter if felt in texts for line in texts[felt].linjer]


def _folded(line: str) -> str:
    """A line as it is compared: its words without regard to case, signs and order."""
    bare = "".join(sign if sign.isalnum() else " " for sign in line.casefold())
    return " ".join(sorted(bare.split()))
