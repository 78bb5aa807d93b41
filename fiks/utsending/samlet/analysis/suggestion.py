"""Suggests a set-up from a big PDF's first pages: what looks like a receiver, at one place in many letters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from fiks.pdf.cut import Linje
from fiks.utsending.samlet.analysis.address_blocks import (
    FIRST_PAGE,
    Blokk,
    address_blocks,
    numbers,
    references,
)
from fiks.utsending.samlet.analysis.setup import MAX_LETTER_PAGES, Feltnavn, Kuttmate, Omrade, Oppsett

GRID_MM = 4.0
AIR_MM = 1.0
SLACK_MM = 60.0
LINE_MM = 5.0
USUAL = 0.7
"""Share of seen letters with the same length, for all to be taken as equally long."""

WINDOW = (0.0, 30.0, 125.0, 110.0)
"""Where a receiver's address is searched first: left, top, right, bottom in mm."""

Finder = Callable[[Sequence[Linje]], Iterable[Blokk]]


@dataclass(frozen=True, slots=True, repr=False)
class Lestside:
    """An inspected page: its number in the file, size in mm, and lines."""

    nr: int
    bredde: float
    hoyde: float
    linjer: tuple[Linje, ...]


@dataclass(frozen=True, slots=True, repr=False)
class _RepeatedBlock:
    """The same thing on several pages, by page number."""

    blocks: Mapping[int, Blokk]

    @property
    def texts(self) -> int:
        return len({block.tekst for block in self.blocks.values()})


def suggest_setup(sider: Sequence[Lestside], total: int) -> Oppsett | None:
    """Suggest how a file of `total` pages is cut and read; None if no receiver's address is found."""
    receivers = _receivers(sider)
    if receivers is None:
        return None
    first = [page for page in sider if page.nr in receivers.blocks]
    areas = _address_areas(first, receivers)
    for felt, finder in ((Feltnavn.ID, numbers), (Feltnavn.REF, references)):
        found = _varying_block(first, finder)
        if found is not None:
            areas.append(_area(felt, first, found, tuple(areas)))
    return _cut(sider, total, sorted(receivers.blocks), tuple(areas))


def _receivers(sider: Sequence[Lestside]) -> _RepeatedBlock | None:
    """Return the address blocks that differ between letters; the sender's own is the same on all."""
    groups = _groups(sider, address_blocks)
    several = [found for found in groups if found.texts > 1 or len(found.blocks) == 1]
    if not several:
        return None
    return max(several, key=lambda found: (_in_window(found), found.texts, -_left(found)))


def _in_window(found: _RepeatedBlock) -> bool:
    left, top, right, bottom = WINDOW
    return all(
        left <= b.venstre <= right and top <= b.topp and b.bunn <= bottom for b in found.blocks.values()
    )


def _left(found: _RepeatedBlock) -> float:
    return min(block.venstre for block in found.blocks.values())


def _varying_block(sider: Sequence[Lestside], finder: Finder) -> _RepeatedBlock | None:
    """Return what stands at one place on most first pages with different text on each."""
    groups = [
        found
        for found in _groups(sider, finder)
        if 2 * len(found.blocks) >= len(sider) and (found.texts > 1 or len(sider) == 1)
    ]
    return max(groups, key=lambda found: (found.texts, -_left(found)), default=None)


def _groups(sider: Sequence[Lestside], finder: Finder) -> list[_RepeatedBlock]:
    """Group what was found by left edge and, for single lines, by baseline."""
    grouped: dict[tuple[int, int], dict[int, Blokk]] = defaultdict(dict)
    for page in sider:
        for block in finder(page.linjer):
            single = len(block.linjer) == 1
            row = round(block.linjer[0].linje / GRID_MM) if single else round(block.topp / 40)
            grouped[round(block.venstre / GRID_MM), row].setdefault(page.nr, block)
    return [_RepeatedBlock(blocks) for blocks in grouped.values()]


def _address_areas(sider: Sequence[Lestside], found: _RepeatedBlock) -> list[Omrade]:
    """Return the areas of name and address, or one for both if the first lines differ in height."""
    blocks = [found.blocks[page.nr] for page in sider]
    heads = [block.linjer[0] for block in blocks]
    bottom = max(block.bunn for block in blocks)
    room = _room_below(sider, found, bottom)
    bottom = min(bottom + 2 * LINE_MM, room)
    if max(h.linje for h in heads) - min(h.linje for h in heads) > 1.0:
        whole = _box(sider, blocks, min(b.topp for b in blocks), bottom)
        return [Omrade(Feltnavn.ADRESSE, 1, *whole)]
    split = min(block.linjer[1].topp for block in blocks)
    split = (split + max(h.bunn for h in heads)) / 2
    name = _box(sider, blocks, min(h.topp for h in heads), split)
    rest = _box(sider, blocks, split, bottom)
    name, rest = (
        _rounded_box(name),
        _rounded_box((rest[0], name[1] + name[3], rest[2], rest[1] + rest[3] - name[1] - name[3])),
    )
    return [Omrade(Feltnavn.NAVN, 1, *name), Omrade(Feltnavn.ADRESSE, 1, *rest)]


def _room_below(sider: Sequence[Lestside], found: _RepeatedBlock, bottom: float) -> float:
    """Return how far down the area may reach before other text begins on some page."""
    limit = bottom + 2 * LINE_MM
    for page in sider:
        block = found.blocks[page.nr]
        for line in page.linjer:
            if line.topp > block.bunn and line.venstre < block.hoyre and line.hoyre > block.venstre:
                limit = min(limit, line.topp - AIR_MM / 2)
    return max(limit, bottom + AIR_MM / 2)


def _box(
    sider: Sequence[Lestside], blocks: Sequence[Blokk], top: float, bottom: float
) -> tuple[float, float, float, float]:
    """Return left, top, width, height around the blocks, as wide as neighbouring text allows."""
    left = max(0.0, min(block.venstre for block in blocks) - AIR_MM)
    right = min(max(b.hoyre for b in blocks) + SLACK_MM, *(page.bredde for page in sider))
    beside = [
        min(near)
        for page, block in zip(sider, blocks, strict=True)
        if (near := [o.venstre for o in page.linjer if _is_right_of(o, block, top, bottom)])
    ]
    # A column that most letters have is a limit, also where one long name reaches into it.
    if 2 * len(beside) >= len(blocks):
        right = min(right, median(beside) - AIR_MM)
    return left, max(0.0, top), right - left, bottom - top


def _is_right_of(line: Linje, block: Blokk, top: float, bottom: float) -> bool:
    return line.bunn > top and line.topp < bottom and line.venstre > block.hoyre


def _area(
    felt: Feltnavn, sider: Sequence[Lestside], found: _RepeatedBlock, taken: Sequence[Omrade]
) -> Omrade:
    sider = [page for page in sider if page.nr in found.blocks]
    blocks = [found.blocks[page.nr] for page in sider]
    lines = [block.linjer[0] for block in blocks]
    top, bottom = min(line.topp for line in lines) - AIR_MM / 2, max(line.bunn for line in lines) + AIR_MM / 2
    left, top, width, height = _box(sider, blocks, top, bottom)
    for other in taken:
        if left < other.x < left + width and top < other.y + other.hoyde and top + height > other.y:
            width = other.x - left
    return Omrade(felt, 1, *_rounded_box((left, top, width, height)))


def _rounded_box(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x, y, width, height = (round(value, 1) for value in box)
    return x, y, width, height


def _cut(sider: Sequence[Lestside], total: int, first: Sequence[int], areas: tuple[Omrade, ...]) -> Oppsett:
    """Choose the cut: equal page count if it fits; else page numbering on first pages; else a filled name
    area.
    """
    per_letter = _pages_per_letter(sider, total, first)
    if per_letter is not None:
        return Oppsett(Kuttmate.SIDER, per_letter, "", areas)
    said = _first_page_words(sider, first)
    if said:
        return Oppsett(Kuttmate.TEKST, None, said, areas)
    mark = next((a for a in areas if a.felt in (Feltnavn.NAVN, Feltnavn.ADRESSE)), None)
    own = () if mark is None else (Omrade(Feltnavn.MERKE, 1, mark.x, mark.y, mark.bredde, mark.hoyde),)
    return Oppsett(Kuttmate.FYLT, None, "", areas + own)


def _pages_per_letter(sider: Sequence[Lestside], total: int, first: Sequence[int]) -> int | None:
    """Return the distance between first pages if it is regular and divides the file's page count."""
    steps = Counter(b - a for a, b in pairwise(first))
    if not steps:
        return total if total <= MAX_LETTER_PAGES and first == [1] and len(sider) >= total else None
    step = min(steps)
    usual = steps[step] >= USUAL * steps.total()  # a letter to somebody abroad may be passed over
    regular = usual and all(distance % step == 0 for distance in steps) and (first[0] - 1) % step == 0
    stated = _pages_stating_first(sider)
    consistent = all((page - 1) % step == 0 for page in stated)
    return step if regular and consistent and total % step == 0 and step <= MAX_LETTER_PAGES else None


def _pages_stating_first(sider: Sequence[Lestside]) -> list[int]:
    return [page.nr for page in sider if any(FIRST_PAGE.match(line.tekst) for line in page.linjer)]


def _first_page_words(sider: Sequence[Lestside], first: Sequence[int]) -> str:
    """Return the page-numbering text that is on every page with a receiver; empty if none."""
    said = Counter(
        match["tekst"].strip()
        for page in sider
        for line in page.linjer
        if (match := FIRST_PAGE.match(line.tekst))
    )
    stated = set(_pages_stating_first(sider))
    return max(said, key=said.__getitem__) if said and stated >= set(first) else ""
