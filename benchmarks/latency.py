"""How long a letter by itself waits for a worker, and a person for a preview: idle, and beside a mass mailing.

Beside it a mailing's letters are drawn, so that every drawing worker is busy; then another's, while those of one more
are handed over, so that every worker is. Waiting is read from the rows: a letter is there at `opprettet`, taken at its
event KRAV, and its call begins at `kall_startet`. The limits are those that single letters and previews must keep
while everybody sends.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.mailing import HOUSE, Letters, make_ready
from benchmarks.measure import percentile
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.sender import document
from benchmarks.visitor import Visitor
from fiks.core.db import session
from fiks.svarut.models import Hendelse, Levering
from fiks.svarut.mottak.bulk_writer import accept_letters
from fiks.svarut.rules import Bane
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing
from testmiljo.demo import Kommune, list_in, set_up
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.seed import Seeded
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks" / "latency"
ROWS, QUICK_ROWS = 100_000, 40_000
LETTERS, QUICK_LETTERS = 200, 40
A_SECOND = 8.0
"""Letters a second, on average; the pauses are of chance, so that they do not fall in step with a poll."""
PREVIEWS, QUICK_PREVIEWS = 20, 5
FIRST_ROW = 2
"""Rows are numbered by the lines of the file, and the first is its heading."""
BELL_MS = 250.0
START_MS = 2_000.0
PREVIEW_RATIO = 2.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Seconds that letters waited until they were taken, and until their call began; seconds a preview took."""

    taken: list[float]
    called: list[float]
    previews: list[float]

    def figures(self, when: str, limit: float) -> list[Figure]:
        return [
            Figure(f"{when}: letter, commit → taken, median", 1000 * percentile(self.taken, 0.5), "ms"),
            Figure(f"{when}: letter, commit → taken, p99", 1000 * percentile(self.taken, 0.99), "ms", limit),
            Figure(f"{when}: letter, commit → call begins, p99", 1000 * percentile(self.called, 0.99), "ms"),
            Figure(f"{when}: preview, median", 1000 * percentile(self.previews, 0.5), "ms"),
            Figure(f"{when}: preview, p95", 1000 * percentile(self.previews, 0.95), "ms"),
        ]


def run(*, quick: bool, rows: int = 0) -> Report:
    """Run the benchmark beside `rows` letters; with `quick` beside a small mailing and for a few letters."""
    rows = rows or (QUICK_ROWS if quick else ROWS)
    folder = make_folder(FOLDER.parent / f"lister-{rows}", rows)
    with platform(FOLDER) as (stack, app):
        kommune = set_up(app, stack, folder)[0]
        stack.start_product()
        with app.app_context():
            return Report(f"latency, beside {rows} letters", _measure(stack, kommune, folder, rows, quick))


def _measure(stack: Stack, kommune: Kommune, folder: Path, rows: int, quick: bool) -> list[Figure]:
    letters = Letters(kommune.seeded, folder, document())
    one, other = (_read(kommune.seeded, folder) for _ in range(2))
    bench = _Bench(_visitor(stack, kommune), one, letters)
    idle = bench.window(quick)
    bench.draw(kommune.seeded)
    drawing = bench.window(quick)
    masse = make_ready(letters, rows)
    bench = replace(bench, utsending_id=other)
    bench.draw(kommune.seeded)
    masse.release()
    drawn, handed_over = bench.drawn(), masse.handed_over()
    busy = bench.window(quick)
    ratio = percentile(busy.previews, 0.95) / percentile(idle.previews, 0.95)
    return [
        *idle.figures("idle", BELL_MS),
        *drawing.figures("beside drawing", BELL_MS),
        *busy.figures("meanwhile", START_MS),
        Figure("preview p95, meanwhile / idle", ratio, "×", PREVIEW_RATIO),
        Figure("letters drawn meanwhile", bench.drawn() - drawn, "letters", 1, at_least=True),
        Figure(
            "letters handed over meanwhile", masse.handed_over() - handed_over, "letters", 1, at_least=True
        ),
        masse.doubled(stack.sim),
    ]


def _visitor(stack: Stack, kommune: Kommune) -> Visitor:
    visitor = Visitor(stack.base_url)
    visitor.log_in(next(p.pid for p in kommune.people if p.rolle == "Saksbehandler"))
    return visitor


def _read(seeded: Seeded, folder: Path) -> UUID:
    """A mailing whose list is read and controlled."""
    utsending_id = mailing.prepare(seeded, list_in(folder), mailing.Valg())
    mailing.wait_for("the list is read", lambda: mailing.list_state(utsending_id)[0] == "LEST")
    return utsending_id


@dataclass(frozen=True, slots=True)
class _Bench:
    """The running stack. `utsending_id` is the mailing that is drawn, and whose rows are looked at."""

    visitor: Visitor
    utsending_id: UUID
    letters: Letters

    def draw(self, seeded: Seeded) -> None:
        """Have the mailing's letters drawn; they are being drawn when this returns."""
        mailing.control_and_produce(seeded, self.utsending_id)
        mailing.wait_for("the first letters are drawn", lambda: self.drawn() > 0)

    def drawn(self) -> int:
        """Letters drawn of the mailing. RuntimeError when all are: then there was nothing to be beside."""
        if mailing.status(self.utsending_id) is not Utsendingstatus.PRODUSERES:
            raise RuntimeError("the letters were all drawn before the measuring ended: take more rows")
        made = select(func.count()).where(
            Utsendingsrad.utsending_id == self.utsending_id, Utsendingsrad.objekt.is_not(None)
        )
        return session().execute(made).scalar_one()

    def window(self, quick: bool) -> Waiting:
        """Letters by themselves and previews, at the same time."""
        with ThreadPoolExecutor(1) as other:
            previews = other.submit(self._look, QUICK_PREVIEWS if quick else PREVIEWS)
            ids = self._send(QUICK_LETTERS if quick else LETTERS)
            taken, called = _waited(ids)
            return Waiting(taken, called, previews.result())

    def _send(self, count: int) -> list[UUID]:
        """Send letters by themselves, each in its own transaction."""
        chance, ids = random.Random(7), list[UUID]()
        for letter in self.letters.take(count):
            ids += accept_letters([letter], bane=Bane.ENKELT, actor=HOUSE)
            time.sleep(chance.expovariate(A_SECOND))
        return ids

    def _look(self, count: int) -> list[float]:
        """Seconds from the order of a row's letter until its page shows it."""
        return [
            self.visitor.preview(self.utsending_id, radnr) for radnr in range(FIRST_ROW, FIRST_ROW + count)
        ]


def _waited(ids: Sequence[UUID]) -> tuple[list[float], list[float]]:
    """Seconds until each letter was taken for the first time, and until its call began, for those that had one call."""
    mailing.wait_for("the letters are taken", lambda: not _untaken(ids), seconds=120)
    taken = (
        select(func.extract("epoch", func.min(Hendelse.tid) - Levering.opprettet))
        .select_from(Levering)
        .join(Hendelse, Hendelse.levering_id == Levering.id)
        .where(Levering.forsendelse_id.in_(ids), Hendelse.kode == "KRAV")
        .group_by(Levering.id)
    )
    called = select(func.extract("epoch", Levering.kall_startet - Levering.opprettet)).where(
        Levering.forsendelse_id.in_(ids), Levering.forsok == 1, Levering.kall_startet.is_not(None)
    )
    waited = [float(s) for s in session().scalars(taken)]
    if len(waited) < len(ids):
        raise RuntimeError(f"{len(waited)} of {len(ids)} letters were taken")
    return waited, [float(s) for s in session().scalars(called)]


def _untaken(ids: Sequence[UUID]) -> bool:
    session().rollback()
    waiting = select(Levering.id).where(Levering.forsendelse_id.in_(ids), Levering.forsok == 0).limit(1)
    return session().execute(waiting).first() is not None
