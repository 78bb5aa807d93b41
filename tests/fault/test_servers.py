"""F06, F09, F10: PostgreSQL and Valkey restarted and emptied while letters are being sent.

F09's alarm is FiksRingsLost, which goes by what the sweeper counts as lost: nothing of a house that is merely busy.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from config import broker
from fiks.core.db import session
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.svarut.models import Hendelse, Levering
from tests.fault.conftest import Chance
from tests.fault.crew import SENDERS, Crew
from tests.fault.platform import QUARANTINE, Platform, assert_all_well
from tests.fault.under_way import calls_that_arrive
from workers.sveip import sweep_once

pytestmark = pytest.mark.slow

ROWS, MORE_ROWS = 60, 90
RESTARTS = 6
LANE = "masse"
LONG_CALL_MS = 2_500
"""So long that the sweeper looks for lost owners while their calls are still on the way; a call is given 3 seconds."""


def shortest_quarantine(platform: Platform, utsending_id: object) -> float | None:
    """Seconds of the shortest way from UAVKLART back to KLAR, None if nobody went it."""
    into, out = aliased(Hendelse), aliased(Hendelse)
    waits = session().execute(
        select(out.tid - into.tid)
        .join(
            into,
            (into.levering_id == out.levering_id) & (into.til == "UAVKLART") & (into.lopenr < out.lopenr),
        )
        .where(
            out.fra == "UAVKLART",
            out.til == "KLAR",
            out.levering_id.in_(select(Levering.id).where(Levering.utsending_id == utsending_id)),
        )
    )
    return min((row[0].total_seconds() for row in waits), default=None)


def calls_dropped(utsending_id: object) -> int:
    """Calls that broke before the channel had stored anything."""
    dropped = select(func.count()).where(
        Hendelse.kode == "FORBINDELSE_BRUTT",
        Hendelse.levering_id.in_(select(Levering.id).where(Levering.utsending_id == utsending_id)),
    )
    return session().execute(dropped).scalar_one()


def test_f06_restarting_postgresql_in_immediate_mode_while_sending_doubles_nothing(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=1_000, drop=1, only=["send"])
    with Crew(platform.stack, SENDERS):
        utsending_id = platform.mailing(MORE_ROWS)
        platform.wait("a call is lost on its way", lambda: calls_dropped(utsending_id) > 0)
        platform.world(delay_ms=LONG_CALL_MS, only=["send"])
        for _ in range(RESTARTS):
            platform.wait("somebody is in the middle of a call", lambda: calls_that_arrive() > 0)
            time.sleep(chance.random.uniform(0, 1.0))
            platform.restart_postgres()
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
    shortest = shortest_quarantine(platform, utsending_id)
    assert shortest is not None, f"FAULT_SEED={chance.seed}: nothing was sent again"
    assert shortest > QUARANTINE - 0.5, f"FAULT_SEED={chance.seed}"


def test_f09_with_every_ring_lost_the_sweeper_alone_gets_the_letters_out_and_says_so(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(ROWS)
    sweep_once(platform.process, everything=True)
    sweep_once(platform.process, everything=True)
    found = REGISTRY.get_sample_value("fiks_sweep_found", {"jobb": "ring_klare_baner"})
    assert found, "the sweeper does not say that it finds what the bell should have"
    platform.world(delay_ms=1_000, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        before = lost_rings(crew)

        def flushed() -> bool:
            platform.flush_valkey()
            return platform.at_rest([utsending_id])

        platform.wait("all is sent", flushed)
        assert lost_rings(crew) > before, f"FAULT_SEED={chance.seed}: nobody is told that rings are lost"
        assert_all_well(platform, [utsending_id], chance.seed)


def lost_rings(crew: Crew) -> int:
    """How often the sweeper has said that rings were lost, each time it counted some."""
    return crew.said("sveip").count('"rings_lost"')


def test_f09_a_house_that_is_merely_busy_has_lost_no_ring(platform: Platform, chance: Chance) -> None:
    platform.world(delay_ms=1_000, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        platform.wait("the sweeper has begun", lambda: looks() > 0)
        utsending_id = platform.mailing(MORE_ROWS)
        begun, before = looks(), lost_rings(crew)
        platform.wait("all is sent", lambda: platform.at_rest([utsending_id]))
        assert lost_rings(crew) == before, f"FAULT_SEED={chance.seed}"
        assert looks() - begun > 0, "the sweeper did not look meanwhile"
        assert_all_well(platform, [utsending_id], chance.seed)


def looks() -> float:
    """When the sweeper last looked for ready lanes, in Unix time; 0 when it never did."""
    session().rollback()
    last = select(func.extract("epoch", PlanlagtJobb.sist)).where(PlanlagtJobb.navn == "ring_klare_baner")
    return float(session().execute(last).scalar_one_or_none() or 0)


def heard_by_one_who_dies(platform: Platform) -> None:
    """Take every bell off the lane without answering, as a worker that is killed before it acts."""
    made = broker.make_broker(platform.valkey.redis_url)
    made.declare_queue(LANE)
    consumer = made.consume(LANE, prefetch=broker.LANES[LANE], timeout=100)
    heard = sum(next(consumer) is not None for _ in range(broker.LANES[LANE]))
    assert heard == broker.LANES[LANE], "the bells had not rung"
    made.close()


def restart_with_its_file(platform: Platform) -> None:
    platform.valkey.kill()
    platform.valkey.start()


def restart_empty(platform: Platform) -> None:
    platform.valkey.restart_empty()


@pytest.mark.parametrize("restart", [restart_empty, restart_with_its_file])
def test_f10_restarting_valkey_while_sending_loses_nothing(
    platform: Platform, chance: Chance, restart: Callable[[Platform], None]
) -> None:
    platform.world(delay_ms=500, only=["send"])
    platform.flush_valkey()
    utsending_id = platform.mailing(ROWS)
    sweep_once(platform.process, everything=True)
    heard_by_one_who_dies(platform)
    restart(platform)
    with Crew(platform.stack, SENDERS):
        for _ in range(3):
            platform.wait("somebody is in the middle of a call", lambda: calls_that_arrive() > 0)
            time.sleep(chance.random.uniform(0, 0.5))
            restart(platform)
        assert_all_well(platform, [utsending_id], chance.seed)
