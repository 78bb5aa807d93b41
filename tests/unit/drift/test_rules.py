"""How many workers a lane wants, and that the tables of lanes and processes are those of the Procfile."""

from __future__ import annotations

import re

import pytest

from config.broker import LANES
from fiks.drift.rules import (
    BANETALL,
    CALLS_TO_MEASURE,
    LONGEST_CALL,
    OWN_WORK_SECONDS,
    PROSESSER,
    STOPPED_BY_FREEZE,
    Banestand,
    Kall,
    call_seconds,
    process_of,
    processes_alive,
    processes_wanted,
    workers_wanted,
)
from tests.architecture.tree import ROOT

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def test_an_empty_lane_wants_nobody() -> None:
    assert workers_wanted(Banestand("masse", venter=40), frozen=False) == 0


@pytest.mark.parametrize(("ready", "wanted"), [(1, 1), (3_600, 1), (3_601, 2), (100_000, 28)])
def test_a_lane_wants_as_many_as_empty_it_in_time(ready: int, wanted: int) -> None:
    """Half a second a letter, within half an hour: one worker sends 3 600."""
    assert workers_wanted(Banestand("masse", klare=ready), frozen=False) == wanted


def test_rows_that_are_released_and_not_yet_in_the_lane_count_as_ready() -> None:
    assert workers_wanted(Banestand("masse", klare=1_000, ufordelt=99_000), frozen=False) == 28


def test_those_at_work_are_among_them() -> None:
    """What is taken for how many there shall be must not end whoever reads a list: it would begin anew."""
    assert workers_wanted(Banestand("liste", i_arbeid=7), frozen=False) == 7
    assert workers_wanted(Banestand("liste", klare=60, i_arbeid=1), frozen=False) == 11
    assert workers_wanted(Banestand("render", klare=1_000, i_arbeid=6, meste=4), frozen=False) == 6
    assert workers_wanted(Banestand("masse", i_arbeid=800), frozen=False) == 1


@pytest.mark.parametrize("bane", sorted(BANETALL))
def test_while_all_sending_is_stopped_nobody_is_wanted_for_what_that_stops_and_as_many_as_ever_for_the_rest(
    bane: str,
) -> None:
    waits = Banestand(bane, klare=100_000, i_arbeid=3)
    wanted = workers_wanted(waits, frozen=False)
    assert wanted > 0
    assert workers_wanted(waits, frozen=True) == (0 if bane in STOPPED_BY_FREEZE else wanted)


def test_no_more_are_wanted_than_can_be_busy_at_once() -> None:
    assert workers_wanted(Banestand("render", klare=200_000, meste=8), frozen=False) == 8


def test_what_calls_take_now_counts_for_lanes_that_call_and_for_no_other() -> None:
    slow = Banestand("masse", klare=3_600)
    assert workers_wanted(slow, frozen=False, measured=5.0) == 10
    assert workers_wanted(Banestand("epost", klare=600), frozen=False, measured=5.0) == 1


def test_what_a_call_takes_is_the_average_of_all_when_there_are_enough() -> None:
    few = [Kall("DPI", "OVERLEVERT", CALLS_TO_MEASURE - 1, 4.0)]
    assert call_seconds(few) is None
    assert call_seconds([*few, Kall("ALTINN", "OVERLEVERT", 19, 1.0)]) == pytest.approx(
        2.5 + OWN_WORK_SECONDS
    )


def test_calls_that_were_not_answered_do_not_make_a_letter_slow() -> None:
    """One that is waited for in vain takes a minute; what is found hours later was no call of hours."""
    answered = [Kall("DPI", "OVERLEVERT", 19, 0.4), Kall("DPI", "AVVIST", 1, 0.4)]
    unsure = [Kall("DPI", how, 500, 60.0) for how in ("PROV_IGJEN", "UAVKLART", "FUNNET", "STANSET", "")]
    assert call_seconds([*answered, *unsure]) == pytest.approx(0.4 + OWN_WORK_SECONDS)
    assert call_seconds(unsure) is None


def test_a_channel_that_answers_slowly_does_not_ask_for_workers_without_bound() -> None:
    slow = [Kall("ALTINN", "OVERLEVERT", 40, 55.0)]
    assert call_seconds(slow) == LONGEST_CALL + OWN_WORK_SECONDS
    assert workers_wanted(Banestand("masse", klare=100_000), frozen=False, measured=call_seconds(slow)) == 281


def test_rows_that_nobody_may_send_now_want_nobody() -> None:
    assert workers_wanted(Banestand("masse", klare=1_000, ufordelt=99_000, stengt=99_000), frozen=False) == 1


def test_a_process_of_the_procfile_that_holds_several_locks_is_one_and_may_be_there_in_part() -> None:
    assert (processes_alive(2, "send"), processes_alive(3, "send")) == (1, 1.5)
    assert (processes_alive(3, "pdf"), processes_alive(1, "sveip")) == (3, 1)


def test_processes_are_wanted_for_all_their_lanes_together_and_one_is_always_there() -> None:
    assert processes_wanted({}, "send") == 1
    assert processes_wanted({"enkelt": 10, "masse": 28, "render": 500}, "send") == 3
    assert processes_wanted({"render": 5, "liste": 1}, "pdf") == 6


def test_every_lane_has_its_numbers_and_its_process() -> None:
    assert set(BANETALL) == set(LANES)
    assert {process_of(bane) for bane in LANES} == set(PROSESSER)


@pytest.mark.parametrize("navn", list(PROSESSER))
def test_a_process_has_the_lanes_and_the_workers_of_the_procfile(navn: str) -> None:
    command, prosess = PROCFILE[navn], PROSESSER[navn]
    assert tuple(command.partition("--queues ")[2].partition(" --")[0].split()) == prosess.baner
    started = re.search(r"--processes (\d+)", command)
    threads = re.search(r"--threads (\d+)", command)
    assert threads
    assert prosess.laser == (int(started[1]) if started else 1)
    assert prosess.arbeidere == int(threads[1]) * prosess.laser
