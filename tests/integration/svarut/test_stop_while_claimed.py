"""A claimed letter of a stopped mailing is stopped where it stands, unless its call may have been made."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, update

from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.delivery import circuit_breaker, outcomes, unknown_outcomes
from fiks.svarut.delivery.claims import Krav, claim
from fiks.svarut.delivery.deliver import hand_over as hand_over_claims
from fiks.svarut.letters import Brev
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.operations import recovery
from fiks.svarut.rules import Bane, Kanal, Status
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
from tests.integration.svarut.test_bulk_stop import mailing_of, stop
from tests.integration.worlds import World

AWAY = ProvIgjen("FORBINDELSE_NEKTET")
LOST_CALL = Uavklart("TIDSAVBRUDD")


def claimed(owner: Owner, mailing: UUID) -> Sequence[Krav]:
    """What the owner has claimed when the mailing is stopped."""
    claims = claim(Bane.ENKELT, owner.ensure())
    assert stop(mailing) == 0
    return claims


def are_stopped(made: Sequence[UUID]) -> bool:
    """Whether they are stopped as unsent, with the end of it in their history."""
    assert {(letter(one).status, levering(one).status) for one in made} == {
        (Status.MANUELT_HANDTERT, "STOPPET")
    }
    return all(codes(one)[-2:] == ["STOPPET_FOR_KALL", "STOPPET"] for one in made)


def pause(*, probe_due: bool) -> None:
    """Altinn is paused for its failures."""
    with transaction() as tx:
        circuit_breaker.pause(Kanal.ALTINN, circuit_breaker.TOO_MANY_FAILURES)
        if probe_due:
            tx.execute(update(Banestatus).values(apnes=func.now()))


@pytest.mark.parametrize("error", [LOST_CALL, ProvIgjen("HTTP_503", after=600.0, throttled=True)])
def test_one_that_would_wait_for_a_register_is_stopped(
    hus: Hus, eier: Owner, world: World, error: ProvIgjen | Uavklart
) -> None:
    mailing, made = mailing_of(hus, world, 2)
    claims = claimed(eier, mailing)
    world.register.nede = error
    hand_over_claims(claims, eier, world.verden)
    assert are_stopped(made)


def test_one_that_would_wait_for_a_paused_channel_is_stopped(hus: Hus, eier: Owner, world: World) -> None:
    mailing, made = mailing_of(hus, world, 2)
    claims = claimed(eier, mailing)
    pause(probe_due=False)
    hand_over_claims(claims, eier, world.verden)
    assert are_stopped(made)


def test_one_that_would_wait_for_the_object_store_is_stopped(hus: Hus, eier: Owner, world: World) -> None:
    mailing = uuid4()
    made = make_letters(hus, ["", ""], utsending_id=mailing)
    claims = claimed(eier, mailing)
    world.print.svar = [LagerUtilgjengelig("LAGER_UTILGJENGELIG")] * 2
    hand_over_claims(claims, eier, world.verden)
    assert are_stopped(made)


@pytest.mark.parametrize("error", [AWAY, ProvIgjen("HTTP_429", after=600.0, throttled=True)])
def test_one_whose_call_delivered_nothing_is_stopped_and_its_call_counts_for_the_channel(
    hus: Hus, eier: Owner, world: World, error: ProvIgjen
) -> None:
    mailing, made = mailing_of(hus, world, 1)
    world.altinn.under = lambda referanse, brev: void(stop(mailing))
    world.altinn.svar = [error]
    hand_over(eier, world)
    assert are_stopped(made)
    assert ledger(made[0]) == [(1, "ALTINN", "PROV_IGJEN")]
    assert (circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PAUSED) == (error is not AWAY)


def void(_: object) -> None:
    return None


def test_one_whose_call_may_have_been_made_is_not_stopped(hus: Hus, eier: Owner, world: World) -> None:
    mailing, [made] = mailing_of(hus, world, 1)
    world.altinn.under = lambda referanse, brev: void(stop(mailing))
    world.altinn.svar = [Uavklart("SVARET_BORTE")]
    hand_over(eier, world)
    assert (letter(made).status, levering(made).status) == (Status.AKSEPTERT, "UAVKLART")
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 1
    assert (letter(made).status, levering(made).status) == (Status.SENDT_ALTINN, "OVERLEVERT")


def test_one_that_must_not_go_on_paper_is_stopped_and_waits_for_nobody(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing = uuid4()
    number = world.register.add_person(
        new_fnr(), registrert=False, beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    made = make_letter(hus, number, utsending_id=mailing)
    hand_over_claims(claimed(eier, mailing), eier, world.verden)
    assert are_stopped([made])


def test_what_is_laid_back_by_one_who_leaves_is_stopped(hus: Hus, eier: Owner, world: World) -> None:
    mailing, made = mailing_of(hus, world, 2)
    claims = claimed(eier, mailing)
    outcomes.return_unbegun([krav.claim for krav in claims], Bane.ENKELT)
    assert are_stopped(made)


@pytest.mark.parametrize("lost", [0, 2])
def test_what_a_dead_owner_held_before_its_call_is_stopped(
    hus: Hus, database: Database, world: World, lost: int
) -> None:
    mailing, made = mailing_of(hus, world, 1)
    with transaction() as tx:
        tx.execute(update(Levering).values(tapte_eiere=lost))
    owner = Owner(database.app_url)
    claimed(owner, mailing)
    owner.release()
    assert recovery.recover_orphans() == 1
    assert are_stopped(made)


def test_what_a_dead_owner_held_in_its_call_is_unknown_and_not_stopped(
    hus: Hus, database: Database, world: World
) -> None:
    mailing, [made] = mailing_of(hus, world, 1)
    owner = Owner(database.app_url)
    claim(Bane.ENKELT, owner.ensure())
    with transaction() as tx:
        tx.execute(update(Levering).values(kall_startet=func.now(), kanal="ALTINN"))
    stop(mailing)
    owner.release()
    assert recovery.recover_orphans() == 1
    assert (letter(made).status, levering(made).status) == (Status.AKSEPTERT, "UAVKLART")


def test_one_that_somebody_else_has_claimed_meanwhile_is_left_to_them(
    hus: Hus, eier: Owner, database: Database, world: World
) -> None:
    mailing, [made] = mailing_of(hus, world, 1)
    owner = Owner(database.app_url)
    [late] = claim(Bane.ENKELT, owner.ensure())
    owner.release()
    recovery.recover_orphans()
    [theirs] = claimed(eier, mailing)
    outcomes.postpone(late.claim, AWAY, counts=True)
    outcomes.move_to_restricted_lane(late.claim)
    outcomes.return_unbegun([late.claim], Bane.ENKELT)
    outcomes.give_back([late.claim])
    assert (levering(made).status, levering(made).eier) == ("SENDER", theirs.claim.eier)
    assert letter(made).status == Status.AKSEPTERT


@pytest.mark.parametrize("lost", [0, 3])
def test_one_that_is_found_nowhere_after_its_quarantine_is_stopped(
    hus: Hus, eier: Owner, world: World, lost: int
) -> None:
    mailing, [made] = mailing_of(hus, world, 1)
    world.altinn.under = lambda referanse, brev: void(stop(mailing))
    world.altinn.svar = [LOST_CALL]
    hand_over(eier, world)
    with transaction() as tx:
        tx.execute(update(Levering).values(tapte_eiere=lost))
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 0
    assert levering(made).status == "UAVKLART", "it is not known yet"
    let_lookup_gap_pass(made, quarantine=True)
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 1
    assert (letter(made).status, levering(made).status) == (Status.MANUELT_HANDTERT, "STOPPET")
    assert codes(made)[-3:] == ["IKKE_FUNNET_VED_OPPSLAG", "STOPPET_FOR_KALL", "STOPPET"]


def test_letters_that_are_to_be_stopped_take_no_probe_from_one_that_is_to_be_sent(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing, made = mailing_of(hus, world, 3)
    other = make_letter(hus, world.register.add_person(new_fnr()))
    claims = claimed(eier, mailing)
    pause(probe_due=True)
    hand_over_claims(sorted(claims, key=lambda k: k.claim.forsendelse_id == other), eier, world.verden)
    assert are_stopped(made)
    assert letter(other).status == Status.SENDT_ALTINN, "it was the probe"
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.OPEN


def test_one_letter_is_the_probe_and_the_others_wait(hus: Hus, eier: Owner, world: World) -> None:
    during = list[circuit_breaker.State]()

    def look(referanse: str, brev: Brev) -> None:
        during.append(circuit_breaker.state(Kanal.ALTINN))

    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    pause(probe_due=True)
    world.altinn.svar, world.altinn.under = [AWAY], look
    hand_over(eier, world)
    assert during == [circuit_breaker.State.PAUSED]
    assert sorted(str(levering(one).feilkode) for one in made) == [
        "FORBINDELSE_NEKTET",
        *["STENGT_ALTINN"] * 2,
    ]
