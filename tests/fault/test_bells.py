"""F13: the same message ten times at once. A bell only says "look now", so ten of them are worth one."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from fiks.core.db import db, session
from fiks.svarut.delivery import deliver
from fiks.svarut.letters import Brev
from fiks.svarut.models import Hendelse, Levering, Leveringsforsok
from fiks.svarut.rules import Kanal
from fiks.utsending.sending import feeder
from tests.fault.conftest import Chance
from tests.fault.platform import BEFORE_A_DIGITAL_ROW, QUARANTINE, Platform, assert_all_well
from workers.lanes import do_portion

pytestmark = pytest.mark.slow

AT_ONCE = 10
ROWS = 40


def at_once(platform: Platform, act: Callable[[], object]) -> None:
    """Run `act` in ten threads that begin together, each in its own app context."""
    start = threading.Barrier(AT_ONCE)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with platform.process.app.app_context():
                start.wait(timeout=30)
                act()
                db.session.remove()
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures


def test_f13_ten_workers_called_by_the_same_message_claim_each_letter_once(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=20)
    utsending_id = platform.mailing(ROWS)
    feeder.feed_all()
    while not platform.at_rest([utsending_id]):
        for lane in ("masse", "print"):
            at_once(platform, lambda lane=lane: do_portion(lane, platform.process))  # type: ignore[misc]
    of_mailing = select(Levering.id).where(Levering.utsending_id == utsending_id)
    claims = session().scalars(
        select(Hendelse.levering_id).where(Hendelse.kode == "KRAV", Hendelse.levering_id.in_(of_mailing))
    )
    calls = session().scalars(
        select(Leveringsforsok.levering_id).where(Leveringsforsok.levering_id.in_(of_mailing))
    )
    assert set(Counter(claims).values()) == {1}
    assert set(Counter(calls).values()) == {1}
    assert_all_well(platform, [utsending_id], chance.seed)


class Silent:
    """A channel whose answers are lost: every call may have been carried out, and was not."""

    def send(self, referanse: str, brev: Brev) -> str:
        raise deliver.Uavklart("TIDSAVBRUDD")

    def lookup(self, referanse: str) -> str | None:
        return None


def test_f13_ten_workers_looking_the_same_unknown_outcome_up_count_as_one_look_up(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(1, BEFORE_A_DIGITAL_ROW)
    feeder.feed_all()
    real = platform.process.world
    silent = replace(real, kanaler=dict.fromkeys(Kanal, Silent()))
    deliver.deliver(deliver.Bane.MASSE, platform.process.owner, silent)
    platform.wait("the outcome is unknown", lambda: bool(unknown(utsending_id)))
    at_once(platform, lambda: do_portion("inn", platform.process))
    assert unknown(utsending_id) == [1]
    platform.wait("the look-ups decide", lambda: inn(platform) and not unknown(utsending_id), 10 * QUARANTINE)
    platform.work("masse", "print")
    assert_all_well(platform, [utsending_id], chance.seed)


def inn(platform: Platform) -> bool:
    do_portion("inn", platform.process)
    return True


def unknown(utsending_id: object) -> list[int]:
    """The empty look-ups so far of each hand-over of the mailing whose outcome is unknown."""
    session().rollback()
    rows = select(Levering.tomme_oppslag).where(
        Levering.utsending_id == utsending_id, Levering.status == "UAVKLART"
    )
    return list(session().scalars(rows))
