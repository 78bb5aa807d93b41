"""Coordinates of a stacked bar chart in a fixed drawing of 640 by 240 units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 56.0, 636.0, 15.0, 205.0
LINES = 4
SERIES_CLASSES = ("bar-a", "bar-b", "bar-c")


@dataclass(frozen=True, slots=True)
class Felt:
    """One segment of one bar."""

    x: float
    y: float
    bredde: float
    hoyde: float
    klasse: str


@dataclass(frozen=True, slots=True)
class Etikett:
    """A label below the horizontal axis."""

    x: float
    tekst: str


@dataclass(frozen=True, slots=True)
class Soylediagram:
    """Everything the template draws, and the same numbers as a table. `linjer` are the grid lines as (y,
    value).
    """

    serier: tuple[tuple[str, str], ...]
    felter: tuple[Felt, ...]
    linjer: tuple[tuple[float, int], ...]
    etiketter: tuple[Etikett, ...]
    rader: tuple[tuple[str, tuple[int, ...]], ...]


def soylediagram(serier: Sequence[str], rader: Sequence[tuple[str, Sequence[int]]]) -> Soylediagram:
    """Lay out at most three series over `rader` of (label, one value per series, never negative)."""
    highest = nice_ceiling(max((sum(values) for _, values in rader), default=0))
    scale = (BOTTOM - TOP) / highest
    step = (RIGHT - LEFT - 6) / max(len(rader), 1)
    width = min(step * 0.64, 60.0)
    every = max(1, -(-len(rader) // 8))
    pieces: list[Felt] = []
    labels: list[Etikett] = []
    for index, (label, values) in enumerate(rader):
        x = LEFT + 6 + index * step + (step - width) / 2
        pieces.extend(_stack(x, width, values, scale))
        if (len(rader) - 1 - index) % every == 0:
            labels.append(Etikett(round(x + width / 2, 1), label))
    lines = tuple(
        (round(BOTTOM - highest * n / LINES * scale, 1), round(highest * n / LINES)) for n in range(LINES + 1)
    )
    return Soylediagram(
        tuple(zip(serier, SERIES_CLASSES, strict=False)),
        tuple(pieces),
        lines,
        tuple(labels),
        tuple((label, tuple(values)) for label, values in rader),
    )


def _stack(x: float, width: float, values: Sequence[int], scale: float) -> list[Felt]:
    pieces, y = [], BOTTOM
    for value, klasse in zip(values, SERIES_CLASSES, strict=False):
        height = value * scale
        if value:
            pieces.append(Felt(round(x, 1), round(y - height, 1), round(width, 1), round(height, 1), klasse))
            y -= height + 1
    return pieces


def nice_ceiling(value: int) -> int:
    """The next round number divisible by four: 8 000 for 7 960, 4 for 0."""
    if value <= LINES:
        return LINES
    power = 1
    while power * 10 < value:
        power *= 10
    for factor in (1, 2, 4, 6, 8, 10):
        if factor * power >= value and (factor * power) % LINES == 0:
            return factor * power
    return 20 * power
