"""Letters from a fagsystem by REST v3, one document of 50 kB each, into one web process: how many a second, how fast.

The real stack without workers: taking in needs PostgreSQL and the object store alone. Each connection sends its next
letter when the last is answered. The clients share the machine with the server, so the figures are a lower bound.

With `--beside N` the workers run too, and the same is measured twice: alone, and while they hand over a mass mailing of
N letters. Then the ratios of the two are what counts; the mailing need not end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from benchmarks.mailing import LEAST, Letters, make_ready
from benchmarks.measure import Watch, percentile
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.sender import Caller, Sender, document
from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Opphav, Status
from testmiljo.demo import set_up
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.machines import seed_fagsystem
from testmiljo.mailing import wait_for
from testmiljo.seed import FJORDVIK, Seeded, seed
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks" / "intake"
SECONDS, QUICK_SECONDS = 30.0, 5.0
CONNECTIONS = 4
WEB_MIB = 300.0


@dataclass(frozen=True, slots=True)
class Window:
    """What was measured in one stretch of time. `answered` are the ids given, `times` seconds a letter."""

    answered: list[UUID]
    times: list[float]
    seconds: float
    mib: float

    def figures(self) -> list[Figure]:
        return [
            Figure("letters answered with an id", len(self.answered), "letters"),
            Figure("letters a second", self.rate, "letters/s"),
            Figure("median", 1000 * percentile(self.times, 0.5), "ms"),
            Figure("p95", 1000 * percentile(self.times, 0.95), "ms"),
            Figure("web process, most memory", self.mib, "MiB", WEB_MIB),
        ]

    def against(self, alone: Window) -> list[Figure]:
        """This window's figures as shares of those measured alone."""
        shares = {
            "letters a second": self.rate / alone.rate,
            **{
                name: percentile(self.times, share) / percentile(alone.times, share)
                for name, share in (("median", 0.5), ("p95", 0.95))
            },
        }
        return [Figure(f"{name}, beside / alone", value, "×") for name, value in shares.items()]

    @property
    def rate(self) -> float:
        """Letters a second."""
        return len(self.times) / self.seconds


@dataclass(frozen=True, slots=True)
class Bench:
    """The running stack, and the fagsystem that sends."""

    stack: Stack
    konto_id: UUID
    caller: Caller

    def measure(self, seconds: float) -> Window:
        """Send for so long."""
        path, stopped = f"/api/v3/kontoer/{self.konto_id}/forsendelser/person", threading.Event()
        warm = threading.Barrier(CONNECTIONS + 1)
        senders = [Sender(self.stack.base_url, path, self.caller, warm, stopped) for _ in range(CONNECTIONS)]
        threads = [threading.Thread(target=sender.run) for sender in senders]
        with Watch({"portal": self.stack.children["portal"].pid}) as watch:
            for thread in threads:
                thread.start()
            took = _while_they_send(warm, stopped, seconds)
            for thread in threads:
                thread.join()
        for sender in senders:
            if sender.failed is not None:
                raise sender.failed
        return Window(
            [one for sender in senders for one in sender.answered],
            [one for sender in senders for one in sender.times],
            took,
            watch.peak("portal"),
        )


def run(*, quick: bool, beside: int = 0) -> Report:
    """Run the benchmark; with `quick` for a few seconds only. `beside`: letters of a mailing to measure beside."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with platform(FOLDER, workers=beside > 0) as (stack, app), app.app_context():
        return _run_beside(app, stack, seconds, beside) if beside else _run_alone(stack, seconds)


def _run_alone(stack: Stack, seconds: float) -> Report:
    bench = _bench(stack, seed(FJORDVIK, [], angrefrist_sekunder=0))
    stack.start_portal()
    alone = bench.measure(seconds)
    return Report("intake, 50 kB", [*alone.figures(), *accounted(alone.answered, _stored())])


def _run_beside(app: Flask, stack: Stack, seconds: float, letters: int) -> Report:
    folder = make_folder(FOLDER.parent / "register", LEAST)
    seeded = set_up(app, stack, folder)[0].seeded
    bench = _bench(stack, seeded)
    stack.start_product()
    alone = bench.measure(seconds)
    wait_for("what was taken in is looked at", lambda: not _unseen())
    masse = make_ready(Letters(seeded, folder, document()), letters)
    masse.release()
    before = masse.handed_over()
    beside = bench.measure(seconds)
    after = masse.handed_over()
    return Report(
        f"intake, 50 kB, beside {letters} mass letters that are being sent",
        [
            *(replace(one, what=f"alone: {one.what}") for one in alone.figures()),
            *(replace(one, what=f"beside: {one.what}") for one in beside.figures()),
            *beside.against(alone),
            Figure("mailing: letters handed over meanwhile", after - before, "letters", 1, at_least=True),
            # It had not ended before the measuring did.
            Figure("mailing: letters still to be handed over", letters - after, "letters", 1, at_least=True),
            masse.doubled(stack.sim),
            *accounted([*alone.answered, *beside.answered], _stored()),
        ],
    )


def _bench(stack: Stack, seeded: Seeded) -> Bench:
    fagsystem = seed_fagsystem(seeded, FOLDER)
    stack.sim.add_machines(fagsystem.registration())
    konto_id = next(iter(seeded.kontoer.values()))
    return Bench(stack, konto_id, Caller(stack.environ["MASKINPORTEN_ISSUER"], fagsystem))


def accounted(answered: Sequence[UUID], stored: Set[UUID]) -> list[Figure]:
    """Hold the ids that were answered against the letters there are."""
    known = set(answered)
    return [
        Figure("ids answered, and no letter there", len(known - stored), "letters", 0),
        Figure("letters there, and no id answered", len(stored - known), "letters", 0),
        Figure("ids answered twice", len(answered) - len(known), "letters", 0),
    ]


def _stored() -> set[UUID]:
    """The letters that fagsystemer have sent."""
    session().rollback()
    return set(session().scalars(select(Forsendelse.id).where(Forsendelse.opphav == Opphav.V3)))


def _unseen() -> bool:
    session().rollback()
    waiting = select(Forsendelse.id).where(Forsendelse.status == Status.MOTTATT).limit(1)
    return session().execute(waiting).first() is not None


def _while_they_send(warm: threading.Barrier, stopped: threading.Event, seconds: float) -> float:
    """Let them send for so long; a sender that failed has broken the barrier, and its error is told by the caller."""
    with suppress(threading.BrokenBarrierError):
        warm.wait(120)
    began = time.monotonic()
    stopped.wait(0 if warm.broken else seconds)
    stopped.set()
    return time.monotonic() - began
