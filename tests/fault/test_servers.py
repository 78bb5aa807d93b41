"""F06, F09, F10: PostgreSQL and Valkey restarted and emptied while letters are being sent."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select
from sqlalchemy.orm import aliased

from fiks.core.db import session
from fiks.svarut.models import Hendelse, Levering
from tests.fault.conftest import Chance
from tests.fault.crew import SENDERS, Crew
from tests.fault.platform import QUARANTINE, Platform, assert_all_well
from workers.sveip import sweep_once

ROWS = 60


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


def test_f06_restarting_postgresql_in_immediate_mode_while_sending_doubles_nothing(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=400)
    with Crew(platform.stack, SENDERS):
        utsending_id = platform.mailing(ROWS)
        for _ in range(6):
            time.sleep(chance.random.uniform(0.4, 1.2))
            platform.restart_postgres()
        assert_all_well(platform, [utsending_id], chance.seed)
    shortest = shortest_quarantine(platform, utsending_id)
    assert shortest is None or shortest > QUARANTINE - 0.5, f"FAULT_SEED={chance.seed}"


def test_f09_with_every_ring_lost_the_sweeper_alone_gets_the_letters_out_and_says_so(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(ROWS)
    sweep_once(platform.process, everything=True)
    sweep_once(platform.process, everything=True)
    found = REGISTRY.get_sample_value("fiks_sweep_found", {"jobb": "ring_klare_baner"})
    assert found, "the sweeper does not say that it finds what the bell should have"
    with Crew(platform.stack, SENDERS):

        def flushed() -> bool:
            platform.flush_valkey()
            return platform.at_rest([utsending_id])

        platform.wait("all is sent", flushed)
        assert_all_well(platform, [utsending_id], chance.seed)


def restart_with_its_file(platform: Platform) -> None:
    platform.valkey.kill()
    platform.valkey.start()


def restart_empty(platform: Platform) -> None:
    platform.valkey.restart_empty()


@pytest.mark.parametrize("restart", [restart_empty, restart_with_its_file])
def test_f10_restarting_valkey_while_sending_loses_nothing(
    platform: Platform, chance: Chance, restart: Callable[[Platform], None]
) -> None:
    platform.world(delay_ms=200)
    with Crew(platform.stack, SENDERS):
        utsending_id = platform.mailing(ROWS)
        for _ in range(3):
            time.sleep(chance.random.uniform(0.3, 1.0))
            restart(platform)
        assert_all_well(platform, [utsending_id], chance.seed)
