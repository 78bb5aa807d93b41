"""Large letters whose length nobody tells pass through the intake process of the Procfile with flat memory."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.models import Dokument
from testmiljo.embedded import Services
from testmiljo.sim.process import Simulation
from tests.contract.intake_server import Mottak, running_intake
from tests.contract.large_letters import KIB, MIB, Door, maskinporten, open_doors, password, send
from tests.integration.api.fagsystem import letters
from tests.integration.databases import Database, new_database

pytestmark = pytest.mark.slow

log = logging.getLogger(__name__)
EVERYDAY, FULL = 100 * MIB, 350 * MIB
SMALLER = 8 * MIB
GROWTH = 64 * MIB
SECONDS = (5, 600)


@pytest.fixture
def mottak(tjenester: Services, template: Database, tmp_path: Path, sim: Simulation) -> Iterator[Mottak]:
    with (
        new_database(tjenester, template) as database,
        running_intake(database, tmp_path, maskinporten(sim)) as running,
    ):
        yield running


@pytest.fixture
def doors(mottak: Mottak, sim: Simulation) -> dict[str, Door]:
    return open_doors(mottak, sim)


def processes(mottak: Mottak) -> list[int]:
    """The master and its workers."""
    children = Path(f"/proc/{mottak.pid}/task/{mottak.pid}/children").read_text("ascii").split()
    return [mottak.pid, *map(int, children)]


def memory(pid: int, name: str) -> int:
    """Bytes the process holds now (VmRSS) or has held at most (VmHWM)."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found
    return int(found[1]) * KIB


def held(mottak: Mottak) -> dict[int, int]:
    """What each process holds now; from here on its most is counted anew."""
    pids = processes(mottak)
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    return {pid: memory(pid, "VmRSS") for pid in pids}


def test_who_is_refused_while_still_sending_is_told_why(mottak: Mottak, doors: dict[str, Door]) -> None:
    door = doors["v1"]
    without_title = replace(door, head=re.sub(rb'"tittel": "[^"]*", ', b"", door.head))
    stranger = replace(door, login=password(mottak.avsender, "feil"))
    for refused, body, status, word in (
        (without_title, without_title.pieces(SMALLER), 400, "TITTEL_MANGLER"),
        (stranger, b"".join(stranger.pieces(SMALLER)), 401, "Feil brukernavn"),
    ):
        answer = send(mottak, refused, body, SECONDS)
        assert (answer.status_code, word in answer.text) == (status, True)
    assert letters(mottak.hus) == 0


SIZES = [
    *(pytest.param(name, EVERYDAY, id=f"{name} 100 MB") for name in ("v1", "soap")),
    *(
        pytest.param(name, FULL, id=f"{name} 350 MB", marks=pytest.mark.full)
        for name in ("v1", "v2", "v3", "soap", "mtom")
    ),
]


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_sv12_07_a_large_letter_in_chunks_passes_with_flat_memory(
    mottak: Mottak, doors: dict[str, Door], name: str, size: int
) -> None:
    door = doors[name]
    first = len(processes(mottak)) * 3
    for _ in range(first):
        assert send(mottak, door, b"".join(door.pieces(MIB)), SECONDS).ok
    before = held(mottak)
    answer = send(mottak, door, door.pieces(size), SECONDS)
    assert answer.status_code == 200, answer.text
    assert letters(mottak.hus) == first + 1
    assert max(session().scalars(select(Dokument.storrelse))) == door.size(size)
    assert before.keys() == set(processes(mottak)), "no process was put in another's place"
    grown = sum(memory(pid, "VmHWM") - held for pid, held in before.items())
    assert grown < GROWTH, f"{grown / MIB:.0f} MiB"
    log.info("%s: %d MiB sent, memory grew by %.1f MiB", name, size // MIB, grown / MIB)


def slowly(pieces: Iterator[bytes], seconds: float) -> Iterator[bytes]:
    """The pieces, with a wait in the middle of a document."""
    for nr, piece in enumerate(pieces):
        if nr == 3:
            time.sleep(seconds)
        yield piece


def test_a_letter_may_be_longer_on_its_way_than_the_server_waits_for_a_worker(
    database: Database, tmp_path: Path, sim: Simulation
) -> None:
    """gunicorn's timeout is for a worker that has stopped, not for a thread of it that waits for its caller."""
    timeout = 6
    with running_intake(database, tmp_path, timeout=timeout) as mottak:
        door = open_doors(mottak, sim)["v1"]
        answer = send(mottak, door, slowly(door.pieces(SMALLER), 2 * timeout), SECONDS)
        assert answer.status_code == 200, answer.text
        assert letters(mottak.hus) == 1
