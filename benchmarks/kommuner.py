"""The kommuner of a whole country: made and set up, each with a part of one long list."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path
from statistics import NormalDist

from fiks.konfigurasjon.rules import P
from testmiljo.generator.numbers import lag_orgnr
from testmiljo.seed import FJORDVIK, Seeded, seed
from testmiljo.staff import Ansatt, synthetic_fnr

KOMMUNER = 356
SPREAD = 1.2
"""Of the logarithm of a kommune's size: about that of Norway's, where the largest has a hundred times the median."""
ROLES: tuple[tuple[str, tuple[P, ...], tuple[P, ...]], ...] = (
    ("Saksbehandler", (P.SENDE, P.LESE, P.STOPPE), ()),
    ("Godkjenner", (P.GODKJENNE, P.LESE), ()),
    ("Administrator", (), (P.ADMIN,)),
)
SEED = 356


@dataclass(frozen=True, slots=True)
class Avsender:
    """A kommune that is set up, and its list."""

    seeded: Seeded
    liste: Path
    rader: int


def sizes(count: int, rows: int) -> list[int]:
    """How many rows each of `count` kommuner has, largest first; one at least each, `rows` in all."""
    weights = [exp(SPREAD * NormalDist().inv_cdf((n + 0.5) / count)) for n in reversed(range(count))]
    spare = rows - count
    shares = [1 + int(spare * weight / sum(weights)) for weight in weights]
    shares[0] += rows - sum(shares)
    return shares


def make(count: int, whole: Path, folder: Path) -> Iterator[Avsender]:
    """Set kommuner up, one after another, each with its own lines of the list `whole`."""
    with whole.open(encoding="utf-8-sig", newline="") as file:
        heading, *lines = csv.reader(file, delimiter=";")
    chance, first = random.Random(SEED), 0
    for nr, rows in enumerate(sizes(count, len(lines))):
        own = folder / f"liste-{nr}.csv"
        _write(own, [heading, *lines[first : first + rows]])
        first += rows
        data = replace(
            FJORDVIK,
            navn=f"Kommune {nr}",
            kommunenr=f"{1000 + nr}",
            orgnr=lag_orgnr(chance),
            slug=f"kommune-{nr}",
        )
        yield Avsender(seed(data, _people(nr), angrefrist_sekunder=0), own, rows)


def _write(path: Path, lines: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(lines)


def _people(nr: int) -> list[Ansatt]:
    """Three persons whose numbers nobody else has."""
    day, month = 1 + nr % 28, 1 + nr // 28 % 12
    return [
        Ansatt(synthetic_fnr(day, month, 40 + place, 200 + nr // 336), f"{rolle} {nr}", rolle, konto, org)
        for place, (rolle, konto, org) in enumerate(ROLES)
    ]
