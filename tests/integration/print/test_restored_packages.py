"""After a restored backup: packages and orders that the print house has are not handed over again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.core.queue.retry_policy import LOOKUPS_BEFORE_RETRY
from fiks.print import service, transitions
from fiks.print.handover import packing, recovery
from fiks.print.models import Avvik, Leverandor, Ordre, Ordrehendelse, Pakke
from fiks.print.operations import reconciliation, restore
from fiks.print.operations.restore import Gjennomgang, look_up_unsent, unknown_references
from fiks.print.rules import Overtatt, Printpakke
from fiks.print.states import Ordrestatus, Pakkestatus
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    agree,
    deliver,
    let_lookup_gap_pass,
    make_order,
    order,
    packages,
    steps,
)

pytestmark = pytest.mark.usefixtures("empty")
OTHER = "SKJERMET_PRINT"
STRANGER = "0f7c1c9a-0000-4000-8000-000000000001"


@pytest.fixture
def hus(empty: None) -> Iterator[Hus]:
    """A kommune whose print house takes two letters a package."""
    agree(brev_per_pakke=2, ventetid_sekunder=0, pause_til=None, feil_pa_rad=0)
    yield make_hus()
    session().rollback()
    agree(brev_per_pakke=1, ventetid_sekunder=0)


class Listed(FakeHouse):
    """A house with these references in its list, whatever packages they came in."""

    liste: tuple[str, ...] = ()

    @property
    def linjer(self) -> list[Overtatt]:
        return [Overtatt(one, None) for one in self.liste]


class PackedMeanwhile(Listed):
    """A house that is asked while the sweeper packs, as it does every other second."""

    def lookup(self, navn: str) -> str | None:
        session().rollback()
        packing.pack_all()
        return super().lookup(navn)


def look_up(eier: Owner, house: FakeHouse) -> Gjennomgang:
    session().rollback()
    return look_up_unsent(eier, {HOUSE: house})


def test_a_package_that_the_house_has_is_adopted_with_its_orders(hus: Hus, eier: Owner) -> None:
    ids = [make_order(hus), make_order(hus)]
    packing.pack_all()
    [pakke] = packages()
    house = Listed()
    house.fikk[str(pakke.id)] = list[Printpakke]()
    assert look_up(eier, house) == Gjennomgang(1, 1, 0)
    assert [one.status for one in packages()] == ["OVERLEVERT"]
    assert {order(one).status for one in ids} == {"PRODUSERT"}


def test_one_that_waited_for_a_person_is_adopted_too(hus: Hus, eier: Owner) -> None:
    """Somebody may have sent it again after the backup."""
    make_order(hus), make_order(hus)
    packing.pack_all()
    [pakke] = packages()
    with transaction():
        transitions.move_package(pakke.id, fra=Pakkestatus.KLAR, til=Pakkestatus.SENDER, eier=eier.number)
        transitions.move_package(pakke.id, fra=Pakkestatus.SENDER, til=Pakkestatus.TIL_BEHANDLING)
    house = Listed()
    assert look_up(eier, house) == Gjennomgang(1, 0, 0)
    assert [one.status for one in packages()] == ["TIL_BEHANDLING"]
    house.fikk[str(pakke.id)] = list[Printpakke]()
    assert look_up(eier, house) == Gjennomgang(1, 1, 0)
    assert [one.status for one in packages()] == ["OVERLEVERT"]


def test_a_package_that_it_does_not_have_stays_ready(hus: Hus, eier: Owner) -> None:
    make_order(hus), make_order(hus)
    packing.pack_all()
    assert look_up(eier, Listed()) == Gjennomgang(1, 0, 0)
    assert [one.status for one in packages()] == ["KLAR"]


def test_an_order_that_came_in_another_package_is_let_go_and_its_companion_packed_anew(
    hus: Hus, eier: Owner
) -> None:
    there, not_there = make_order(hus), make_order(hus)
    packing.pack_all()
    house = Listed()
    house.liste = (str(there),)
    assert look_up(eier, house) == Gjennomgang(1, 0, 1)
    assert [one.status for one in packages()] == ["OPPLOST"]
    assert (order(there).status, order(not_there).status) == ("PRODUSERT", "MOTTATT")
    packing.pack_all()
    assert order(not_there).pakke_id is not None
    assert order(there).pakke_id is None


def test_what_the_house_has_is_not_packed_anew_while_other_packages_are_looked_up(
    hus: Hus, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "PORTION", 1)
    ids = [make_order(hus) for _ in range(8)]
    packing.pack_all()
    house = PackedMeanwhile()
    house.liste = tuple(map(str, ids))
    assert look_up(eier, house) == Gjennomgang(4, 0, 8)
    assert {one.status for one in packages()} == {"OPPLOST"}
    assert {tuple(steps(one)) for one in ids} == {("MOTTATT", "PRODUSERT")}
    assert (deliver(eier, house), house.fikk) == (0, {})


def test_what_is_left_when_it_is_broken_off_is_not_packed_either(
    hus: Hus, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "PORTION", 1)
    ids = [make_order(hus) for _ in range(4)]
    packing.pack_all()

    class GoneAfterOne(Listed):
        def lookup(self, navn: str) -> str | None:
            if self.oppslag:
                self.nede = ProvIgjen("PRINTHUS_UTILGJENGELIG")
            return super().lookup(navn)

    house = GoneAfterOne()
    house.liste = tuple(map(str, ids))
    with pytest.raises(ProvIgjen):
        look_up(eier, house)
    packing.pack_all()
    assert sorted(one.status for one in packages()) == ["KLAR", "OPPLOST"]
    assert sorted(order(one).status for one in ids) == ["MOTTATT", "MOTTATT", "PRODUSERT", "PRODUSERT"]


def test_an_order_in_no_package_that_the_house_lists_is_neither_packed_nor_called_off(
    hus: Hus, eier: Owner
) -> None:
    ids = [make_order(hus), make_order(hus)]
    house = Listed()
    house.liste = tuple(map(str, ids))
    reconciliation.compare(HOUSE, house)
    packing.pack_all()
    assert packages() == []
    assert session().scalars(service.cancellable_orders()).all() == []
    with transaction():
        assert service.call_off(ids, kode="STOPPET", aktor="test") == []
    assert look_up(eier, house) == Gjennomgang(0, 0, 2)
    assert {order(one).status for one in ids} == {"PRODUSERT"}


def test_an_order_that_is_listed_makes_no_package_of_its_companions_due(hus: Hus, eier: Owner) -> None:
    """It counts for nothing when the package of the others is to be full, or has waited long enough."""
    agree(ventetid_sekunder=86_400)
    there, alone = make_order(hus), make_order(hus)
    house = Listed()
    house.liste = (str(there),)
    reconciliation.compare(HOUSE, house)
    with transaction() as tx:
        tx.execute(update(Ordre).where(Ordre.id == there).values(opprettet=clock.now() - timedelta(days=2)))
    assert (packing.pack_all(), order(alone).pakke_id) == (0, None)
    third = make_order(hus)
    assert packing.pack_all() == 1
    assert [order(one).pakke_id is None for one in (there, alone, third)] == [True, False, False]


def test_references_that_the_house_has_and_we_no_order_for_are_told_of(hus: Hus, eier: Owner) -> None:
    house = Listed()
    house.liste = (STRANGER,)
    assert look_up(eier, house) == Gjennomgang(0, 0, 0)
    assert unknown_references() == {STRANGER}


def test_a_house_that_cannot_be_asked_ends_it(hus: Hus, eier: Owner) -> None:
    class Away(Listed):
        def taken_over(self, use: object) -> None:
            raise ProvIgjen("PRINTHUS_UTILGJENGELIG")

    make_order(hus), make_order(hus)
    packing.pack_all()
    with pytest.raises(ProvIgjen):
        look_up(eier, Away())
    assert [one.status for one in packages()] == ["KLAR"]


@pytest.fixture
def other_house(hus: Hus) -> Iterator[str]:
    """The code of a second print house."""
    with transaction() as tx:
        tx.execute(insert(Leverandor).values(kode=OTHER, navn="Skjermet", prioritet=500))
    yield OTHER
    session().rollback()
    with transaction() as tx:
        tx.execute(delete(Avvik))
        tx.execute(update(Ordre).values(leverandor=HOUSE))
        tx.execute(delete(Leverandor).where(Leverandor.kode == OTHER))


def given(house: FakeHouse) -> list[str]:
    """What it was handed, doubles counted."""
    return sorted(one for navn in house.fikk for one in house.orders_in(navn))


def forget_hand_over() -> None:
    """The orders are as a backup has them that was taken before they were packed."""
    with transaction() as tx:
        tx.execute(delete(Ordrehendelse).where(Ordrehendelse.lopenr > 1))
        tx.execute(update(Ordre).values(status="MOTTATT", pakke_id=None, overlevert=None, siste_lopenr=1))
        tx.execute(delete(Pakke))


def test_what_waits_in_the_houses_folder_in_a_package_we_know_nothing_of_is_there(
    hus: Hus, eier: Owner
) -> None:
    """It is on no list yet, and may lie there for a day."""
    ids = [make_order(hus), make_order(hus)]
    house = Listed()
    deliver(eier, house)
    forget_hand_over()
    before_them = make_order(hus)
    with transaction() as tx:
        old = clock.now() - timedelta(hours=1)
        tx.execute(update(Ordre).where(Ordre.id == before_them).values(opprettet=old))
    assert look_up(eier, house) == Gjennomgang(0, 0, 2)
    deliver(eier, house)
    assert given(house) == sorted(map(str, [*ids, before_them]))


def test_references_in_a_package_that_waits_are_known_for_the_houses(hus: Hus, eier: Owner) -> None:
    house = Listed()
    made = make_order(hus)
    deliver(eier, house)
    with transaction() as tx:
        for table in (Ordrehendelse, Ordre, Pakke):
            tx.execute(delete(table))
    assert look_up(eier, house) == Gjennomgang(0, 0, 0)
    assert unknown_references() == {str(made)}


def test_packages_of_ours_that_wait_are_not_read(hus: Hus, eier: Owner) -> None:
    class Unread(Listed):
        def waiting(self) -> list[str]:
            return list(self.fikk)

        def orders_in(self, navn: str) -> list[str]:
            raise ProvIgjen("PRINTHUS_PAKKE_ULESELIG", navn)

    house = Unread()
    make_order(hus)
    deliver(eier, house)
    assert look_up(eier, house) == Gjennomgang()
    house.fikk[STRANGER] = list[Printpakke]()
    with pytest.raises(ProvIgjen):
        look_up(eier, house)


@pytest.mark.parametrize("packed", [False, True])
def test_an_order_that_was_moved_after_the_backup_is_with_the_house_that_lists_it(
    hus: Hus, eier: Owner, other_house: str, packed: bool
) -> None:
    moved, stays = make_order(hus), make_order(hus)
    if packed:
        packing.pack_all()
    first, second = Listed(), Listed()
    second.liste = (str(moved),)
    session().rollback()
    found = look_up_unsent(eier, {HOUSE: first, other_house: second})
    assert found == Gjennomgang(int(packed), 0, 1)
    deliver(eier, first)
    assert given(first) == [str(stays)]
    assert (order(moved).leverandor, order(moved).status) == (other_house, "PRODUSERT")
    assert session().scalars(select(Avvik.art)).all() == []


def test_an_order_that_another_house_had_and_gave_up_is_still_its_own_houses(
    hus: Hus, eier: Owner, other_house: str
) -> None:
    """It was moved before the backup: that it stands in the other's list says nothing new."""
    made = make_order(hus, leverandor=other_house)
    moved_back(made, HOUSE)
    first, second = Listed(), Listed()
    second.liste = (str(made),)
    session().rollback()
    assert look_up_unsent(eier, {HOUSE: first, other_house: second}) == Gjennomgang()
    deliver(eier, first)
    assert given(first) == [str(made)]


def moved_back(ordre_id: UUID, til: str) -> None:
    """The order's house gave it up, and it was moved."""
    with transaction() as tx:
        for status in (Ordrestatus.FEILET, Ordrestatus.MOTTATT):
            fra = list(Ordrestatus)
            transitions.move_orders(Ordre.id == ordre_id, fra=fra, til=status, kode="PROVE", aktor="test")
        as_moved = {"leverandor": til, "pakke_id": None, "omgang": Ordre.omgang + 1, "overlevert": None}
        tx.execute(update(Ordre).where(Ordre.id == ordre_id).values(as_moved))


@pytest.mark.parametrize("waits", [False, True])
def test_what_came_back_and_was_handed_over_after_the_backup_is_there(
    hus: Hus, eier: Owner, waits: bool
) -> None:
    """Its package, in the list or still in the folder, is none that we know, so it is no earlier round."""
    made, house = make_order(hus), FakeHouse()
    deliver(eier, house)
    moved_back(made, HOUSE)
    [before] = house.fikk

    class Forgotten(FakeHouse):
        @property
        def linjer(self) -> list[Overtatt]:
            return [Overtatt(str(made), before), *(() if waits else (Overtatt(str(made), STRANGER),))]

        def waiting(self) -> list[str]:
            return [STRANGER] if waits else []

        def orders_in(self, navn: str) -> list[str]:
            return [str(made)]

    assert look_up(eier, Forgotten()) == Gjennomgang(ordrer=1)
    assert order(made).status == "PRODUSERT"


def test_an_order_that_comes_back_to_a_house_is_packed_though_its_list_has_it_from_before(
    hus: Hus, eier: Owner
) -> None:
    made, house = make_order(hus), FakeHouse()
    deliver(eier, house)
    moved_back(made, HOUSE)
    reconciliation.compare(HOUSE, house)
    assert order(made).sett_hos_leverandor is None
    assert deliver(eier, house) == 1
    reconciliation.compare(HOUSE, house)
    assert order(made).sett_hos_leverandor is not None


def test_a_package_that_was_made_before_we_knew_is_taken_apart_when_it_is_to_be_handed_over(
    hus: Hus, eier: Owner
) -> None:
    """Nobody asked again before sending was started."""
    there, not_there = make_order(hus), make_order(hus)
    packing.pack_all()
    house = Listed()
    house.liste = (str(there),)
    reconciliation.compare(HOUSE, house)
    deliver(eier, house)
    assert (given(house), [one.status for one in packages()]) == ([], ["UAVKLART"])
    for _ in range(LOOKUPS_BEFORE_RETRY):
        let_lookup_gap_pass(quarantine=True)
        recovery.resolve_unknown_outcomes({HOUSE: house})
    deliver(eier, house)
    assert (given(house), [one.status for one in packages()]) == ([], ["OPPLOST"])
    deliver(eier, house)
    assert given(house) == [str(not_there)]
    assert (order(there).status, order(there).pakke_id) == ("PRODUSERT", None)


def test_one_that_the_house_has_by_its_name_is_adopted_though_not_all_of_it_is_listed_yet(
    hus: Hus, eier: Owner
) -> None:
    """It takes the orders of a package over one by one."""
    ids = [make_order(hus), make_order(hus)]
    packing.pack_all()
    [pakke] = packages()
    house = Listed()
    house.fikk[str(pakke.id)] = list[Printpakke]()
    house.liste = (str(ids[0]),)
    reconciliation.compare(HOUSE, house)
    deliver(eier, house)
    let_lookup_gap_pass()
    recovery.resolve_unknown_outcomes({HOUSE: house})
    assert [one.status for one in packages()] == ["OVERLEVERT"]
    assert {order(one).status for one in ids} == {"PRODUSERT"}
    assert given(house) == []


def test_a_house_that_was_agreed_with_after_the_backup_is_to_be_entered_first(hus: Hus, eier: Owner) -> None:
    session().rollback()
    with pytest.raises(Konflikt, match="NYTT_TRYKKERI"):
        look_up_unsent(eier, {HOUSE: Listed(), "NYTT_TRYKKERI": Listed()})
