"""F14, F15, F16: a broker that gives workers up while they work, clocks that are wrong, and too many sweepers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import db, session, transaction
from fiks.core.queue import planned_jobs
from fiks.svarut.models import Forsendelse
from fiks.utsending.approval import service
from fiks.utsending.models import Utsending
from fiks.utsending.sending import feeder
from testmiljo import mailing
from tests.fault.conftest import Chance
from tests.fault.crew import BIN, SWEEPER, Crew, dramatiq
from tests.fault.platform import Platform, assert_all_well
from workers import sveip

pytestmark = pytest.mark.slow

ROWS = 40
ODD = "tests.fault.odd_broker"
ODD_SWEEPER: list[str | Path] = [BIN / "python", "-m", ODD]
HOUR, DAY = 3_600, 86_400
SWEEPERS = 4


@pytest.mark.full
def test_f14_a_message_taken_from_a_worker_that_is_busy_and_run_again_claims_no_letter_twice(
    platform: Platform, chance: Chance
) -> None:
    heard = platform.stack.folder / f"hort-{chance.seed}.txt"
    heartbeat = {"FAULT_HEARTBEAT_MS": "60000", "FAULT_HEARD": str(heard)}
    busy = [f"travel-{n}" for n in range(3)]
    members = {
        **dict.fromkeys(busy, dramatiq("masse", 1, ODD)),
        "send": dramatiq("print inn", 4),
        "sveip": SWEEPER,
    }
    platform.world(delay_ms=2_500, only=["send"])
    # What it says of when it lived is two minutes old, so the others take it for dead though it works.
    environs = {**dict.fromkeys(busy, heartbeat), busy[0]: heartbeat | {"FAULT_CLOCK_SKEW": "-120"}}
    with Crew(platform.stack, members, environs) as crew:
        utsending_id = platform.mailing(ROWS)
        platform.wait("a message is heard by two", lambda: heard.exists() and repeated(heard) > 0)
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
        assert not crew.killed


def repeated(heard: Path) -> int:
    """How many messages were heard more than once."""
    return sum(times > 1 for times in Counter(heard.read_text().split()).values())


@pytest.mark.full
@pytest.mark.parametrize("skew", [120, -120, DAY, -DAY])
def test_f15_a_machine_with_a_wrong_clock_sends_nothing_early_and_nothing_twice(
    platform: Platform, chance: Chance, skew: int
) -> None:
    members = {
        "rett": dramatiq("enkelt masse print inn", 4),
        "feil": dramatiq("enkelt masse print inn", 4, ODD),
        "sveip-feil": ODD_SWEEPER,
    }
    wrong = {"FAULT_CLOCK_SKEW": str(skew), "FAULT_HEARTBEAT_MS": "60000"}
    platform.world(delay_ms=100)
    utsending_id = approved(platform)
    hold = timedelta(seconds=6)
    with Crew(platform.stack, members, dict.fromkeys(("feil", "sveip-feil"), wrong)):
        begins = clock.now() + hold
        service.release(utsending_id, at=begins, actor=mailing.actor(platform.seeded, "Saksbehandler"))
        assert_all_well(platform, [utsending_id], chance.seed)
    first = session().scalar(
        select(Forsendelse.opprettet).where(Forsendelse.utsending_id == utsending_id).limit(1)
    )
    assert first is not None and first >= begins, f"FAULT_SEED={chance.seed}: released early"


def approved(platform: Platform) -> UUID:
    """A mailing that waits to be released."""
    utsending_id = platform.produced(ROWS)
    digest = select(Utsending.innhold_digest).where(Utsending.id == utsending_id)
    known = session().execute(digest).scalar_one()
    assert known is not None
    service.approve(utsending_id, known, actor=mailing.actor(platform.seeded, "Godkjenner"))
    return utsending_id


def test_f16_four_sweepers_at_once_run_each_job_that_is_due_once(
    platform: Platform, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    utsending_id = platform.mailing(ROWS)
    ran: list[str] = []
    for name, job in sveip.JOBS.items():
        monkeypatch.setitem(sveip.JOBS, name, replace(job, run=noting(ran, name, job.run)))
    all_due(HOUR)
    sweep_together(platform)
    all_due()
    assert Counter(ran) == Counter(list(sveip.JOBS)), f"FAULT_SEED={chance.seed}"
    platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
    assert_all_well(platform, [utsending_id], chance.seed)


def all_due(every: int | None = None) -> None:
    """Let every job be due now, and from then on at its own interval or this one."""
    planned_jobs.ensure_jobs({name: every or job.seconds for name, job in sveip.JOBS.items()})
    with transaction() as tx:
        tx.execute(update(planned_jobs.PlanlagtJobb).values(neste=func.now()))


def noting(ran: list[str], name: str, job: Callable[[], int]) -> Callable[[], int]:
    def noted() -> int:
        ran.append(name)
        return job()

    return noted


def sweep_together(platform: Platform) -> None:
    """So many sweepers without the lock that in production lets only one of them work."""
    start, failures = threading.Barrier(SWEEPERS), list[BaseException]()

    def sweep() -> None:
        try:
            start.wait(30)
            sveip.sweep_once(platform.process)
            with platform.process.app.app_context():
                db.session.remove()
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails
            failures.append(error)

    threads = [threading.Thread(target=sweep) for _ in range(SWEEPERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures


@pytest.mark.full
def test_f16_when_the_sweeper_that_works_is_killed_one_of_the_others_goes_on(
    platform: Platform, chance: Chance
) -> None:
    sweepers = [f"sveip-{n}" for n in range(SWEEPERS)]
    members = {"send": dramatiq("enkelt masse print inn", 4), **dict.fromkeys(sweepers, SWEEPER)}
    with Crew(platform.stack, members) as crew:
        for _ in range(3):
            utsending_id = platform.mailing(ROWS // 4)
            time.sleep(chance.random.uniform(0, 1))
            crew.kill_one(chance.random, sweepers)
            assert_all_well(platform, [utsending_id], chance.seed)
    assert feeder.feed_all() == 0
