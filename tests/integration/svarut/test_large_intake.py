"""A letter as large as print allows is taken in with flat memory, and opened without lying in memory twice."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from fiks.core import environment
from fiks.core.environment import current
from fiks.core.storage.store import open_store
from fiks.pdf import Pdfleser
from fiks.svarut.mottak import Innlasting
from fiks.svarut.rules import Status
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.letters import letter
from tests.integration.svarut.submitted import control_all, take_in
from tests.integration.worlds import World
from tests.submissions import LETTER, submission

MB = 1024 * 1024
PIECE = 64 * 1024


@pytest.fixture(autouse=True)
def store_in_folder(hus: Hus, tmp_path: Path) -> Iterator[None]:
    """A store on disk: one in memory would hold the letter itself."""
    earlier = current()
    environment.install(replace(earlier, store=open_store(tmp_path.as_uri())))
    yield
    environment.install(earlier)


def large_pdf(path: Path, size: int) -> None:
    """A page with a picture of `size` bytes that nothing can compress."""
    with pikepdf.Pdf.new() as out:
        out.add_blank_page(page_size=(595, 842))
        picture = out.make_stream(os.urandom(size))
        out.pages[0].obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Bilde=picture))
        out.save(path)


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def memory(name: str) -> int:
    """Bytes of this process's own memory, by its name in /proc."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


@contextmanager
def grows_by_less_than(limit: int) -> Iterator[None]:
    """The process's memory may grow by this much at most while the block runs, whatever is given back after it."""
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    yield
    grown = memory("VmHWM") - before
    assert grown < limit, f"{grown / MB:.0f} MB"


def take_in_and_look(hus: Hus, world: World, path: Path) -> Status:
    """Take the file in as the web process does, then open it as the worker does; return what became of the letter.

    Both have worked before: what is loaded at first use is not the letter's.
    """
    take_in(hus)
    reader = Pdfleser()
    try:
        control_all(world, reader)
        loading = Innlasting(hus.konto_id, actor=HOUSE, innsending=submission())
        with grows_by_less_than(64 * MB), loading:
            loading.take(LETTER.filnavn, pieces(path))
            made = loading.register()
        with grows_by_less_than(64 * MB):
            control_all(world, reader)
    finally:
        reader.close()
    return Status(letter(made).status)


@pytest.mark.slow
def test_sv12_07_a_letter_of_a_hundred_megabytes_is_taken_in_and_opened_with_flat_memory(
    hus: Hus, world: World, tmp_path: Path
) -> None:
    large_pdf(path := tmp_path / "stor", 100 * MB)
    assert take_in_and_look(hus, world, path) == Status.AKSEPTERT


@pytest.mark.full
def test_sv12_07_a_letter_just_below_the_limit_is_taken_in_and_opened_with_flat_memory(
    hus: Hus, world: World, tmp_path: Path
) -> None:
    large_pdf(path := tmp_path / "stor", 349 * MB)
    assert take_in_and_look(hus, world, path) == Status.AKSEPTERT
