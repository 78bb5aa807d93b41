"""After a restored backup: packages and orders that the print house has are not handed over again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.locks import Owner
from fiks.print import comparison, packing, service, transitions
from fiks.print.models import Ordre
from fiks.print.order_rules import Pakkestatus
from fiks.print.restored import Gjennomgang, look_up_unsent, unknown_references
from fiks.print.rules import Printpakke
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    agree,
    deliver,
    make_order,
    order,
    packages,
    steps,
)

pytestmark = pytest.mark.usefixtures("empty")
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
    def referanser(self) -> list[str]:
        return list(self.liste)


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
    hus: Hus, eier: Owner
) -> None:
    ids = [make_order(hus) for _ in range(8)]
    packing.pack_all()
    house = PackedMeanwhile()
    house.liste = tuple(map(str, ids))
    assert look_up(eier, house) == Gjennomgang(4, 0, 8)
    assert {one.status for one in packages()} == {"OPPLOST"}
    assert {tuple(steps(one)) for one in ids} == {("MOTTATT", "PRODUSERT")}
    assert (deliver(eier, house), house.fikk) == (0, {})


def test_what_is_left_when_it_is_broken_off_is_not_packed_either(hus: Hus, eier: Owner) -> None:
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
    comparison.compare(HOUSE, house)
    packing.pack_all()
    assert packages() == []
    assert session().scalars(service.not_packed()).all() == []
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
    comparison.compare(HOUSE, house)
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
