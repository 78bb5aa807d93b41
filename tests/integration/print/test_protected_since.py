"""What was ordered printed to somebody whose address is protected by the time it would leave is printed by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen, Uavklart, Utilgjengelig
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import deliver as handover_deliver
from fiks.print.handover import packing, receipts, recovery
from fiks.print.models import Ordre
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.lifecycle import read_status
from fiks.svarut.rules import Mottakertype, Status
from fiks.svarut.sender import actions
from tests.integration.databases import Database, statements
from tests.integration.houses import HOUSE as STAFF
from tests.integration.houses import Hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    agree,
    deliver,
    let_lookup_gap_pass,
    let_wait_pass,
    make_order,
    order,
    orders_of,
    packages,
    receipt_of,
)
from tests.integration.print.protected import (
    is_restricted,
    let_hours_pass,
    move,
    ordered,
    protect,
    reference,
    references,
    work,
)
from tests.integration.svarut.letters import codes, hand_over, letter, levering, make_letters
from tests.integration.worlds import World

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
SECRET = Adressebeskyttelse.FORTROLIG
AWAY = ProvIgjen("HTTP_503", throttled=True)


def test_what_lay_in_a_package_while_its_house_was_away_leaves_without_who_is_protected_by_now(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, numbers = ordered(hus, eier, world)
    away, house = FakeHouse(svar=[AWAY]), FakeHouse()
    deliver(eier, away, vern=world.vern)
    assert [(one.status, one.antall) for one in packages()] == [("VENTER", 3)]
    protect(world, numbers[1])
    let_hours_pass()
    let_wait_pass()
    work(eier, house, world)
    assert sorted(house.referanser) == references([made[0], made[2]])
    assert is_restricted(made[1])
    assert order(reference(made[1])).objekt is None, "its file is gone"
    assert sorted(one.status for one in packages()) == ["OPPLOST", "OVERLEVERT"]


def test_what_waited_to_be_packed_is_asked_about_before_it_leaves(
    hus: Hus, eier: Owner, world: World
) -> None:
    """As orders of a house that was not in use for days."""
    made, numbers = ordered(hus, eier, world)
    agree(aktiv=False)
    house = FakeHouse()
    assert deliver(eier, house, vern=world.vern) == 0
    protect(world, numbers[0])
    let_hours_pass(72)
    agree(aktiv=True)
    work(eier, house, world)
    assert (sorted(house.referanser), is_restricted(made[0])) == (references(made[1:]), True)


def test_a_package_of_nobody_else_is_not_made_anew(hus: Hus, eier: Owner, world: World) -> None:
    made, numbers = ordered(hus, eier, world, 1)
    protect(world, numbers[0])
    let_hours_pass()
    house = FakeHouse()
    assert (deliver(eier, house, vern=world.vern), house.referanser) == (1, [])
    assert (is_restricted(made[0]), [one.status for one in packages()]) == (True, ["OPPLOST"])


def test_an_order_that_does_not_wait_is_asked_about_only_when_it_is_made(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, _ = ordered(hus, eier, world)
    let_hours_pass(0.5)
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert (sorted(house.referanser), world.register.spurt) == (references(made), [])


def test_one_question_an_hour_is_asked_about_a_whole_package_however_often_it_is_tried(
    hus: Hus, eier: Owner, world: World
) -> None:
    ordered(hus, eier, world)
    let_hours_pass()
    house = FakeHouse(svar=[AWAY] * 8)
    for hour in range(2):
        for _ in range(4):
            deliver(eier, house, vern=world.vern)
            let_wait_pass()
        assert world.register.spurt == ["personer"] * (hour + 1)
        let_hours_pass()


def test_the_question_takes_as_many_statements_for_many_letters_as_for_one(
    hus: Hus, eier: Owner, world: World
) -> None:
    taken = []
    for n in (1, 40):
        ordered(hus, eier, world, n)
        let_hours_pass()
        packing.pack_all()
        krav = handover_deliver.claim(eier.ensure(), [HOUSE], lambda: False)
        assert krav is not None
        with statements() as sent:
            assert handover_deliver.may_be_handed_over(krav, world.vern)
        taken.append(len(sent))
        assert world.register.spurt == ["personer"]
    assert taken[0] == taken[1]


@pytest.mark.parametrize("error", [ProvIgjen("IKKE_NAADD"), Utilgjengelig("NOKKEL_UKJENT")])
def test_while_nobody_can_be_asked_a_package_waits_and_uses_no_try(
    hus: Hus, eier: Owner, error: Exception
) -> None:
    made, house, vern = make_order(hus), FakeHouse(), FakeVern(nede=error)
    let_hours_pass()
    for tries in range(1, 10):
        deliver(eier, house, vern=vern)
        [pakke] = packages()
        assert (pakke.status, pakke.feilkode) == ("VENTER", str(error))
        assert (pakke.frie_forsok, pakke.forste_kall) == (tries, None)
        let_wait_pass()
    deliver(eier, house, vern=FakeVern())
    assert house.referanser == [str(made)]


def test_a_register_that_is_paused_is_not_asked_and_nothing_is_printed_meanwhile(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, _ = ordered(hus, eier, world)
    let_hours_pass()
    world.register.nede = ProvIgjen("IKKE_NAADD")
    house = FakeHouse()
    for _ in range(8):
        deliver(eier, house, vern=world.vern)
        let_wait_pass()
    assert (house.referanser, len(world.register.spurt)) == ([], 5)
    assert packages()[0].feilkode == "STENGT_FOLKEREGISTER"
    assert {one for letter_id in made for one in orders_of(letter_id)} == {(HOUSE, "MOTTATT")}


def test_one_of_whom_nothing_is_said_waits_by_itself_and_is_neither_printed_nor_refused(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, numbers = ordered(hus, eier, world)
    world.register.vanskelige[numbers[2]] = ProvIgjen("UFORSTAAELIG_SVAR")
    let_hours_pass()
    house = FakeHouse()
    for _ in range(8):
        deliver(eier, house, vern=world.vern)
        let_wait_pass()
    assert sorted(house.referanser) == references(made[:2])
    [left] = [one for one in packages() if one.status in ("VENTER", "KLAR")]
    assert (left.antall, left.feilkode, order(reference(made[2])).status) == (
        1,
        "UFORSTAAELIG_SVAR",
        "MOTTATT",
    )
    world.register.vanskelige.clear()
    deliver(eier, house, vern=world.vern)
    assert sorted(house.referanser) == references(made)


def test_a_whole_package_is_asked_about_when_one_of_its_orders_has_waited(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Or those that were younger would be taken for asked about an hour later."""
    old, young = make_order(hus), make_order(hus)
    with transaction() as tx:
        ago = clock.now_sql() - timedelta(minutes=90)
        tx.execute(update(Ordre).where(Ordre.id == old).values(opprettet=ago))
    vern = FakeVern()
    deliver(eier, FakeHouse(), vern=vern)
    assert vern.spurt == [sorted([old, young])]


@pytest.mark.parametrize(("bad", "most"), [(1, 13), (40, 16)])
def test_numbers_that_are_at_fault_are_looked_for_by_halves_and_not_for_ever(
    hus: Hus, eier: Owner, world: World, bad: int, most: int
) -> None:
    made, numbers = ordered(hus, eier, world, 40)
    for number in numbers[:bad]:
        world.register.vanskelige[number] = ProvIgjen("HTTP_500")
    let_hours_pass()
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert len(world.register.spurt) <= most
    assert (house.referanser, [one.status for one in packages()]) == ([], ["VENTER"])


def test_on_the_schema_of_before_release_what_has_waited_stands_in_line_at_no_cost(
    hus: Hus, eier: Owner, database: Database
) -> None:
    made, house = make_order(hus), FakeHouse()
    session().rollback()
    with database.owner() as owner:
        owner.execute("ALTER TABLE printpakke RENAME COLUMN spurt TO spurt_siden")
    try:
        young = make_order(hus, farger=True)
        with transaction() as tx:
            ago = clock.now_sql() - timedelta(hours=2)
            tx.execute(update(Ordre).where(Ordre.id == made).values(opprettet=ago))
        for tries in range(1, 6):
            deliver(eier, house)
            assert house.referanser == [str(young)], "nobody has to be asked about it"
            [waiting] = [one for one in packages() if one.status != "OVERLEVERT"]
            assert (waiting.status, waiting.feilkode) == ("VENTER", "VENTER_PA_RELEASE")
            assert (waiting.frie_forsok, waiting.tapte_eiere) == (tries, 0)
            let_wait_pass()
        session().rollback()
    finally:
        with database.owner() as owner:
            owner.execute("ALTER TABLE printpakke RENAME COLUMN spurt_siden TO spurt")
    deliver(eier, house)
    assert house.referanser == [str(young), str(made)]


def test_nobody_is_asked_about_the_letters_of_organisations(hus: Hus, eier: Owner, world: World) -> None:
    [made] = make_letters(hus, [""], kind=Mottakertype.INGEN)
    hand_over(eier, world)
    world.register.spurt.clear()
    world.register.nede = ProvIgjen("IKKE_NAADD")
    let_hours_pass()
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert (house.referanser, world.register.spurt) == (references([made]), [])


def test_a_protected_address_that_may_be_told_to_some_goes_on_paper_as_at_hand_over(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, numbers = ordered(hus, eier, world, 1)
    protect(world, numbers[0], SECRET)
    let_hours_pass()
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert house.referanser == references(made)


def test_a_package_the_house_may_have_is_given_to_a_person_and_never_taken_apart_by_itself(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, numbers = ordered(hus, eier, world)
    deliver(eier, FakeHouse(svar=[Uavklart("SVARET_BORTE")]), vern=world.vern)
    for _ in range(2):
        let_lookup_gap_pass(quarantine=True)
        recovery.resolve_unknown_outcomes({HOUSE: FakeHouse()})
    [pakke] = packages()
    assert pakke.status == "KLAR"
    protect(world, numbers[0])
    let_hours_pass()
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    [pakke] = packages()
    assert (pakke.status, pakke.feilkode) == ("TIL_BEHANDLING", "SKAL_IKKE_SKRIVES_UT")
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(reference(made[0]), world.vern, house)
    deliver(eier, house, vern=world.vern)
    assert (sorted(house.referanser), is_restricted(made[0])) == (references(made[1:]), True)


def test_a_receipt_that_comes_while_it_is_asked_leaves_the_package_as_it_is(hus: Hus, eier: Owner) -> None:
    made = [make_order(hus) for _ in range(2)]
    let_hours_pass()
    vern = FakeVern(skjermet={made[0]})
    vern.under = lambda: receipts.apply_receipt(HOUSE, receipt_of(made[1]))
    house = FakeHouse()
    deliver(eier, house, vern=vern)
    [pakke] = packages()
    assert (pakke.status, house.referanser, order(made[0]).status) == ("VENTER", [], "MOTTATT")


@pytest.mark.parametrize("closed", [True, False])
def test_a_letter_that_is_read_or_closed_by_then_is_not_printed_after_all_and_waits_for_nobody(
    hus: Hus, eier: Owner, world: World, closed: bool
) -> None:
    [made], [number] = ordered(hus, eier, world, 1)
    packing.pack_all()
    if closed:
        actions.set_manually_handled(made, actor=STAFF)
    else:
        with transaction():
            assert read_status.record_reading(made, kode="LEST", aktor="mottaker")
    protect(world, number)
    let_hours_pass()
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert (house.referanser, orders_of(made)) == ([], [(HOUSE, "AVBESTILT")])
    assert (codes(made)[-1], levering(made).status) == ("TATT_FRA_TRYKKERIET", "OVERLEVERT")
    if closed:
        assert (letter(made).status, letter(made).overlevert) == (Status.MANUELT_HANDTERT, None)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["while asking", "before the package is taken apart", "after it was asked"])
def test_whoever_dies_in_the_question_leaves_all_as_it_was(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    made, numbers = ordered(hus, eier, world)
    if step != "after it was asked":
        protect(world, numbers[0])
    let_hours_pass()

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:  # the process ends without a word: nothing is given back by itself
        patched.setattr(handover_deliver, "_release_after_failure", lambda *_, **__: None)
        if step == "while asking":
            patched.setattr(world.register, "personer", die)
        elif step == "after it was asked":
            patched.setattr(handover_deliver, "read_package", die)
        else:
            patched.setattr("fiks.svarut.paper.address_check.call_off", die)
        with pytest.raises(Killed):
            deliver(eier, FakeHouse(), vern=world.vern)
    session().rollback()
    assert [one.status for one in packages()] == ["SENDER"]
    eier.release()
    recovery.recover_orphans()
    protect(world, numbers[0])
    let_hours_pass()
    house = FakeHouse()
    work(eier, house, world)
    assert (sorted(house.referanser), is_restricted(made[0])) == (references(made[1:]), True)
