"""F21, F22, F23: channels that refuse, throttle and fail in a storm, and a print house that breaks in every way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut.delivery import circuit_breaker, unknown_outcomes
from fiks.svarut.delivery.register_lookup import FAILURES_IN_A_ROW
from fiks.svarut.models import Banestatus, Levering, Leveringsforsok
from fiks.svarut.rules import CLAIM_SIZE, Kanal
from fiks.utsending.sending import feeder
from tests.fault.conftest import Chance
from tests.fault.platform import BEFORE_A_DIGITAL_ROW, Platform, assert_all_well

pytestmark = pytest.mark.slow

ROWS, PAPER_ROWS = 60, 12
MINUTE = 60.0
MINUTES = 4
STORM = {"status": {"401": 0.15, "429": 0.25, "503": 0.2}, "only": ["send"]}
AWAY = {"status": {"503": 1.0}, "only": ["send"]}
PEACE = {"status": {"429": 1.0}, "retry_after": 3.5 * MINUTE, "only": ["send"]}
DIGITAL = (Kanal.DPI, Kanal.ALTINN)


def minute(platform: Platform) -> None:
    """A minute goes by in which the sweeper and the workers do what there is to do."""
    platform.let_time_pass(MINUTE)
    platform.sweep_and_work()


def calls(utsending_id: UUID) -> dict[str, int]:
    """Digital calls for the mailing by how they ended."""
    session().rollback()
    counted = (
        select(Leveringsforsok.utfall, func.count())
        .join(Levering, Levering.id == Leveringsforsok.levering_id)
        .where(Levering.utsending_id == utsending_id, Leveringsforsok.kanal.in_(DIGITAL))
        .group_by(Leveringsforsok.utfall)
    )
    return {str(row[0]): row[1] for row in session().execute(counted)}


def calls_by_channel(utsending_id: UUID) -> Counter[str]:
    """Digital calls for the mailing by whom they were made to."""
    session().rollback()
    counted = (
        select(Leveringsforsok.kanal, func.count())
        .join(Levering, Levering.id == Leveringsforsok.levering_id)
        .where(Levering.utsending_id == utsending_id, Leveringsforsok.kanal.in_(DIGITAL))
        .group_by(Leveringsforsok.kanal)
    )
    return Counter({row[0]: row[1] for row in session().execute(counted)})


def calls_while_paused(platform: Platform, utsending_id: UUID) -> dict[str, int]:
    """A minute goes by: the calls to each channel that all the while was paused for its failures."""
    closed, before = pauses(), calls_by_channel(utsending_id)
    minute(platform)
    still, after = pauses(), calls_by_channel(utsending_id)
    return {kanal: after[kanal] - before[kanal] for kanal, since in closed if (kanal, since) in still}


def pauses() -> set[tuple[str, datetime]]:
    """The digital channels that are paused for their failures, and since when: one that is paused anew is another."""
    session().rollback()
    failing = (
        Banestatus.stengt,
        Banestatus.grunn == circuit_breaker.TOO_MANY_FAILURES,
        Banestatus.navn.in_(DIGITAL),
    )
    found = session().execute(select(Banestatus.navn, Banestatus.endret).where(*failing))
    return {(row[0], row[1]) for row in found}


def paused() -> set[str]:
    session().rollback()
    return set(session().scalars(select(Banestatus.navn).where(Banestatus.stengt)))


def test_f21_a_storm_pauses_the_channel_costs_the_letters_no_try_and_is_not_answered_by_a_herd(
    platform: Platform, chance: Chance
) -> None:
    platform.world(seed=chance.seed, **STORM)
    utsending_id = platform.mailing(ROWS)
    seen: set[str] = set()
    for _ in range(MINUTES):
        made = calls_while_paused(platform, utsending_id)
        assert max(made.values(), default=0) <= 1, f"FAULT_SEED={chance.seed}: a herd: {made}"
        seen |= paused()
    assert seen & {str(kanal) for kanal in DIGITAL}, f"FAULT_SEED={chance.seed}: no channel was paused"
    assert tries_used(utsending_id) == 0, (
        f"FAULT_SEED={chance.seed}: a refused call is no try of the letter's"
    )

    platform.world()
    platform.wait("all is out", lambda: bool(minute(platform) or platform.at_rest([utsending_id])))
    assert not paused() & {str(kanal) for kanal in DIGITAL}, "what works again is not paused any more"
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f21_a_channel_that_is_away_is_probed_once_a_minute_whoever_waits_for_it(
    platform: Platform, chance: Chance
) -> None:
    platform.world(seed=chance.seed, **AWAY)
    utsending_id = platform.mailing(ROWS)
    minute(platform)
    until_paused = dict.fromkeys(map(str, DIGITAL), circuit_breaker.THRESHOLD)
    assert calls_by_channel(utsending_id) == until_paused, f"FAULT_SEED={chance.seed}"
    # All that failed come back after a minute, and nobody else is in the middle of a call.
    probed_once = dict.fromkeys(map(str, DIGITAL), 1)
    for _ in range(MINUTES):
        assert calls_while_paused(platform, utsending_id) == probed_once, f"FAULT_SEED={chance.seed}"
    platform.world()
    platform.wait("all is out", lambda: bool(minute(platform) or platform.at_rest([utsending_id])))
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f21_a_channel_that_asks_for_peace_is_not_called_by_any_letter_until_then(
    platform: Platform, chance: Chance
) -> None:
    platform.world(seed=chance.seed, **PEACE)
    utsending_id = platform.mailing(ROWS)
    for _ in range(1 + int(PEACE["retry_after"] // MINUTE)):
        platform.sweep_and_work()
        assert calls(utsending_id) == {"PROV_IGJEN": len(DIGITAL)}, f"FAULT_SEED={chance.seed}"
        platform.let_time_pass(MINUTE)
    platform.world()
    platform.wait("all is out", lambda: bool(minute(platform) or platform.at_rest([utsending_id])))
    assert tries_used(utsending_id) == 0
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f21_registers_that_fail_now_and_then_cost_time_and_no_letter(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(ROWS)
    platform.world({"seed": chance.seed, "status": {"500": 0.15, "503": 0.25}, "drop": 0.1})
    for _ in range(MINUTES):
        minute(platform)
    platform.world()
    platform.wait("all is out", lambda: bool(minute(platform) or platform.at_rest([utsending_id])))
    assert not paused() & {str(register) for register in Registernavn}
    assert_all_well(platform, [utsending_id], chance.seed)


def test_f21_a_register_that_is_away_holds_up_those_who_need_it_and_is_left_alone(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = platform.mailing(ROWS)
    platform.stack.sim.set_switches(folkeregister={"status": {"503": 1.0}})
    minute(platform)
    handed_over, before = calls(utsending_id).get("OVERLEVERT", 0), claimed(utsending_id)
    for _ in range(MINUTES):
        minute(platform)
    # Those who asked before the pause come once more; then each minute one who is woken, and those of its last probe.
    most = FAILURES_IN_A_ROW * CLAIM_SIZE + MINUTES * (CLAIM_SIZE + 1)
    assert claimed(utsending_id) - before <= most < MINUTES * ROWS, f"FAULT_SEED={chance.seed}: a herd"
    assert calls(utsending_id).get("OVERLEVERT", 0) == handed_over > 0, "organisations need it not"
    assert "FOLKEREGISTER" in paused()
    assert tries_used(utsending_id) == 0
    platform.world()
    platform.wait("all is out", lambda: bool(minute(platform) or platform.at_rest([utsending_id])))
    assert "FOLKEREGISTER" not in paused()
    assert_all_well(platform, [utsending_id], chance.seed)


def claimed(utsending_id: UUID) -> int:
    """How often a letter of the mailing was taken by a worker."""
    session().rollback()
    taken = select(func.sum(Levering.forsok)).where(Levering.utsending_id == utsending_id)
    return int(session().execute(taken).scalar_one())


def tries_used(utsending_id: UUID) -> int:
    """Tries that count, of letters that wait: each claim is one, but for those that cost none."""
    session().rollback()
    used = select(func.coalesce(func.sum(Levering.forsok - Levering.frie_forsok), 0)).where(
        Levering.utsending_id == utsending_id, Levering.status == "VENTER"
    )
    return int(session().execute(used).scalar_one())


def test_f22_a_channel_that_has_the_letter_already_is_a_success_and_its_id_is_adopted(
    platform: Platform, chance: Chance
) -> None:
    platform.world(accept_duplicates=False, accept_then_drop=1, lookup_lag_s=3_600)
    utsending_id = platform.mailing(1, BEFORE_A_DIGITAL_ROW)
    feeder.feed_all()
    platform.work("masse")
    assert calls(utsending_id) == {"UAVKLART": 1}
    platform.wait("it is to be sent again", lambda: ready_after_a_look(platform, utsending_id))
    platform.world(accept_duplicates=False)
    platform.work("masse")
    assert calls(utsending_id) == {"UAVKLART": 1, "OVERLEVERT": 1}
    adopted = select(Levering.leverandor_ref).where(Levering.utsending_id == utsending_id)
    assert session().scalar(adopted), "the channel's own id is stored"
    assert_all_well(platform, [utsending_id], chance.seed)


def ready_after_a_look(platform: Platform, utsending_id: UUID) -> bool:
    """Look the unknown outcome up once more, a minute later; whether the letter may be sent again."""
    platform.let_time_pass(MINUTE)
    unknown_outcomes.resolve_unknown_outcomes(platform.process.world)
    ready = select(Levering.id).where(Levering.utsending_id == utsending_id, Levering.status == "KLAR")
    return session().scalar(ready) is not None


PRINT_FAULTS: dict[str, dict[str, object]] = {
    "full": {"full": True},
    "breaks in the middle of a file": {"disconnect_half": 2},
    "breaks before the rename": {"disconnect_before_rename": 2},
    "breaks after the rename": {"disconnect_after_rename": 2},
}


EVERYDAY = ("breaks in the middle of a file", "breaks after the rename")
FAULTS = [name if name in EVERYDAY else pytest.param(name, marks=pytest.mark.full) for name in PRINT_FAULTS]


@pytest.mark.parametrize("fault", FAULTS)
def test_f23_a_print_house_that_breaks_gets_each_letter_once_and_whole(
    platform: Platform, chance: Chance, fault: str
) -> None:
    utsending_id = platform.mailing(PAPER_ROWS)
    feeder.feed_all()
    platform.stack.sim.set_switches(print=PRINT_FAULTS[fault])
    try:
        platform.sweep_and_work()
        assert not platform.at_rest([utsending_id]), "the print house took it all: nothing was tried"
    finally:
        platform.stack.sim.set_switches(print={})
    platform.wait("all is out", until_out(platform, utsending_id))
    assert_all_well(platform, [utsending_id], chance.seed)


def until_out(platform: Platform, utsending_id: UUID) -> Callable[[], bool]:
    return lambda: bool(minute(platform) or platform.at_rest([utsending_id]))
