"""F01 and F05: workers that are killed, and workers that stand still for longer than every time limit."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.svarut.models import Hendelse, Levering, Leveringsforsok
from tests.fault.conftest import Chance
from tests.fault.crew import SENDERS, Crew
from tests.fault.platform import QUARANTINE, Platform, assert_all_well
from tests.fault.under_way import calls_under_way, owners_in_calls

pytestmark = pytest.mark.slow

ROWS, MORE_ROWS = 60, 120
KILLS = 4
THREADS = 4


def test_f01_killing_a_random_worker_again_and_again_neither_loses_nor_doubles_a_letter(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=1_000, only=["send"])
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(MORE_ROWS)
        for _ in range(KILLS):
            platform.wait("both are in the middle of calls", lambda: owners_in_calls() == 2)
            time.sleep(chance.random.uniform(0, 0.5))
            crew.kill_one(chance.random, ["send-1", "send-2"])
        platform.world()
        assert_all_well(platform, [utsending_id], chance.seed)
    letters_ledger = (
        select(func.count())
        .select_from(Leveringsforsok)
        .join(Levering, Levering.id == Leveringsforsok.levering_id)
    )
    calls = session().execute(letters_ledger.where(Levering.utsending_id == utsending_id)).scalar_one()
    handed = (
        session()
        .execute(
            select(func.count()).where(
                Levering.utsending_id == utsending_id, Levering.kanal.in_(["DPI", "ALTINN"])
            )
        )
        .scalar_one()
    )
    assert len(crew.killed) == KILLS
    assert handed <= calls <= handed + KILLS * THREADS, f"FAULT_SEED={chance.seed}"


def test_f05_a_worker_frozen_past_every_limit_keeps_its_letters_and_thaws_without_doubling(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=1_000)
    with Crew(platform.stack, SENDERS) as crew:
        utsending_id = platform.mailing(ROWS)
        platform.wait("both are in the middle of calls", lambda: owners_in_calls() == 2)
        crew.freeze("send-1")
        platform.world()
        time.sleep(2 * QUARANTINE)
        assert taken_from_owners(utsending_id) == 0, "the sweeper took from an owner that was alive"
        assert calls_under_way() > 0, "the frozen worker was not in the middle of anything"
        crew.thaw("send-1")
        assert_all_well(platform, [utsending_id], chance.seed)
    assert taken_from_owners(utsending_id) == 0


def taken_from_owners(utsending_id: UUID) -> int:
    """How many claims of the mailing were taken back."""
    taken = select(func.count()).where(
        Hendelse.kode == "EIER_TAPT",
        Hendelse.levering_id.in_(select(Levering.id).where(Levering.utsending_id == utsending_id)),
    )
    return session().execute(taken).scalar_one()
