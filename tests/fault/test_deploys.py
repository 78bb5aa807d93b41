"""F02, F03, F04, F27: masters that die alone, deploys, and a process that runs out of memory."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.core.queue import planned_jobs
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.svarut.models import Hendelse, Levering
from tests.fault.conftest import Chance
from tests.fault.crew import GRACE_SECONDS, SENDERS, Crew, alive
from tests.fault.platform import Platform, assert_all_well
from tests.fault.under_way import calls_that_arrive, owners_in_calls

pytestmark = pytest.mark.slow

ROWS = 60
SHORT_CALL_MS, LONG_CALL_MS = 300, 1_500
ORPHANS_CALL_MS = 7_000
"""Long enough for the sweeper to look for lost owners in the middle of each of these calls."""
WORKERS = ("send-1", "send-2")
TERMS = 4
"""One that comes before a process has heard the one before is the same to it."""
LOOKS = "ta_tilbake_foreldrelose"


def left_unknown(utsending_id: UUID) -> int:
    """How often the outcome of a hand-over of the mailing was unknown."""
    session().rollback()
    of_mailing = select(Levering.id).where(Levering.utsending_id == utsending_id)
    counted = select(func.count()).where(Hendelse.levering_id.in_(of_mailing), Hendelse.til == "UAVKLART")
    return session().execute(counted).scalar_one()


def let_sweeper_look(platform: Platform) -> None:
    """Let the sweeper look for lost owners now."""
    planned_jobs.make_due(LOOKS)
    looked = select(PlanlagtJobb.neste > func.now()).where(PlanlagtJobb.navn == LOOKS)
    platform.wait("the sweeper looks for lost owners", lambda: bool(session().scalar(looked)))


@pytest.mark.full
def test_f02_children_of_a_killed_master_end_or_go_on_without_harm(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=ORPHANS_CALL_MS, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(ROWS)
        orphans: list[int] = []
        for name in WORKERS:
            platform.wait("both are in the middle of calls", lambda: owners_in_calls() == 2)
            time.sleep(chance.random.uniform(0, 0.5))
            orphans += crew.kill_master(name)
        assert [pid for pid in orphans if alive(pid)], "no child outlived its master: nothing was tried"
        platform.world()
        let_sweeper_look(platform)
        assert platform.calls_under_way(), "no call outlived the sweeper's look: nothing was tried"
        assert_all_well(platform, [utsending_id], chance.seed)
    assert all(crew.started[name] == 2 for name in WORKERS)


@pytest.mark.full
def test_f03_a_deploy_ends_each_worker_in_order_and_leaves_no_outcome_unknown(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=SHORT_CALL_MS, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(ROWS)
        for name in WORKERS:
            platform.wait("somebody is in the middle of a call", lambda: calls_that_arrive() > 0)
            time.sleep(chance.random.uniform(0, 0.3))
            code, took = crew.deploy(name)
            assert (code, took < GRACE_SECONDS) == (0, True), f"FAULT_SEED={chance.seed}"
        assert_all_well(platform, [utsending_id], chance.seed)
    assert left_unknown(utsending_id) == 0, f"FAULT_SEED={chance.seed}"


def test_f04_term_twice_to_the_whole_group_lets_the_call_in_hand_be_completed(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=LONG_CALL_MS, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(ROWS)
        platform.wait("both are in the middle of calls", lambda: owners_in_calls() == 2)
        time.sleep(chance.random.uniform(0, 0.5))
        code, took = crew.deploy("send-1", group=True, times=TERMS)
        assert (code, took < GRACE_SECONDS) == (0, True), f"FAULT_SEED={chance.seed}"
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
    assert left_unknown(utsending_id) == 0, f"FAULT_SEED={chance.seed}: a call was cut off"


@pytest.mark.full
def test_f27_a_worker_that_is_ended_for_want_of_memory_in_the_middle_of_calls_costs_no_letter(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=LONG_CALL_MS, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(ROWS)
        for name in WORKERS:
            platform.wait("both are in the middle of calls", lambda: owners_in_calls() == 2)
            time.sleep(chance.random.uniform(0, 0.5))
            crew.kill_children(name)
            platform.wait(
                "its master gives up and is started again", lambda name=name: crew.started[name] == 2
            )
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
