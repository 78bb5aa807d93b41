"""F01, F17, F34: death at every named commit from the file to the receipt, each followed by a whole mailing.

The points are enumerated by running each piece of work once and watching its commits, and that none is forgotten by
reading the source: what opens a transaction is passed here, or stands in NOT_HERE with the reason.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing
from tests.fault.conftest import Chance
from tests.fault.cut import CutOff
from tests.fault.killpoints import Killpoints, Punkt, declared
from tests.fault.pieces import ARBEID, MODULES, NOT_HERE, Arbeid
from tests.fault.platform import QUARANTINE, Platform, assert_all_well

U = Utsendingstatus
OFTENER = {"overlevering": (), "svaret borte": (), "mating": pytest.mark.slow}
NAMES = [pytest.param(name, marks=OFTENER.get(name, pytest.mark.full)) for name in ARBEID]


def run(platform: Platform, work: Arbeid, fatal: Punkt | None = None) -> tuple[UUID, Killpoints]:
    """Make what the work finds, and do it, or die at `fatal`; (the mailing, what was passed)."""
    quiet_world(platform)
    utsending_id = work.make(platform)
    platform.world(**work.world)
    platform.stack.sim.set_switches(print=work.print_house)
    points = Killpoints(fatal)
    try:
        with points.watched():
            work.do(platform)
    except CutOff:
        session().rollback()
        platform.process.owner.release()
    return utsending_id, points


def quiet_world(platform: Platform) -> None:
    platform.world()
    platform.stack.sim.set_switches(print={})
    platform.forget_failures()


def carry_on(platform: Platform, utsending_ids: list[UUID]) -> bool:
    """What everybody else in the house, and the people, do next; whether all is out."""
    platform.let_time_pass(QUARANTINE)
    platform.sweep_and_work()
    platform.work("liste", "render")
    for utsending_id in utsending_ids:
        status = mailing.status(utsending_id)
        if status == U.UTKAST and mailing.list_state(utsending_id)[0] == "LEST":
            mailing.control_and_produce(platform.seeded, utsending_id)
        elif status == U.TIL_GODKJENNING:
            mailing.approve_and_release(platform.seeded, utsending_id)
    platform.act_for_people(utsending_ids)
    return platform.at_rest(utsending_ids)


def finish(platform: Platform, utsending_ids: list[UUID], seed: int) -> None:
    quiet_world(platform)
    platform.wait("all is out", lambda: carry_on(platform, utsending_ids))
    assert_all_well(platform, utsending_ids, seed)


def first_times(points: Killpoints) -> list[Punkt]:
    return list(dict.fromkeys(points.passed))


@pytest.mark.parametrize("name", NAMES)
def test_death_at_any_named_commit_of_a_piece_of_work_costs_no_letter_and_doubles_none(
    platform: Platform, chance: Chance, name: str
) -> None:
    work = ARBEID[name]
    utsending_id, quiet = run(platform, work)
    utsending_ids, died = [utsending_id], []
    for point in first_times(quiet):
        utsending_id, points = run(platform, work, point)
        utsending_ids.append(utsending_id)
        died += [point] if points.dead else []
    assert died == first_times(quiet), "every point was died at"
    finish(platform, utsending_ids, chance.seed)


@pytest.mark.slow
def test_every_transaction_on_the_way_of_a_letter_is_a_kill_point_or_has_its_reason(
    platform: Platform, chance: Chance
) -> None:
    passed: set[str] = set()
    utsending_ids = []
    for work in ARBEID.values():
        if work.moves_clock:
            finish(platform, utsending_ids, chance.seed)
        utsending_id, points = run(platform, work)
        utsending_ids.append(utsending_id)
        passed |= {name for name, _ in points.passed}
    written = declared(MODULES)
    left = (written - passed) ^ NOT_HERE.keys()
    assert not left, f"neither passed nor explained, or explained and passed: {sorted(left)}"
    finish(platform, utsending_ids, chance.seed)
