"""F18, F19, F20, F24: channels that answer late or never, know late what they have, or are ahead of our record."""

from __future__ import annotations

import time
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.svarut.delivery import unknown_outcomes
from fiks.svarut.models import Forsendelse, Levering, Leveringsforsok
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal, Leveringsstatus
from fiks.utsending.sending import feeder
from tests.fault.conftest import Chance
from tests.fault.platform import QUARANTINE, Platform, assert_all_well

pytestmark = pytest.mark.slow

ROWS, AFTER = 5, 9
"""Rows of the generated list among which both digital channels are, and too few to pause one."""
DIGITAL = (Kanal.DPI, Kanal.ALTINN)
ONLY_SENDING = {"only": ["send"]}
ANSWER_LOST = {"accept_then_drop": 1} | ONLY_SENDING
LATE_MS = (QUARANTINE + 1) * 1_000
"""A call is given half the quarantine: this one lands when we have asked for it twice, and must not be sent again."""
LOOK_UP_GAP = QUARANTINE / 4


def handed(platform: Platform) -> UUID:
    """A mailing whose letters have been handed over once, every digital one with an unknown outcome."""
    utsending_id = platform.mailing(ROWS, AFTER)
    feeder.feed_all()
    platform.work("masse", "print")
    kinds = session().execute(
        select(Levering.kanal, Levering.status).where(
            Levering.utsending_id == utsending_id, Levering.kanal.in_(DIGITAL)
        )
    )
    assert {tuple(row) for row in kinds} == {(kanal, Leveringsstatus.UAVKLART) for kanal in DIGITAL}
    return utsending_id


def sweep_until(platform: Platform, what: str, utsending_id: UUID) -> None:
    platform.wait(what, lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))


def calls(utsending_id: UUID) -> Counter[int]:
    """How many digital hand-overs took how many calls."""
    tries = (
        select(func.count())
        .select_from(Levering)
        .join(Leveringsforsok)
        .where(Levering.utsending_id == utsending_id, Levering.kanal.in_(DIGITAL))
        .group_by(Levering.id)
    )
    return Counter(session().scalars(tries))


def test_f18_a_call_that_lands_after_we_stopped_waiting_is_found_and_not_made_again(
    platform: Platform, chance: Chance
) -> None:
    platform.world(delay_ms=LATE_MS, **ONLY_SENDING)
    utsending_id = handed(platform)
    for _ in range(2):
        unknown_outcomes.resolve_unknown_outcomes(platform.process.world)
        time.sleep(1.05 * LOOK_UP_GAP)
    sweep_until(platform, "what landed late is found", utsending_id)
    assert set(calls(utsending_id)) == {1}
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f19_a_letter_accepted_while_the_answer_was_lost_is_adopted_with_the_channels_own_id(
    platform: Platform, chance: Chance
) -> None:
    platform.world(**ANSWER_LOST)
    utsending_id = handed(platform)
    sweep_until(platform, "every letter is adopted", utsending_id)
    assert set(calls(utsending_id)) == {1}
    without = select(func.count()).where(
        Levering.utsending_id == utsending_id,
        Levering.kanal.in_(DIGITAL),
        Levering.leverandor_ref.is_(None),
    )
    assert session().execute(without).scalar_one() == 0
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f20_a_channel_that_knows_late_what_it_has_knows_a_repeated_call_again(
    platform: Platform, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its feed is as late as its look-up: else what it tells of is adopted, and no call is made again (ADR 0037).
    monkeypatch.setattr(feed, "read_feed", lambda *_: 0)
    late = {"lookup_lag_s": 3_600, "accept_duplicates": False}
    platform.world(**late, **ANSWER_LOST)
    utsending_id = handed(platform)
    platform.world(**late)
    platform.wait(
        "every letter has been sent again",
        lambda: platform.sweep_and_work() and min(calls(utsending_id)) > 1,
    )
    monkeypatch.undo()
    platform.world(accept_duplicates=False)
    sweep_until(platform, "every letter is adopted", utsending_id)
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f20_a_channel_whose_feed_tells_what_its_look_up_does_not_know_yet_is_called_once(
    platform: Platform, chance: Chance
) -> None:
    platform.world(lookup_lag_s=3_600, **ANSWER_LOST)
    utsending_id = handed(platform)
    platform.world(lookup_lag_s=3_600)
    sweep_until(platform, "every letter is adopted", utsending_id)
    assert set(calls(utsending_id)) == {1}
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f24_receipts_that_are_read_before_we_know_that_the_letter_was_sent_have_their_effect(
    platform: Platform, chance: Chance
) -> None:
    platform.world(**ANSWER_LOST)
    utsending_id = handed(platform)
    for kanal in DIGITAL:
        while feed.read_feed(kanal, platform.process.feeds[kanal]):
            continue
    assert unknown_outcomes.resolve_unknown_outcomes(platform.process.world) == sum(
        calls(utsending_id).values()
    )
    statuses = select(Forsendelse.kanal, Forsendelse.status).where(
        Forsendelse.utsending_id == utsending_id, Forsendelse.kanal.in_(DIGITAL)
    )
    found = {tuple(row) for row in session().execute(statuses)}
    assert found == {("DPI", "LEVERT_SDP"), ("ALTINN", "LEVERT_ALTINN")}
    assert_all_well(platform, [utsending_id], chance.seed)
