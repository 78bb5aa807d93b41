"""Handing over by itself: the letters of one mailing, drawn beforehand, to channels that answer at once.

Receivers read and receipts come meanwhile, as in operation: what a letter costs is all that happens until the last of
them is handed over, of every process. `night` has what comes before, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.kommuner import make
from benchmarks.mailing import doubled
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.written import processor_time, written
from fiks.core.db import session
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Leveringsstatus, Status
from fiks.utsending.rules import FEED_PORTION, Utsendingstatus
from testmiljo import mailing
from testmiljo.effort import Effort
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.paper import PACKAGE, PACKAGE_SECONDS, agree_with_house
from testmiljo.seed import ready_templates
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks" / "handover"
LETTERS, QUICK_LETTERS = 5_000, 1_000
PATIENCE = 6 * 3600.0


def run(*, quick: bool, rows: int = 0) -> Report:
    """Hand a mailing over; `rows` letters, or 5 000, with `quick` 1 000."""
    letters = rows or (QUICK_LETTERS if quick else LETTERS)
    folder = make_folder(FOLDER.parent / f"lister-{letters}", letters)
    with platform(FOLDER) as (stack, app), app.app_context():
        ready_templates()
        certificate = Path(stack.environ["PRINT_CERTIFICATE"])
        agree_with_house(certificate, letters=PACKAGE, wait_seconds=PACKAGE_SECONDS)
        (one,) = make(1, folder / "eiendomsskatt.csv", FOLDER)
        stack.sim.add_register(folder)
        stack.start_product()
        utsending_id = mailing.prepare(one.seeded, one.liste, mailing.Valg())
        mailing.wait_for("the list is read", lambda: mailing.list_state(utsending_id)[0] == "LEST")
        mailing.control_and_produce(one.seeded, utsending_id)
        drawn = Utsendingstatus.TIL_GODKJENNING
        mailing.wait_for("the letters are drawn", lambda: mailing.status(utsending_id) is drawn)
        circuit_breaker.set_frozen(True, "benchmark")
        mailing.approve_and_release(one.seeded, utsending_id)
        ready = min(FEED_PORTION, mailing.rows_in(utsending_id))
        mailing.wait_for(
            "the first letters are ready", lambda: _count(utsending_id, Leveringsstatus.KLAR) >= ready
        )
        return Report(f"handover, {letters} letters of a mailing", list(_handed_over(stack, utsending_id)))


def _handed_over(stack: Stack, utsending_id: UUID) -> Iterator[Figure]:
    effort = Effort({name: child.pid for name, child in stack.children.items()})
    before, rows = written(stack), mailing.rows_in(utsending_id)
    circuit_breaker.set_frozen(False, None)
    mailing.wait_for("all is handed over", lambda: _gone(utsending_id) >= rows, PATIENCE, step=0.5)
    seconds = effort.ended("handed over")
    used, after = effort.all(), written(stack)
    yield Figure("letters handed over a second", rows / seconds, "letters/s")
    yield Figure("processor time a letter, all", 1000 * sum(used.prosessortid.values()) / rows, "ms")
    yield from processor_time(used, rows)
    yield from after.since(before, rows)
    yield Figure("letters doubled", doubled(stack.sim), "letters", 0)


def _count(utsending_id: UUID, status: Leveringsstatus) -> int:
    session().rollback()
    these = select(func.count()).where(Levering.utsending_id == utsending_id, Levering.status == status)
    return session().execute(these).scalar_one()


def _gone(utsending_id: UUID) -> int:
    """Letters that are handed over, or wait for a person."""
    waiting = _count(utsending_id, Leveringsstatus.TIL_BEHANDLING)
    gone = select(func.count()).where(
        Forsendelse.utsending_id == utsending_id,
        Forsendelse.status.not_in([Status.MOTTATT, Status.AKSEPTERT]),
    )
    return waiting + session().execute(gone).scalar_one()
