"""Many who send slowly at the same time, or have stopped, do not keep small letters out of the intake process."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from portal.http.unread_body import SILENCE
from tests.contract.intake_server import Mottak
from tests.contract.large_letters import KIB, MIB, Door, Pieces, send

pytestmark = pytest.mark.slow

log = logging.getLogger(__name__)
AT_ONCE, SMALL, LARGE = 20, 20, 350 * MIB
PAUSE = 0.1
SECONDS, LONG = (20, 20), (60, 1800)
DISK = 3 * AT_ONCE * LARGE
Sent = list[Future[requests.Response]]


@pytest.fixture(scope="module")
def in_turn(doors: dict[str, Door]) -> list[Door]:
    return list(doors.values())


@contextmanager
def sending(mottak: Mottak, doors: list[Door], bodies: list[Pieces]) -> Iterator[Sent]:
    """Send a letter of each body, by every door in turn, while the block runs."""
    with ThreadPoolExecutor(len(bodies)) as pool:
        yield [
            pool.submit(send, mottak, doors[nr % len(doors)], body, LONG) for nr, body in enumerate(bodies)
        ]


def trickling(door: Door, at: int, piece: int, stop: threading.Event) -> Pieces:
    """The letter up to byte `at`, then `piece` bytes now and then until told to stop, then the rest."""
    whole = b"".join(door.pieces(2 * MIB))
    yield whole[:at]
    rest = memoryview(whole)[at:]
    while not stop.wait(PAUSE) and len(rest) > piece:
        yield bytes(rest[:piece])
        rest = rest[piece:]
    yield bytes(rest)


def small_letters(mottak: Mottak, doors: list[Door], wanted: int = SMALL) -> list[float]:
    """Send so many, one after another, by every door in turn; return the seconds of each."""
    taken = []
    for nr in range(wanted):
        door = doors[nr % len(doors)]
        began = time.monotonic()
        answer = send(mottak, door, b"".join(door.pieces(door.clear)), SECONDS)
        taken.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.text
    return taken


def ids(mottak: Mottak) -> set[str]:
    session().rollback()
    return {
        str(one)
        for one in session().scalars(
            select(Forsendelse.id).where(Forsendelse.konto_id == mottak.hus.konto_id)
        )
    }


def in_a_document(door: Door, stop: threading.Event) -> Pieces:
    return trickling(door, len(door.head) + MIB // 2, KIB, stop)


def in_the_facts(door: Door, stop: threading.Event) -> Pieces:
    return trickling(door, len(door.head) // 8, 1, stop)


@pytest.mark.parametrize(("slowly", "senders"), [(in_a_document, AT_ONCE), (in_the_facts, 2 * AT_ONCE)])
def test_slow_senders_do_not_stop_small_letters(
    intake: Mottak, in_turn: list[Door], slowly: Callable[[Door, threading.Event], Pieces], senders: int
) -> None:
    """Wherever in the letter they are, each holds a thread, and no connection to the database."""
    before, stop = ids(intake), threading.Event()
    bodies = [slowly(in_turn[nr % len(in_turn)], stop) for nr in range(senders)]
    with sending(intake, in_turn, bodies) as slow:
        try:
            time.sleep(2)
            taken = small_letters(intake, in_turn)
            assert not any(one.done() for one in slow)
        finally:
            stop.set()
    assert [one.result().status_code for one in slow] == [200] * senders
    assert len(ids(intake) - before) == senders + len(taken)


@pytest.mark.full
def test_who_has_fallen_silent_is_let_go_and_told_so(intake: Mottak, in_turn: list[Door]) -> None:
    door, host = in_turn[0], urlsplit(intake.url)
    connection = HTTPConnection(host.netloc, timeout=3 * SILENCE)
    connection.putrequest("POST", door.path)
    for name, value in {**door.login(), "Content-Type": door.kind, "Content-Length": str(LARGE)}.items():
        connection.putheader(name, value)
    connection.endheaders(door.head + door.filling)
    answer = connection.getresponse()
    assert (answer.status, b"MULTIPART_UGYLDIG" in answer.read()) == (400, True)
    connection.close()


@pytest.mark.full
def test_twenty_large_letters_at_once_do_not_stop_small_ones(intake: Mottak, in_turn: list[Door]) -> None:
    if shutil.disk_usage(Path.cwd()).free < DISK:
        pytest.fail(f"needs {DISK // 1024**3} GB of disk")
    before, taken = ids(intake), list[float]()
    bodies = [in_turn[nr % len(in_turn)].pieces(LARGE) for nr in range(AT_ONCE)]
    began = time.monotonic()
    with sending(intake, in_turn, bodies) as large:
        while not all(one.done() for one in large):
            taken += small_letters(intake, in_turn, 1)
    assert [one.result().status_code for one in large] == [200] * AT_ONCE
    assert len(ids(intake) - before) == AT_ONCE + len(taken)
    log.info(
        "%d of 350 MiB in %.0f s; %d small ones meanwhile, median %.2f s, slowest %.2f s",
        AT_ONCE,
        time.monotonic() - began,
        len(taken),
        median(taken),
        max(taken),
    )
