"""Two answers to one letter at the same moment: it is moved on exactly once, whoever comes first."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from uuid import UUID

from fiks.core.errors import IkkeFunnet
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.rules import Status
from fiks.svarut.svarinn.acknowledgement import confirm, report_failure
from tests.integration.houses import HOUSE, Hus
from tests.integration.houses import new_orgnr as a_number
from tests.integration.svarut.letters import codes, hand_over, letter, leveringer, make_letters
from tests.integration.svarut.test_race import at_once, read_after
from tests.integration.systems import System, make_system
from tests.integration.worlds import World
from workers.process import Process

TIMES = 30


def waiting(hus: Hus, eier: Owner, world: World) -> tuple[System, list[UUID]]:
    orgnr = world.register.add_unit(a_number())
    system = make_system(orgnr)
    made = make_letters(hus, [orgnr] * TIMES)
    hand_over(eier, world)
    return system, made


def refused(act: Callable[[], None], told: list[str]) -> None:
    """Do it, and note when it came too late."""
    try:
        act()
    except IkkeFunnet as error:
        told.append(error.kode)


def test_two_receipts_at_once_are_one(hus: Hus, eier: Owner, world: World, process: Process) -> None:
    system, made = waiting(hus, eier, world)
    for letter_id in made:
        act = partial(confirm, letter_id, system_id=system.id, actor=HOUSE)
        at_once(process, act, act, act)
        assert codes(letter_id).count("KVITTERT") == 1
        assert letter(letter_id).status == Status.LEST


def test_a_receipt_and_a_permanent_failure_at_once_end_as_one_of_them(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    system, made = waiting(hus, eier, world)
    outcomes = set()
    for letter_id in made:
        late: list[str] = []
        ok = partial(confirm, letter_id, system_id=system.id, actor=HOUSE)
        bad = partial(
            report_failure, letter_id, feilmelding="Nei", permanent=True, system_id=system.id, actor=HOUSE
        )
        acts = [partial(refused, ok, late), partial(refused, bad, late)]
        at_once(process, *(partial(read_after, random.uniform(0, 0.003), act) for act in acts))
        assert late == ["IKKE_KLAR_FOR_MOTTAK"]
        received = letter(letter_id).status == Status.LEST
        assert [row.kanal for row in leveringer(letter_id)] == (
            ["SVARINN"] if received else ["SVARINN", "ALTINN"]
        )
        assert ("KVITTERT" in codes(letter_id), "FEILET_SVARINN" in codes(letter_id)) == (
            received,
            not received,
        )
        outcomes.add(received)
    assert outcomes == {True, False}


def test_two_permanent_failures_at_once_open_one_next_hand_over(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    system, made = waiting(hus, eier, world)
    for letter_id in made[:10]:
        act = partial(
            report_failure, letter_id, feilmelding="Nei", permanent=True, system_id=system.id, actor=HOUSE
        )
        at_once(process, act, act)
        assert [row.kanal for row in leveringer(letter_id)] == ["SVARINN", "ALTINN"]
