"""A process that is told to end completes the call in hand, and lays the rest of what it claimed back for others."""

from __future__ import annotations

from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.rules import Bane
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import codes, hand_over, ledger, levering, make_letters
from tests.integration.worlds import World


def test_what_was_not_begun_is_laid_back_at_once_and_costs_no_try(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(4)])

    assert deliver(Bane.ENKELT, eier, world.verden, leaving=lambda: sum(world.antall) > 1) == 4
    left = [one for one in made if levering(one).status == "KLAR"]

    assert sum(world.antall) == 2 and len(left) == 2
    for one in left:
        row = levering(one)
        assert (row.eier, row.kall_startet, row.tapte_eiere, row.forsok - row.frie_forsok) == (
            None,
            None,
            0,
            0,
        )
        assert codes(one)[-1] == "GITT_TILBAKE"
        assert ledger(one) == []

    assert hand_over(eier, world) == 2
    assert sum(world.antall) == 4
    assert {levering(one).status for one in made} == {"OVERLEVERT"}


def test_a_process_that_is_ending_before_it_begins_sends_nothing(hus: Hus, eier: Owner, world: World) -> None:
    [made] = make_letters(hus, [world.register.add_person(new_fnr())])
    deliver(Bane.ENKELT, eier, world.verden, leaving=lambda: True)
    assert sum(world.antall) == 0
    assert levering(made).status == "KLAR"
