"""Of whom the register never says anything, though it does of others, is a person's in the end."""

from __future__ import annotations

from uuid import UUID

import pytest

from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import recovery
from fiks.svarut.rules import Bane, Kanal
from tests.integration.houses import Hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    deliver,
    let_lookup_gap_pass,
    let_wait_pass,
    make_order,
    order,
    orders_of,
    packages,
)
from tests.integration.print.protected import (
    let_hours_pass,
    move,
    ordered,
    reference,
    references,
)
from tests.integration.svarut.letters import codes, levering
from tests.integration.worlds import World

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")


SILENT = ProvIgjen("UFORSTAAELIG_SVAR")


def try_till_it_ends(eier: Owner, house: FakeHouse, world: World, times: int = 9) -> None:
    """So many rounds, each of which finds the register well: others ask it meanwhile."""
    for _ in range(times):
        deliver(eier, house, vern=world.vern)
        world.registers.forget()
        let_wait_pass()


def waits_unanswered(letter_id: UUID) -> bool:
    """Whether its order is called off, and the letter waits where everybody sees that the register says nothing."""
    now = levering(letter_id)
    return (
        orders_of(letter_id) == [(HOUSE, "AVBESTILT")]
        and codes(letter_id)[-2:] == ["TRUKKET_UTEN_SVAR", "FOR_MANGE_FORSOK"]
        and (now.status, now.bane, now.kanal, now.feilkode)
        == ("TIL_BEHANDLING", Bane.ENKELT, Kanal.PRINT, "OPPSLAG_FEILER")
    )


def tries_used() -> int:
    """Of the one package there is, which goes on being tried."""
    [pakke] = packages()
    assert pakke.status == "KLAR"
    return pakke.forsok - pakke.frie_forsok


@pytest.mark.parametrize("n", [1, 3])
def test_who_is_left_alone_uses_up_the_tries_and_is_a_persons(
    hus: Hus, eier: Owner, world: World, n: int
) -> None:
    made, numbers = ordered(hus, eier, world, n)
    world.register.vanskelige[numbers[0]] = SILENT
    let_hours_pass()
    house = FakeHouse()
    try_till_it_ends(eier, house, world, 7 if n == 1 else 11)
    assert order(reference(made[0])).status == "MOTTATT"
    try_till_it_ends(eier, house, world, 1)
    assert (sorted(house.referanser), waits_unanswered(made[0])) == (references(made[1:]), True)
    assert {one.status for one in packages()} <= {"OPPLOST", "OVERLEVERT"}


def test_a_register_that_is_paused_uses_up_nothing(hus: Hus, eier: Owner, world: World) -> None:
    made, numbers = ordered(hus, eier, world, 1)
    let_hours_pass()
    world.register.nede = ProvIgjen("IKKE_NAADD")
    house = FakeHouse()
    for _ in range(20):
        deliver(eier, house, vern=world.vern)
        let_wait_pass()
    assert tries_used() == 0


def test_where_the_register_says_nothing_of_many_it_is_the_register_and_all_wait(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, numbers = ordered(hus, eier, world, 6)
    world.register.vanskelige = dict.fromkeys(numbers, SILENT)
    let_hours_pass()
    try_till_it_ends(eier, FakeHouse(), world, 12)
    assert (tries_used(), [one.antall for one in packages()]) == (0, [6])


def test_the_package_its_house_may_have_is_given_to_a_person_whole(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, numbers = ordered(hus, eier, world)
    deliver(eier, FakeHouse(svar=[Uavklart("SVARET_BORTE")]), vern=world.vern)
    for _ in range(2):
        let_lookup_gap_pass(quarantine=True)
        recovery.resolve_unknown_outcomes({HOUSE: FakeHouse()})
    world.register.vanskelige[numbers[0]] = SILENT
    let_hours_pass()
    house = FakeHouse()
    try_till_it_ends(eier, house, world)
    [pakke] = packages()
    assert (pakke.status, pakke.feilkode, house.referanser) == ("TIL_BEHANDLING", "UFORSTAAELIG_SVAR", [])
    move(reference(made[1]), world.vern, house)
    try_till_it_ends(eier, house, world, 12)
    assert (house.referanser, waits_unanswered(made[0])) == (references([made[2]]), True)


def test_a_letter_of_ours_that_cannot_be_opened_is_nobodys_fault_and_waits(hus: Hus, eier: Owner) -> None:
    made, house = make_order(hus), FakeHouse()
    let_hours_pass()
    for _ in range(12):
        deliver(eier, house, vern=FakeVern(uten_svar={made: "NOKKEL_UKJENT"}))
        let_wait_pass()
    assert tries_used() == 0
