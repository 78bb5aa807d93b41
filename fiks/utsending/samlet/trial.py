"""Trial of a set-up: what it would read from the first letters, before anything is cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.pdf.cut import WHOLE_PAGE, Felt, Felttekst, Sidetekst, Tegn, read_area, text_lines
from fiks.utsending.liste.rules.row import check_row
from fiks.utsending.rows.queries import mask_fields
from fiks.utsending.samlet import viewing
from fiks.utsending.samlet.analysis.area_reader import Lesing, merge_findings, read_letter
from fiks.utsending.samlet.analysis.boundaries import Brevomrade, Forstesider, is_cut_by_mark, mark_area
from fiks.utsending.samlet.analysis.other_receiver import (
    Andresider,
    OtherReceiverCheck,
    check_next_letter,
    watched_areas,
)
from fiks.utsending.samlet.analysis.setup import Feltnavn, Oppsett

MOST = 6
Sidens = Callable[[int], Sequence[Tegn]]


@dataclass(frozen=True, slots=True, repr=False)
class Prove:
    """A letter as it would be read: first page in the file, values (numbers masked), and findings.

    `funn` are (code, field, severity). No repr: content.
    """

    side: int
    verdier: dict[str, str]
    funn: tuple[tuple[str, str | None, str], ...]


def try_out(utsending_id: UUID, oppsett: Oppsett, *, actor: Aktor) -> list[Prove]:
    """Read the first letters with this set-up; only those wholly among the pages with pictures."""
    shown = viewing.pictures(utsending_id, actor=actor)
    known: dict[int, Sequence[Tegn]] = {}

    def page(number: int) -> Sequence[Tegn]:
        if number not in known:
            known[number] = viewing.page_characters(utsending_id, number, actor=actor)
        return known[number]

    # A page that could not be looked at ends what can be tried: a letter might begin on it.
    last = next((n for n, bilde in enumerate(shown) if bilde.side != n + 1), len(shown))
    letters = list(_letters(oppsett, last, page))[:MOST] if last else []
    read = [_read(letter, oppsett, page, last) for letter in letters]
    return [_trial_result(lesing) for lesing in check_next_letter(OtherReceiverCheck().judge(read), oppsett)]


def _letters(oppsett: Oppsett, last: int, page: Sidens) -> Iterator[Brevomrade]:
    if not is_cut_by_mark(oppsett):
        step = oppsett.sider or 1
        for nr, first in enumerate(range(1, last + 1, step), 1):
            yield Brevomrade(nr, first, first + step - 1)
        return
    area, mark = mark_area(oppsett), Forstesider(oppsett)
    starts = [n for n in range(1, last + 1) if mark.begins(_marked_text(page(n), area))]
    for nr, first in enumerate(starts, 1):
        yield Brevomrade(nr, first, starts[nr] - 1 if nr < len(starts) else last)


def _marked_text(tegn: Sequence[Tegn], area: Felt) -> Sequence[str]:
    if area == WHOLE_PAGE:
        return [line.tekst for line in text_lines(tegn)]
    return read_area(tegn, area).linjer


def _read(letter: Brevomrade, oppsett: Oppsett, page: Sidens, last: int) -> tuple[Lesing, Andresider]:
    texts: dict[int, Sidetekst] = {}
    others: dict[int, dict[Feltnavn, Felttekst]] = defaultdict(dict)
    for nr in range(1, min(letter.til, last) - letter.fra + 2):
        tegn = page(letter.fra + nr - 1)
        for side in {omrade.side for omrade in oppsett.read}:
            if side == nr:
                areas = [read_area(tegn, o.rektangel) for o in oppsett.read if o.side == side]
                texts[side] = Sidetekst(tuple(areas), bool(tegn), not tegn)
            else:
                others[nr] = others[nr] | {
                    o.felt: read_area(tegn, o.rektangel) for o in watched_areas(oppsett, side)
                }
    return read_letter(letter, texts, oppsett), others


def _trial_result(lesing: Lesing) -> Prove:
    """Return the trial result of a letter, with personal numbers masked."""
    found = merge_findings(lesing, tuple(check_row(lesing.rad)))
    values = mask_fields(dict(lesing.rad.verdier), hidden=False)
    told = tuple((str(f.kode), f.felt, str(f.alvorlighet)) for f in found)
    return Prove(lesing.rad.linje, values, told)
