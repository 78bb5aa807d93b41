"""F08: a failover to a replica that lacks the last commits. The digital letters they told of have left the house.

Paper that the print house has and we no order for waits for a person: `test_restored_letters` of SvarUt shows it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.drift import restore_guard
from fiks.drift.state import frozen_and_paused
from fiks.svarut.delivery import deliver
from fiks.svarut.models import Levering
from fiks.svarut.rules import Bane
from fiks.utsending.sending import feeder
from testmiljo import accounting
from tests.fault.commands import fiks
from tests.fault.conftest import Chance
from tests.fault.platform import Platform

ROWS = 30


def handed_over(utsending_id: UUID) -> int:
    session().rollback()
    counted = select(func.count()).where(
        Levering.utsending_id == utsending_id, Levering.status == "OVERLEVERT"
    )
    return session().execute(counted).scalar_one()


@pytest.mark.full
def test_f08_what_was_sent_after_the_replicas_last_commit_is_adopted_and_not_sent_again(
    platform: Platform, chance: Chance, tmp_path: Path
) -> None:
    utsending_id = platform.mailing(ROWS)
    feeder.feed_all()
    restore_guard.advance_epoch()
    deliver.deliver(Bane.MASSE, platform.process.owner, platform.process.world)
    stop_server(platform)
    platform.postgres.copy_data(tmp_path / "replika")
    platform.postgres.start()
    before = handed_over(utsending_id)

    platform.work("masse")
    restore_guard.advance_epoch()
    lost = handed_over(utsending_id) - before
    assert lost > 0, "nothing was sent that the replica does not know of"
    stop_server(platform)
    platform.postgres.revert_data(tmp_path / "replika")
    platform.postgres.start()

    assert restore_guard.check_for_restore(), "the database is known to be behind"
    session().rollback()
    assert frozen_and_paused()[0] is not None
    platform.work("masse", "print")
    assert handed_over(utsending_id) == before, "nothing is sent before it is known what was sent"
    fiks(platform, "reconcile", "--gjenopprettet", codes=(0, 1))
    adopted = handed_over(utsending_id) - before
    assert adopted > 0, f"FAULT_SEED={chance.seed}: nothing was adopted"
    fiks(platform, "thaw")
    platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
    broken = platform.breaches([utsending_id])
    account = accounting.account(utsending_id, platform.stack.sim)
    assert (account.doblet, account.tapt) == (0, 0), f"FAULT_SEED={chance.seed}: {account}"
    # That the call was in the ledger before it was made was among the commits that are gone; nothing else is amiss.
    assert Counter(one.regel for one in broken) == {"I7": adopted}, f"FAULT_SEED={chance.seed}: {broken}"


def stop_server(platform: Platform) -> None:
    session().close()
    platform.process.owner.release()
    platform.postgres.stop()
