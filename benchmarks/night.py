"""The night when 356 kommuner send at once, at 1:100: 30 000 letters of 356 mailings through the whole platform.

Each kommune's list is read, its letters are drawn, another person approves, and all are released together. What a
letter costs is counted by stage and by process, and what it writes. The last figures reckon from it what three million
want; `docs/skalering.md` explains them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.kommuner import KOMMUNER, Avsender, make
from benchmarks.mailing import doubled
from benchmarks.measure import percentile
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.written import processor_time, written
from fiks.core.db import session
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import Status
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing
from testmiljo.effort import OUTSIDE, Effort, Forbruk
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.paper import PACKAGE, PACKAGE_SECONDS, agree_with_house
from testmiljo.seed import ready_templates
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks" / "night"
LETTERS, QUICK_LETTERS, QUICK_KOMMUNER = 30_000, 1_000, 36
WHOLE_NIGHT = 3_000_000
HOURS = 8
HOUR = 3600.0
PATIENCE = 6 * HOUR


def run(*, quick: bool) -> Report:
    """Replay the night; with `quick` a tenth of the kommuner, and a thousand letters."""
    letters, count = (QUICK_LETTERS, QUICK_KOMMUNER) if quick else (LETTERS, KOMMUNER)
    whole = make_folder(FOLDER.parent / f"lister-{letters}", letters)
    with platform(FOLDER) as (stack, app), app.app_context():
        ready_templates()
        certificate = Path(stack.environ["PRINT_CERTIFICATE"])
        agree_with_house(certificate, letters=PACKAGE, wait_seconds=PACKAGE_SECONDS)
        senders = list(make(count, whole / "eiendomsskatt.csv", FOLDER))
        stack.sim.add_register(whole)
        stack.start_product()
        return Report(f"night, {letters} letters of {count} kommuner", _replay(stack, senders))


def _replay(stack: Stack, senders: Sequence[Avsender]) -> list[Figure]:
    effort = Effort({name: child.pid for name, child in stack.children.items()})
    before = written(stack)
    ids = [mailing.prepare(one.seeded, one.liste, mailing.Valg()) for one in senders]
    _until("the lists are read", lambda: all(mailing.list_state(one)[0] == "LEST" for one in ids))
    effort.ended("read")
    for one, utsending_id in zip(senders, ids, strict=True):
        mailing.control_and_produce(one.seeded, utsending_id)
    _until("the letters are drawn", lambda: not _count(Utsending.status != Utsendingstatus.TIL_GODKJENNING))
    effort.ended("drawn")
    for one, utsending_id in zip(senders, ids, strict=True):
        mailing.approve_and_release(one.seeded, utsending_id)
    _until("all is handed over", _all_gone)
    effort.ended("handed over")
    used, after = effort.all(), written(stack)
    letters = session().execute(select(func.count(Forsendelse.id))).scalar_one()
    return [
        Figure("letters", letters, "letters"),
        *_stages(used, letters),
        *processor_time(used, letters),
        *after.since(before, letters),
        *_fairness(ids),
        *_outcome(stack, letters, sum(one.rader for one in senders)),
        *_whole_night(used, letters),
    ]


def _until(what: str, done: Callable[[], bool]) -> None:
    mailing.wait_for(what, done, seconds=PATIENCE, step=1.0)


def _count(condition: object) -> int:
    session().rollback()
    return session().execute(select(func.count(Utsending.id)).where(condition)).scalar_one()  # type: ignore[arg-type]


def _all_gone() -> bool:
    """Whether every mailing has its letters, and none of them waits to be handed over."""
    if _count(Utsending.status.in_([Utsendingstatus.FRIGITT, Utsendingstatus.GODKJENT])):
        return False
    rows = session().execute(select(func.sum(Utsending.antall_rader))).scalar_one()
    gone = select(func.count()).where(Forsendelse.status.not_in([Status.MOTTATT, Status.AKSEPTERT]))
    return bool(session().execute(gone).scalar_one() >= rows)


def _stages(used: Forbruk, letters: int) -> Iterator[Figure]:
    for stage, seconds in used.etapper.items():
        yield Figure(f"{stage}: all", seconds, "s")
        yield Figure(f"{stage}: letters a second", letters / seconds, "letters/s")


def _fairness(ids: Sequence[UUID]) -> Iterator[Figure]:
    """How long kommuner waited for their last letter, counted from when the first of all was handed over."""
    session().rollback()
    over = (
        select(Levering.utsending_id, func.max(Hendelse.tid), func.min(Hendelse.tid))
        .join_from(Levering, Hendelse, Hendelse.levering_id == Levering.id)
        .where(Levering.utsending_id.in_(ids), Hendelse.til == "OVERLEVERT")
        .group_by(Levering.utsending_id)
    )
    last: dict[UUID, datetime] = {}
    begun: list[datetime] = []
    for utsending_id, latest, earliest in session().execute(over):
        assert utsending_id is not None
        last[utsending_id] = latest
        begun.append(earliest)
    waited = [(moment - min(begun)).total_seconds() for moment in last.values()]
    small = ids[len(ids) // 2 :]
    of_small = [(last[one] - min(begun)).total_seconds() for one in small if one in last]
    yield Figure("the smaller half of the kommuner is done after (median)", percentile(of_small, 0.5), "s")
    yield Figure("the smaller half of the kommuner is done after (last)", max(of_small), "s")
    yield Figure("all are done after", max(waited), "s")


def _outcome(stack: Stack, letters: int, rows: int) -> Iterator[Figure]:
    yield Figure("letters doubled", doubled(stack.sim), "letters", 0)
    yield Figure("rows without a letter", rows - letters, "rows", 0)


def _whole_night(used: Forbruk, letters: int) -> Iterator[Figure]:
    scale = WHOLE_NIGHT / letters / (HOURS * HOUR)
    for who, seconds in sorted(used.prosessortid.items()):
        if who != OUTSIDE:
            yield Figure(f"3 million in {HOURS} hours: processors for {who}", seconds * scale, "")
