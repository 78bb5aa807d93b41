"""A file that cannot be had holds up no other letter of its package, is refused for nothing, and is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, update

from fiks.core.crypto.encryption import KeyRing, NokkelUkjent
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Uavklart, Utilgjengelig
from fiks.core.queue.owner_lock import Owner
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.drift.state import state
from fiks.pdf import Sammenfletter
from fiks.print import invariants
from fiks.print.handover import blocked_files, packing, receipts, recovery
from fiks.print.handover import deliver as handover_deliver
from fiks.print.models import Ordre, Pakke
from fiks.print.operations import alarms
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    agree,
    deliver,
    let_lookup_gap_pass,
    let_wait_pass,
    make_order,
    order,
    packages,
    receipt_of,
    steps,
)
from workers import planned

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
AWAY = LagerUtilgjengelig("LAGER_UTILGJENGELIG")
NO_KEY = NokkelUkjent("NOKKEL_UKJENT", nokkel_id="gammel")
JOB = "tell_ventende_pakker"


@dataclass
class Shelf:
    """The store, but for what it will not give: the objects of `held`, or whatever one asks for while it is `away`.

    `when_read` is done as each object is read, and the names are in `asked`.
    """

    read: Callable[..., Iterator[bytes]]
    held: dict[str, Utilgjengelig] = field(default_factory=dict)
    away: bool = False
    asked: list[str] = field(default_factory=list)
    when_read: Callable[[], object] | None = None

    def read_document(self, objekt: str, nokkel: bytes, ring: KeyRing) -> Iterator[bytes]:
        self.asked.append(objekt)
        if self.when_read is not None:
            self.when_read()
        if self.away:
            raise AWAY
        if objekt in self.held:
            raise self.held[objekt]
        return self.read(objekt, nokkel, ring)

    def hold(self, *orders: UUID, error: Utilgjengelig = AWAY) -> None:
        self.held |= {str(order(one).objekt): error for one in orders}
        session().rollback()


@pytest.fixture
def shelf(empty: None, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Between us and the store; the store itself has no such fault that a test could switch on."""
    made = Shelf(current().store.read_document)
    monkeypatch.setattr(current().store, "read_document", made.read_document)
    return made


@pytest.fixture
def as_agreed(empty: None) -> Iterator[None]:
    """The house takes many letters a package, each a file of its own; afterwards one, as it comes."""
    plain: dict[str, Any] = {"pause_til": None, "feil_pa_rad": 0, "ventetid_sekunder": 0}
    agree(brev_per_pakke=100, samlefil=False, **plain)
    yield
    session().rollback()
    agree(brev_per_pakke=1, samlefil=True, **plain)


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


def work(eier: Owner, house: FakeHouse, rounds: int, merger: Sammenfletter | None = None) -> None:
    """As many minutes of packing, handing over and waiting."""
    for _ in range(rounds):
        deliver(eier, house, merger)
        let_wait_pass()
    deliver(eier, house, merger)


def stands(*statuses: str) -> list[tuple[str, int]]:
    """(status, letters) of the packages that are in one of these."""
    return sorted((one.status, one.antall) for one in packages() if one.status in statuses)


def waiting() -> Pakke:
    """The one package that waits."""
    [pakke] = [one for one in packages() if one.status == "VENTER"]
    return pakke


def well() -> bool:
    found = invariants.check(timedelta(0))
    session().rollback()
    return found == []


@pytest.mark.parametrize("samlefil", [False, True])
@pytest.mark.parametrize("error", [AWAY, NO_KEY], ids=["the store", "a key"])
def test_a_file_that_cannot_be_had_waits_by_itself_and_its_companions_go(
    hus: Hus, eier: Owner, shelf: Shelf, merger: Sammenfletter, error: Utilgjengelig, samlefil: bool
) -> None:
    agree(samlefil=samlefil)
    good, bad, *others = [make_order(hus) for _ in range(4)]
    house = FakeHouse()
    shelf.hold(bad, error=error)
    work(eier, house, blocked_files.ROUNDS - 1, merger)
    assert (stands("VENTER"), house.referanser) == ([("VENTER", 4)], []), "it may be for a moment"
    work(eier, house, 2, merger)
    assert sorted(house.referanser) == sorted(map(str, [good, *others]))
    assert (waiting().antall, waiting().feilkode, order(bad).pakke_id) == (1, error.kode, waiting().id)
    assert well()


def test_it_is_never_refused_for_it_and_goes_once_when_it_can_be_had(
    hus: Hus, eier: Owner, shelf: Shelf
) -> None:
    made = [make_order(hus) for _ in range(3)]
    house = FakeHouse()
    shelf.hold(made[0])
    work(eier, house, 30)
    assert (waiting().forsok - waiting().frie_forsok, order(made[0]).status) == (0, "MOTTATT")
    assert steps(made[0]) == ["MOTTATT"]
    shelf.held.clear()
    work(eier, house, 1)
    assert sorted(house.referanser) == sorted(map(str, made))
    assert stands("OPPLOST", "OVERLEVERT") == [("OPPLOST", 3), ("OVERLEVERT", 1), ("OVERLEVERT", 2)]
    assert well()


def test_it_is_not_put_together_again_with_what_is_ordered_later(hus: Hus, eier: Owner, shelf: Shelf) -> None:
    bad, _ = make_order(hus), make_order(hus)
    house = FakeHouse()
    shelf.hold(bad)
    work(eier, house, blocked_files.ROUNDS)
    later = make_order(hus)
    deliver(eier, house)
    assert str(later) in house.referanser and waiting().antall == 1


def test_of_several_each_goes_when_it_can_be_had(hus: Hus, eier: Owner, shelf: Shelf) -> None:
    first, second, good = [make_order(hus) for _ in range(3)]
    house = FakeHouse()
    shelf.hold(first, second)
    work(eier, house, blocked_files.ROUNDS + 1)
    assert (house.referanser, waiting().antall) == ([str(good)], 2)
    del shelf.held[str(order(first).objekt)]
    work(eier, house, blocked_files.ROUNDS + 1)
    assert (house.referanser, waiting().antall) == ([str(good), str(first)], 1)
    assert well()


def test_a_store_that_is_away_holds_the_package_whole_and_is_not_asked_for_every_file(
    hus: Hus, eier: Owner, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocked_files, "MAX_UNREADABLE", 2)
    made = [make_order(hus) for _ in range(5)]
    house = FakeHouse()
    shelf.away = True
    work(eier, house, 9)
    assert stands("VENTER", "OPPLOST") == [("VENTER", 5)]
    shelf.asked.clear()
    work(eier, house, 0)
    let_wait_pass()
    deliver(eier, house)
    assert len(shelf.asked) == 3, "once to send it, and two by chance"
    shelf.away = False
    work(eier, house, 1)
    assert sorted(house.referanser) == sorted(map(str, made))


def test_a_store_that_hangs_is_not_waited_for_at_each_file(
    hus: Hus, eier: Owner, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *_ = [make_order(hus) for _ in range(5)]
    shelf.hold(bad)
    monkeypatch.setattr(blocked_files, "LONGEST_LOOK", timedelta())
    work(eier, FakeHouse(), 9)
    assert stands("VENTER", "OPPLOST") == [("VENTER", 5)]


def test_a_package_the_house_may_have_is_never_taken_apart(hus: Hus, eier: Owner, shelf: Shelf) -> None:
    bad, _ = make_order(hus), make_order(hus)
    house = FakeHouse(svar=[Uavklart("TIDSAVBRUDD")])
    deliver(eier, house)
    for _ in range(2):
        let_lookup_gap_pass(quarantine=True)
        recovery.resolve_unknown_outcomes({HOUSE: house})
    shelf.hold(bad)
    work(eier, house, 9)
    assert stands("VENTER", "OPPLOST") == [("VENTER", 2)]


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_nor_one_of_which_a_receipt_comes_while_it_is_read_or_looked_at(
    hus: Hus, eier: Owner, shelf: Shelf, asked: int
) -> None:
    """A receipt also takes the order's file, so that it is gone."""
    good, bad = make_order(hus), make_order(hus)
    house = FakeHouse()
    shelf.hold(bad)
    work(eier, house, blocked_files.ROUNDS - 1)
    let_wait_pass()
    shelf.asked.clear()
    shelf.when_read = lambda: len(shelf.asked) == asked and receipts.apply_receipt(HOUSE, receipt_of(good))
    deliver(eier, house)
    assert stands("VENTER", "OPPLOST") == [("VENTER", 2)]
    let_wait_pass()
    deliver(eier, house)
    assert ([order(one).status for one in (good, bad)], house.fikk) == (["POSTLAGT", "PRODUSERT"], {})


def test_nor_one_whose_file_is_gone_because_a_receipt_came(hus: Hus, eier: Owner, shelf: Shelf) -> None:
    gone, companion = make_order(hus), make_order(hus)
    house = FakeHouse()

    def answered() -> None:
        if len(shelf.asked) == 1:
            current().store.delete(shelf.asked[0])
            receipts.apply_receipt(HOUSE, receipt_of(gone))

    shelf.when_read = answered
    deliver(eier, house)
    assert stands("VENTER", "OPPLOST") == [("VENTER", 2)]
    let_wait_pass()
    deliver(eier, house)
    assert ([order(one).status for one in (gone, companion)], house.fikk) == (["POSTLAGT", "PRODUSERT"], {})


def test_a_broken_companion_fails_as_ever(hus: Hus, eier: Owner, shelf: Shelf) -> None:
    bad, broken, good = [make_order(hus) for _ in range(3)]
    house = FakeHouse()
    with transaction() as tx:
        tx.execute(update(Ordre).where(Ordre.id == broken).values(sha256=b"x" * 32))
    shelf.hold(bad)
    work(eier, house, 2 * blocked_files.ROUNDS + 2)
    assert [order(one).status for one in (bad, broken, good)] == ["MOTTATT", "FEILET", "PRODUSERT"]
    assert house.referanser == [str(good)]


def age(by: timedelta) -> None:
    with transaction() as tx:
        tx.execute(update(Pakke).values(opprettet=func.now() - by))


def test_a_package_that_has_waited_for_an_hour_for_something_else_is_told_of_until_it_goes(
    hus: Hus, eier: Owner, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    bad = make_order(hus)
    house = FakeHouse()
    shelf.hold(bad)
    deliver(eier, house)
    planned.JOBS[JOB].run()
    assert (alarms.HELD._value.get(), "packages_wait_long" in caplog.messages) == (0, False)
    age(alarms.HELD_LONG)
    for _ in range(2):
        planned.JOBS[JOB].run()
        assert alarms.HELD._value.get() == 1
        let_wait_pass()
    [told, _] = [one for one in caplog.records if one.message == "packages_wait_long"]
    assert (told.levelname, told.__dict__["kode"], told.__dict__["antall"], told.__dict__["brev"]) == (
        "WARNING",
        "LAGER_UTILGJENGELIG",
        1,
        1,
    )
    shelf.held.clear()
    deliver(eier, house)
    assert alarms.count_held_packages() == 0


def test_what_is_laid_aside_is_as_old_as_the_package_it_was_in(hus: Hus, eier: Owner, shelf: Shelf) -> None:
    bad, _ = make_order(hus), make_order(hus)
    house = FakeHouse()
    shelf.hold(bad)
    deliver(eier, house)
    age(timedelta(hours=2))
    work(eier, house, blocked_files.ROUNDS + 1)
    assert (waiting().antall, alarms.count_held_packages()) == (1, 1)


def test_a_package_of_its_own_fault_is_not_told_of_so(hus: Hus) -> None:
    make_order(hus)
    packing.pack_all()
    age(timedelta(hours=2))
    assert alarms.count_held_packages() == 0


def test_a_call_that_does_not_end_is_seen_and_breaks_a_rule(hus: Hus, eier: Owner) -> None:
    make_order(hus)
    packing.pack_all()
    krav = handover_deliver.claim(eier.number, [HOUSE], lambda: False)
    assert krav is not None and handover_deliver._begin_call(krav)
    assert (state().eldste_kall < 60, invariants.check()) == (True, [])
    with transaction() as tx:
        tx.execute(update(Pakke).values(kall_startet=func.now() - timedelta(hours=2)))
    assert state().eldste_kall >= 7_200
    assert [(regel, kode) for regel, kode, _ in invariants.check()] == [("I3", "PAKKE_SENDES_FOR_LENGE")]
