"""A child that waits for a processor is waited for longer than one that hangs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fiks.core.isolate import BarnFeil, run_isolated
from fiks.core.processes import cpu_starvation
from fiks.utsending.liste.child.process import Limits, open_list
from fiks.utsending.liste.findings import ListeFeil
from tests.poor_machines import reading_child_that_stops

LIST = b"navn;adresselinje1;postnr;poststed\nOLA;Gata 1;0010;OSLO\n"


@contextmanager
def process(code: str) -> Iterator[int]:
    started = subprocess.Popen([sys.executable, "-c", f"print(flush=True)\n{code}"], stdout=subprocess.PIPE)
    try:
        assert started.stdout is not None
        started.stdout.readline()
        yield started.pid
    finally:
        started.kill()
        started.communicate()


def becomes(pid: int, wanted: bool) -> bool:
    end = time.monotonic() + 10
    while cpu_starvation.wants_processor(pid) != wanted and time.monotonic() < end:
        time.sleep(0.01)
    return cpu_starvation.wants_processor(pid) == wanted


def test_one_that_calculates_would_run_and_one_that_sleeps_would_not() -> None:
    with process("while True: pass") as busy, process("import time; time.sleep(60)") as idle:
        assert becomes(busy, True)
        assert becomes(idle, False)
    assert not cpu_starvation.wants_processor(busy), "it is gone"


@pytest.mark.parametrize(
    ("waits", "most", "is_done"), [(True, 1_000, True), (False, 1_000, False), (True, 1, False)]
)
def test_a_child_is_waited_for_past_its_time_while_it_waits_for_a_processor_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, waits: bool, most: int, is_done: bool
) -> None:
    monkeypatch.setattr(cpu_starvation, "wants_processor", lambda _: waits)
    monkeypatch.setattr(cpu_starvation, "MAX_STRETCH", most)
    if is_done:
        run_isolated("time:sleep", 1, wall_seconds=0.1)
    else:
        with pytest.raises(BarnFeil, match="BARN_TIDSAVBRUDD"):
            run_isolated("time:sleep", 1, wall_seconds=0.1)


def test_a_child_that_would_run_is_not_ended_by_its_own_clock_meanwhile() -> None:
    """It calculates for longer than its wall seconds, within what it may use of a processor."""
    rounds = 12_000_000
    run_isolated("hashlib:pbkdf2_hmac", "sha256", b"x", b"y", rounds, cpu_seconds=60, wall_seconds=1.0)


@pytest.mark.parametrize("waits", [True, False])
def test_a_list_whose_child_gets_no_processor_is_no_heavy_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, waits: bool
) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(LIST)
    if not waits:
        reading_child_that_stops(monkeypatch)
    monkeypatch.setattr(cpu_starvation, "wants_processor", lambda _: waits)
    monkeypatch.setattr(cpu_starvation, "MAX_STRETCH", 1_000_000)
    try:
        with open_list(path, path.name, limits=Limits(wall=0.0001)) as liste:
            assert len(list(liste.rader)) == 1
        assert waits
    except ListeFeil as error:
        assert (error.kode, waits) == ("FIL_FOR_TUNG", False)
