"""Packages of printed letters: what a merged file is against the sum of its letters, in size, time and memory.

A package is merged as the worker does it: its letters are read one by one from where they are stored. No two letters
of a package are alike.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path

from benchmarks.letters import context, rows
from benchmarks.measure import children_of, forget_peak, peak_of
from benchmarks.report import Figure, Report
from config.paths import FONTS
from fiks.core.isolate import Grenser
from fiks.pdf import Sammenfletter, Utskriftsdokument
from fiks.print.handover.packing import MOST_BYTES
from fiks.utsending.brev import Brevtrykker, bundled_template

LETTERS, QUICK_LETTERS = 10_000, 120
PER_PACKAGE, QUICK_PER_PACKAGE = 1_000, 60
MEMORY_MB = 300
LIMITS = Grenser(memory_mb=2_048, cpu_seconds=3_600, wall_seconds=3_600.0)


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` two packages of sixty letters."""
    letters, per_package = (QUICK_LETTERS, QUICK_PER_PACKAGE) if quick else (LETTERS, PER_PACKAGE)
    return Report(
        f"{letters} letters in packages of {per_package}",
        [
            *_measure("stamped", letters, per_package, hurtig=True),
            *_measure("laid out", letters, per_package, hurtig=False),
        ],
    )


def _measure(kind: str, letters: int, per_package: int, *, hurtig: bool) -> list[Figure]:
    """Stamped letters share their fonts; of those laid out one by one each has its own, made for the signs it has."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        drawn = _draw(Path(folder), per_package, hurtig=hurtig)
        drawing = time.perf_counter() - began
        packages = _by_size(drawn)
        merger = Sammenfletter(LIMITS)
        try:
            forget_peak()
            single = merged = 0
            child = 0.0
            began = time.perf_counter()
            for _ in range(letters // per_package):
                for package in packages:
                    single += sum(path.stat().st_size for path in package)
                    merged += len(merger.bundle(path.read_bytes() for path in package)[0])
                    child = max([child, *map(peak_of, children_of(os.getpid()))])
            taken = time.perf_counter() - began
        finally:
            merger.close()
    return [
        Figure(f"{kind}: letters drawn and merged one by one a second", per_package / drawing, "letters/s"),
        Figure(f"{kind}: the letters by themselves", single / 2**20, "MB"),
        Figure(f"{kind}: the packages' merged files", merged / 2**20, "MB"),
        Figure(f"{kind}: merged / single", merged / single, "×", 1.0),
        Figure(f"{kind}: letters merged a second", letters / taken, "letters/s"),
        Figure(f"{kind}: most memory of the child that merges", child, "MB", MEMORY_MB),
        Figure(
            f"{kind}: most memory of the process that has it merged", peak_of(os.getpid()), "MB", MEMORY_MB
        ),
    ]


def _draw(folder: Path, letters: int, *, hurtig: bool) -> list[Path]:
    """Letters as they are ordered: drawn, and merged to print files; each in a file of its own."""
    template, common = replace(bundled_template("eiendomsskatt"), hurtig=hurtig), context()
    printer, merger = Brevtrykker(FONTS), Sammenfletter(LIMITS)
    paths = []
    try:
        for number, row in enumerate(islice(_different(), letters)):
            letter = Utskriftsdokument(printer.letter(template, row, common))
            paths.append(folder / f"{number:05}.pdf")
            paths[-1].write_bytes(merger.merge([letter], tosidig=True).pdf)
    finally:
        printer.close()
        merger.close()
    return paths


def _different() -> Iterator[Mapping[str, str]]:
    """The rows of the list again and again, each time to another."""
    for number, row in zip(count(1), cycle(rows()), strict=False):
        yield {**row, "navn": f"{row['navn']} {number}"}


def _by_size(package: list[Path]) -> list[list[Path]]:
    """Cut as `packing` does, at the most bytes a package may have."""
    parts: list[list[Path]] = [[]]
    size = 0
    for one in package:
        length = one.stat().st_size
        if parts[-1] and size + length > MOST_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(one)
        size += length
    return parts
