"""Switches are decided by their seed alone, and refuse what they don't know."""

from __future__ import annotations

from pathlib import Path

import pytest

from testmiljo.sim.store import Store
from testmiljo.sim.switches import Switchboard, Switches, parse_switches

CALLS = [str(n) for n in range(4000)]


def test_a_share_hits_about_that_many_and_the_same_ones_again() -> None:
    switches = Switches(seed=5)
    hit = [call for call in CALLS if switches.chosen("drop", call, 0.25)]
    assert 900 < len(hit) < 1100
    assert hit == [call for call in CALLS if switches.chosen("drop", call, 0.25)]
    assert hit != [call for call in CALLS if Switches(seed=6).chosen("drop", call, 0.25)]


def test_nothing_and_everything_are_exact() -> None:
    switches = Switches()
    assert not any(switches.chosen("drop", call, 0) for call in CALLS)
    assert all(switches.chosen("drop", call, 1) for call in CALLS)


def test_statuses_share_the_calls_between_them() -> None:
    found = [Switches().status_for("status", call, {"429": 0.5, "503": 0.25}) for call in CALLS]
    counts = {status: found.count(status) for status in (429, 503, None)}
    assert 1850 < counts[429] < 2150
    assert 900 < counts[503] < 1100
    assert sum(counts.values()) == len(CALLS)


@pytest.mark.parametrize("values", [{"sleep": 1}, {"delay_ms": "long"}, {"status": 503}, {"only": "send"}])
def test_an_unknown_or_unusable_switch_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="switch"):
        parse_switches(values)


def test_switches_survive_a_restart_and_receivers_are_not_shown(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    Switchboard(store).set({"dpi": {"drop": 0.5, "feiler_mottakere": ["17912099997"]}})
    board = Switchboard(store)
    assert board.of("dpi").broken("17912099997", "r")
    assert board.shown()["dpi"] == {"drop": 0.5, "feiler_mottakere": 1}
    board.reset()
    assert board.of("dpi") == Switches()
