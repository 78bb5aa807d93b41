"""What was ordered printed to somebody whose address is protected by the time it would leave is printed by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen, Uavklart, Utilgjengelig
from fiks.core.locks import Owner
from fiks.print import handover, invariants, moves, packing, receipts, recovery
from fiks.print.protection import Vern
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut import invariants as letter_rules
from fiks.svarut import lifecycle, reading
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Kanal, Mottakertype, Status
from tests.integration.databases import QuickProcess, statements
from tests.integration.houses import HOUSE as STAFF
from tests.integration.houses import Hus, make_hus, new_fnr
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
    steps,
)
from tests.integration.svarut.letters import codes, hand_over, letter, levering, leveringer, make_letters
from tests.integration.worlds import World
from workers import cli
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
BY_HAND = "MANUELL_PRINT"
OPERATOR = system("kommando")
STRICT, SECRET = Adressebeskyttelse.STRENGT_FORTROLIG, Adressebeskyttelse.FORTROLIG
AWAY = ProvIgjen("HTTP_503", throttled=True)


@pytest.fixture
def as_agreed(empty: None) -> Iterator[None]:
    """The house takes many letters a package, each a file of its own; afterwards one, as it comes."""
    plain = {"pause_til": None, "feil_pa_rad": 0, "ventetid_sekunder": 0, "aktiv": True}
    agree(brev_per_pakke=100, samlefil=False, **plain)
    yield
    session().rollback()
    agree(brev_per_pakke=1, samlefil=True, **plain)


@pytest.fixture
def hus(empty: None) -> Iterator[Hus]:
    """A kommune. Afterwards every change must be legal and in the history, and no letter lost."""
    yield make_hus()
    session().rollback()
    everything = select(Forsendelse.id)
    assert letter_rules.history_is_complete(everything) == []
    assert letter_rules.changes_are_legal(everything) == []
    assert letter_rules.nothing_vanishes(everything) == []
    assert [one for one in invariants.check(timedelta(days=1)) if one[0] != "I3"] == []


@pytest.fixture
def world() -> World:
    return World()


def ordered(hus: Hus, eier: Owner, world: World, n: int = 3) -> tuple[list[UUID], list[str]]:
    """Letters to as many persons, that are ordered printed and lie in no package; and the persons' numbers."""
    numbers = [world.register.add_person(new_fnr(), registrert=False) for _ in range(n)]
    made = make_letters(hus, numbers)
    hand_over(eier, world)
    assert {letter(one).status for one in made} == {Status.SENDT_PRINT}
    world.register.spurt.clear()
    session().rollback()
    return made, numbers


def protect(world: World, number: str, grad: Adressebeskyttelse = STRICT) -> None:
    world.register.add_person(number, registrert=False, beskyttelse=grad)


def reference(letter_id: UUID) -> UUID:
    """What the order of a letter's first hand-over is called."""
    return leveringer(letter_id)[0].id


def references(ids: Sequence[UUID]) -> list[str]:
    return sorted(str(reference(one)) for one in ids)


def let_hours_pass(hours: float = 2) -> None:
    session().rollback()
    clock.move(timedelta(hours=hours))


def work(eier: Owner, house: FakeHouse, world: World) -> None:
    """Pack and hand over, and once more what is packed anew."""
    for _ in range(2):
        deliver(eier, house, vern=world.vern)


def is_restricted(letter_id: UUID) -> bool:
    """Whether its order is called off, and the letter waits for the few."""
    now = levering(letter_id)
    waits = (now.status, now.bane, now.kanal, now.feilkode)
    return (
        orders_of(letter_id) == [(HOUSE, "AVBESTILT")]
        and letter(letter_id).status == Status.SENDT_PRINT
        and codes(letter_id)[-2:] == ["TATT_FRA_TRYKKERIET", "MA_BEHANDLES"]
        and waits == ("TIL_BEHANDLING", Bane.SPERRET, Kanal.PRINT, "ADRESSE_SPERRET")
    )


def move(ordre_id: UUID, vern: Vern, house: FakeHouse | None = None, til: str = BY_HAND) -> None:
    session().rollback()
    houses = {HOUSE: house or FakeHouse()}
    moves.move_order(ordre_id, til, grunn="papirstopp", houses=houses, vern=vern, actor=OPERATOR)


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
        krav = handover.claim(eier.ensure(), [HOUSE], lambda: False)
        assert krav is not None
        with statements() as sent:
            assert handover.may_leave(krav, world.vern)
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
        recovery.resolve_unclear({HOUSE: FakeHouse()})
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
    vern.under = lambda: receipts.apply(HOUSE, receipt_of(made[1]))
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
        lifecycle.set_manually_handled(made, actor=STAFF)
    else:
        with transaction():
            assert reading.record_reading(made, kode="LEST", aktor="mottaker")
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
        patched.setattr(handover, "_let_go", lambda *_, **__: None)
        if step == "while asking":
            patched.setattr(world.register, "personer", die)
        elif step == "after it was asked":
            patched.setattr(handover, "read_package", die)
        else:
            patched.setattr("fiks.svarut.paper_protection.call_off", die)
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


@pytest.mark.parametrize("packed", [True, False])
def test_an_order_is_not_moved_to_another_house_when_its_receiver_is_protected_by_now(
    hus: Hus, eier: Owner, world: World, packed: bool
) -> None:
    made, numbers = ordered(hus, eier, world)
    if packed:
        packing.pack_all()
    protect(world, numbers[0])
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(reference(made[0]), world.vern)
    assert is_restricted(made[0])
    assert list(
        session().scalars(select(Audit.handling).where(Audit.handling.startswith("PRINTORDRE_")))
    ) == ["PRINTORDRE_TRUKKET"]
    house = FakeHouse()
    deliver(eier, house, vern=world.vern)
    assert sorted(house.referanser) == references(made[1:])


def test_what_its_house_has_lost_is_called_off_and_not_moved(hus: Hus, eier: Owner, world: World) -> None:
    made, numbers = ordered(hus, eier, world, 1)
    deliver(eier, FakeHouse(), vern=world.vern)
    protect(world, numbers[0])
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(reference(made[0]), world.vern, FakeHouse())
    assert is_restricted(made[0])
    assert steps(reference(made[0])) == ["MOTTATT", "PRODUSERT", "MOTTATT", "AVBESTILT"]


def test_what_its_house_reported_as_failed_is_not_moved_and_waits_where_it_did(hus: Hus, eier: Owner) -> None:
    made = make_order(hus)
    deliver(eier, FakeHouse())
    receipts.apply(HOUSE, receipt_of(made, "FEILET"))
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        move(made, FakeVern(skjermet={made}))
    assert (order(made).status, order(made).leverandor) == ("FEILET", HOUSE)


@pytest.mark.parametrize("silent", ["the register", "of the receiver"])
def test_an_order_is_not_moved_while_nothing_is_said_of_its_receiver(hus: Hus, silent: str) -> None:
    made = make_order(hus)
    vern = FakeVern(nede=AWAY) if silent == "the register" else FakeVern(uten_svar={made: "HTTP_500"})
    with pytest.raises(Konflikt, match="FOLKEREGISTERET_SVARER_IKKE"):
        move(made, vern)
    assert (order(made).leverandor, order(made).status) == (HOUSE, "MOTTATT")
    move(made, FakeVern())
    assert order(made).leverandor == BY_HAND


def test_the_lane_and_the_command_ask_the_registers_of_their_process(
    hus: Hus, eier: Owner, world: World, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, numbers = ordered(hus, eier, world, 2)
    house = FakeHouse()
    process.forget(QuickProcess.world_and_feeds)
    monkeypatch.setattr(process, "outside", world)
    monkeypatch.setattr(QuickProcess, "houses", {HOUSE: house})  # a world of fakes has no print house
    protect(world, numbers[0])
    words = cli.read_words(["print", "flytt", str(reference(made[0])), BY_HAND, "--grunn", "papirstopp"])
    with pytest.raises(Konflikt, match="ORDREN_SKAL_IKKE_TRYKKES"):
        cli.COMMANDS["print"][1](process, words)
    assert is_restricted(made[0])
    protect(world, numbers[1])
    let_hours_pass()
    while do_portion("print", process):
        pass
    assert (house.referanser, is_restricted(made[1])) == ([], True)
