"""A big PDF cut, checked and stored, beside pikepdf splitting it and nothing else, both in this run."""

from __future__ import annotations

import io
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from benchmarks.report import Figure, Report
from fiks.core.crypto.encryption import KeyRing
from fiks.core.storage.store import Store, open_store
from fiks.pdf.cut import Brevsider, Felt, Storfil
from testmiljo.samlet import OMRADER, make_big_pdf

LETTERS, QUICK_LETTERS = 5_000, 60
PAGES = 4
BLOCK = 1024 * 1024
A_SEGMENT = 25
TIMES_AS_LONG = 40.0
MEMORY_MB = 1_024
LOST_LIMIT = 0


def run(*, quick: bool) -> Report:
    """Run the benchmark on 20 000 pages; with `quick` on 240."""
    letters = QUICK_LETTERS if quick else LETTERS
    with TemporaryDirectory() as folder:
        return _measured(Path(folder), letters)


def _measured(folder: Path, letters: int) -> Report:
    plain, tagged = folder / "stor.pdf", folder / "merket.pdf"
    expected = make_big_pdf(plain, letters, PAGES)
    make_big_pdf(tagged, max(letters // 10, 20), PAGES, merket=True)
    store = open_store(f"file://{folder}/lager")
    bare = _timed(lambda: _bare_split(plain))
    own_before = _peak(resource.RUSAGE_SELF)
    cut, found = _cut(plain, letters, store)
    with_tags, _ = _cut(tagged, max(letters // 10, 20), store)
    read, right = _read(plain, letters, [one["navn"] for one in expected])
    pages = letters * PAGES
    return Report(
        f"{letters} letters of {PAGES} pages in one PDF",
        [
            Figure("the file", plain.stat().st_size / 2**20, "MB"),
            Figure("split by pikepdf alone", pages / bare, "pages/s"),
            Figure("cut, checked and stored", pages / cut, "pages/s"),
            Figure("cut, checked and stored / split alone", cut / bare, "× as long", TIMES_AS_LONG),
            Figure("the same of a tagged file", max(letters // 10, 20) * PAGES / with_tags, "pages/s"),
            Figure(
                "letters lost or with a finding they should not have", letters - found, "letters", LOST_LIMIT
            ),
            Figure("areas read", letters / read, "letters/s"),
            Figure("letters whose name was read wrong untold", letters - right, "letters", LOST_LIMIT),
            Figure("most memory of a child", _peak(resource.RUSAGE_CHILDREN), "MB", MEMORY_MB),
            Figure("our own growth", _peak(resource.RUSAGE_SELF) - own_before, "MB", MEMORY_MB),
        ],
    )


def _timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def _bare_split(path: Path) -> None:
    """As one does it first: each letter's pages into a PDF of their own, in memory, nothing looked at."""
    with pikepdf.Pdf.open(path) as source:
        for first in range(0, len(source.pages), PAGES):
            with pikepdf.Pdf.new() as out:
                out.pages.extend(source.pages[first : first + PAGES])
                out.save(io.BytesIO())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _cut(path: Path, letters: int, store: Store) -> tuple[float, int]:
    """(seconds, letters that came through): as a worker does it, in its child, each range in an encrypted segment."""
    keys, good = KeyRing([("maaling", bytes(32))]), 0
    wanted = [Brevsider(n * PAGES + 1, (n + 1) * PAGES) for n in range(letters)]
    began = time.perf_counter()
    with Storfil(_chunks(path)) as file:
        file.inspect()
        held: list[bytes] = []
        for letter in file.cut(wanted, "Eiendomsskatt 2027", tosidig=True):
            good += letter.pdf is not None and letter.kontroll.sider == PAGES
            held.append(letter.pdf or b"")
            if len(held) == A_SEGMENT:
                store.put_segment(held, keys)
                held = []
        store.put_segment(held, keys)
    return time.perf_counter() - began, good


def _read(path: Path, letters: int, names: list[str]) -> tuple[float, int]:
    """(seconds, letters whose name was read right, or is told to go on outside its area)."""
    areas = [Felt(*box) for box in OMRADER.values()]
    began = time.perf_counter()
    with Storfil(_chunks(path)) as file:
        texts = file.texts([n * PAGES + 1 for n in range(letters)], areas)
        pairs = [(text.felter[0], name) for text, name in zip(texts, names, strict=True)]
    right = sum(field.kuttet or field.linjer == (name,) for field, name in pairs)
    return time.perf_counter() - began, right


def _peak(who: int) -> float:
    """The most memory so far of this process or of the largest child that has ended, MB."""
    return resource.getrusage(who).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
