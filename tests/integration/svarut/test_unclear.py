"""Unknown outcomes and lost owners: looked up by our own reference, and sent again only after the quarantine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from fiks.core.actor import system
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import unknown_outcomes, wakeup
from fiks.svarut.delivery.claims import claim
from fiks.svarut.delivery.deliver import hand_over as hand_over_claims
from fiks.svarut.models import Levering
from fiks.svarut.operations import recovery
from fiks.svarut.rules import Bane, Status
from fiks.svarut.sender.actions import retry_failed
from tests.integration.databases import Database
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    let_lookup_gap_pass,
    letter,
    levering,
    make_letter,
    make_letters,
)
from tests.integration.worlds import World

LOST_ANSWER = Uavklart("SVARET_BORTE")
LOST_CALL = Uavklart("TIDSAVBRUDD")


def unclear(hus: Hus, eier: Owner, world: World, error: Uavklart) -> Levering:
    """A letter to a mailbox whose call ended with nobody knowing how."""
    world.dpi.svar = [error]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    return levering(made)


def again(unknown: Levering) -> Levering:
    return levering(unknown.forsendelse_id)


def test_an_unknown_outcome_is_not_sent_again_but_looked_up(hus: Hus, eier: Owner, world: World) -> None:
    unknown = unclear(hus, eier, world, LOST_ANSWER)
    assert (unknown.status, unknown.feilkode, unknown.eier) == ("UAVKLART", "SVARET_BORTE", None)
    assert ledger(unknown.forsendelse_id) == [(1, "DPI", "UAVKLART")]
    assert hand_over(eier, world) == 0
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert world.dpi.oppslag == [str(unknown.id)]


def test_one_that_is_found_is_adopted_as_sent(hus: Hus, eier: Owner, world: World) -> None:
    unknown = unclear(hus, eier, world, LOST_ANSWER)
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 1
    now = again(unknown)
    assert (now.status, now.leverandor_ref) == ("OVERLEVERT", f"DPI-{now.id}")
    found = letter(now.forsendelse_id)
    assert (found.status, found.kanal) == (Status.SENDT_SDP, "DPI")
    assert found.overlevert is not None
    assert ledger(now.forsendelse_id) == [(1, "DPI", "FUNNET")]
    assert hand_over(eier, world) == 0
    assert world.dpi.antall == 1


def test_one_that_is_adopted_keeps_the_rule_that_chose_its_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    unknown = unclear(hus, eier, world, LOST_ANSWER)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert letter(unknown.forsendelse_id).kanalregel == "2a"


def test_altinn_post_that_is_adopted_gets_its_lesefrist(hus: Hus, eier: Owner, world: World) -> None:
    world.altinn.svar = [LOST_ANSWER]
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert letter(made).status == Status.SENDT_ALTINN
    assert letter(made).lesefrist is not None


def test_two_empty_look_ups_within_the_quarantine_change_nothing(hus: Hus, eier: Owner, world: World) -> None:
    unknown = unclear(hus, eier, world, LOST_CALL)
    for _ in range(4):
        assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
        let_lookup_gap_pass(unknown.forsendelse_id)
    assert again(unknown).status == "UAVKLART"
    assert len(world.dpi.oppslag) == 4


def test_one_empty_look_up_after_the_quarantine_is_not_enough(hus: Hus, eier: Owner, world: World) -> None:
    unknown = unclear(hus, eier, world, LOST_CALL)
    let_lookup_gap_pass(unknown.forsendelse_id, quarantine=True)
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
    assert (again(unknown).status, again(unknown).tomme_oppslag) == ("UAVKLART", 1)


def test_look_ups_are_a_minute_apart(hus: Hus, eier: Owner, world: World) -> None:
    unclear(hus, eier, world, LOST_CALL)
    for _ in range(5):
        unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert len(world.dpi.oppslag) == 1


def test_two_empty_look_ups_and_the_quarantine_over_make_it_ready_again(
    hus: Hus, eier: Owner, world: World
) -> None:
    unknown = unclear(hus, eier, world, LOST_CALL)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    let_lookup_gap_pass(unknown.forsendelse_id, quarantine=True)
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 1
    assert again(unknown).status == "KLAR"
    hand_over(eier, world)
    sent = letter(unknown.forsendelse_id)
    assert (sent.status, sent.kanalregel) == (Status.SENDT_SDP, "2a")
    assert world.dpi.antall == 1
    assert ledger(unknown.forsendelse_id) == [(1, "DPI", "UAVKLART"), (2, "DPI", "OVERLEVERT")]


def test_a_channel_that_cannot_be_asked_leaves_the_outcome_unknown(
    hus: Hus, eier: Owner, world: World
) -> None:
    unknown = unclear(hus, eier, world, LOST_CALL)
    world.dpi.nede = Uavklart("TIDSAVBRUDD")
    let_lookup_gap_pass(unknown.forsendelse_id, quarantine=True)
    for _ in range(3):
        assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
    assert (again(unknown).status, again(unknown).tomme_oppslag) == ("UAVKLART", 0)


def test_a_channel_that_does_not_answer_is_asked_once_a_sweep_each_time_for_another_and_holds_no_other_up(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.dpi.svar = [LOST_ANSWER] * 3
    world.altinn.svar = [LOST_ANSWER]
    in_dpi = make_letters(hus, [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(3)])
    in_altinn = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    world.dpi.nede = Uavklart("TIDSAVBRUDD")
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 1
    assert (letter(in_altinn).status, len(world.dpi.oppslag)) == (Status.SENDT_ALTINN, 1)
    for _ in range(4):
        assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
    assert sorted(world.dpi.oppslag) == sorted(str(levering(one).id) for one in in_dpi)
    world.dpi.nede = None
    for one in in_dpi:
        let_lookup_gap_pass(one)
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 3
    assert {letter(one).status for one in in_dpi} == {Status.SENDT_SDP}


def test_a_look_up_that_is_refused_holds_none_of_the_channel_up(hus: Hus, eier: Owner, world: World) -> None:
    world.dpi.svar = [LOST_ANSWER] * 3
    made = make_letters(hus, [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(3)])
    hand_over(eier, world)
    world.dpi.nede = Avvist("UGYLDIG")
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
    assert sorted(world.dpi.oppslag) == sorted(str(levering(one).id) for one in made)


def test_a_new_unknown_outcome_begins_a_new_quarantine(hus: Hus, eier: Owner, world: World) -> None:
    unknown = unclear(hus, eier, world, LOST_CALL)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    let_lookup_gap_pass(unknown.forsendelse_id, quarantine=True)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    world.dpi.svar = [LOST_CALL]
    hand_over(eier, world)
    assert (again(unknown).status, again(unknown).tomme_oppslag) == ("UAVKLART", 0)
    for _ in range(3):
        assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
        let_lookup_gap_pass(unknown.forsendelse_id)


# Lost owners


def claimed(database: Database, world: World, made: list[object] | None = None) -> Owner:
    """An owner that has claimed everything ready."""
    owner = Owner(database.app_url)
    claim(Bane.ENKELT, owner.number)
    return owner


def test_what_a_living_owner_holds_is_left_alone(hus: Hus, database: Database, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    owner = claimed(database, world)
    assert recovery.recover_orphans() == 0
    assert levering(made).status == "SENDER"
    owner.release()


def test_what_a_dead_owner_held_before_its_call_is_ready_at_once(
    hus: Hus, database: Database, eier: Owner, world: World
) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    claimed(database, world).release()
    assert recovery.recover_orphans() == 3
    assert {levering(one).status for one in made} == {"KLAR"}
    assert {levering(one).tapte_eiere for one in made} == {1}
    hand_over(eier, world)
    assert world.altinn.antall == 3


def test_what_a_dead_owner_held_in_its_call_is_unknown(hus: Hus, database: Database, world: World) -> None:
    first, second = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(2)])
    owner = claimed(database, world)
    with transaction() as tx:
        tx.execute(
            update(Levering)
            .where(Levering.forsendelse_id == first)
            .values(kall_startet=func.now(), kanal="ALTINN")
        )
    owner.release()
    assert recovery.recover_orphans() == 2
    assert (levering(first).status, levering(second).status) == ("UAVKLART", "KLAR")
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
    assert recovery.recover_orphans() == 0


def test_the_claim_of_a_dead_owner_sends_nothing_after_it_was_taken_back(
    hus: Hus, database: Database, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    owner = Owner(database.app_url)
    claims = claim(Bane.ENKELT, owner.number)
    owner.release()
    recovery.recover_orphans()
    owner.register()
    hand_over_claims(claims, owner, world.verden)
    assert world.antall == (0, 0, 0)
    assert levering(made).status == "KLAR"
    owner.release()


def test_an_owner_whose_lock_was_lost_makes_no_call(hus: Hus, database: Database, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    owner = Owner(database.app_url)
    claims = claim(Bane.ENKELT, owner.number)
    owner.release()
    hand_over_claims(claims, owner, world.verden)
    assert world.antall == (0, 0, 0)
    assert recovery.recover_orphans() == 1
    assert levering(made).status == "KLAR"


def test_a_letter_that_loses_three_owners_waits_for_a_person(
    hus: Hus, database: Database, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    for _ in range(3):
        claimed(database, world).release()
        recovery.recover_orphans()
    assert levering(made).status == "TIL_BEHANDLING"
    assert codes(made).count("EIER_TAPT") == 3


# Waits


def test_a_wait_that_is_over_makes_the_letter_ready_and_one_that_is_not_does_not(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.register.nede = LOST_CALL
    early, late = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(2)])
    hand_over(eier, world)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == early).values(neste_forsok=func.now()))
    assert wakeup.wake_waiting() == 1
    assert (levering(early).status, levering(late).status) == ("KLAR", "VENTER")


@pytest.mark.parametrize("bane", [Bane.ENKELT, Bane.MASSE])
def test_lanes_with_ready_letters_are_known_and_the_others_not(hus: Hus, bane: Bane) -> None:
    assert recovery.ready_lanes() == []
    make_letter(hus, new_fnr(), bane=bane)
    assert recovery.ready_lanes() == [bane]
    with transaction() as tx:
        tx.execute(
            update(Levering).values(
                neste_forsok=func.now() + select(func.make_interval(0, 0, 0, 1)).scalar_subquery()
            )
        )
    assert recovery.ready_lanes() == []
    session().rollback()


def no_channel_ever_knows(hus: Hus, eier: Owner, world: World, rounds: int) -> Levering:
    """A letter whose every call ends with nobody knowing how, and that is found nowhere, so many times."""
    unknown = unclear(hus, eier, world, LOST_CALL)
    for _ in range(rounds - 1):
        let_quarantine_end(unknown, world)
        world.dpi.svar = [LOST_CALL]
        hand_over(eier, world)
    return again(unknown)


def let_quarantine_end(unknown: Levering, world: World) -> None:
    """Looked up as often as it takes, with nothing found."""
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    let_lookup_gap_pass(unknown.forsendelse_id, quarantine=True)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)


def test_one_whose_every_call_ends_unknown_is_a_persons_after_a_day(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Else it would be called and looked up for ever, and each time be too young for any alarm."""
    unknown = no_channel_ever_knows(hus, eier, world, 8)
    let_quarantine_end(unknown, world)
    assert again(unknown).status == "KLAR", "its channel may be away for some hours"
    world.dpi.svar = [LOST_CALL]
    hand_over(eier, world)
    with transaction() as tx:
        tx.execute(update(Levering).values(opprettet=Levering.opprettet - timedelta(days=1)))
    let_quarantine_end(unknown, world)
    assert (again(unknown).status, again(unknown).feilkode) == ("TIL_BEHANDLING", "TIDSAVBRUDD")
    assert len(ledger(unknown.forsendelse_id)) == 9
    retry_failed(unknown.id, actor=system("kommando"))
    hand_over(eier, world)
    assert again(unknown).status == "OVERLEVERT"


def test_one_that_is_a_day_old_and_has_tries_left_is_sent_again(hus: Hus, eier: Owner, world: World) -> None:
    unknown = unclear(hus, eier, world, LOST_CALL)
    with transaction() as tx:
        tx.execute(update(Levering).values(opprettet=Levering.opprettet - timedelta(days=2)))
    let_quarantine_end(unknown, world)
    assert again(unknown).status == "KLAR"
