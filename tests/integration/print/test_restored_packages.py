"""After a restored backup: packages and orders that the print house has are not handed over again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.locks import Owner
from fiks.print import packing, transitions
from fiks.print.order_rules import Pakkestatus
from fiks.print.restored import Gjennomgang, look_up_unsent, unknown_references
from fiks.print.rules import Printpakke
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import HOUSE, FakeHouse, agree, make_order, order, packages

pytestmark = pytest.mark.usefixtures("empty")
STRANGER = "0f7c1c9a-0000-4000-8000-000000000001"


@pytest.fixture
def hus(empty: None) -> Iterator[Hus]:
    """A kommune whose print house takes two letters a package."""
    agree(brev_per_pakke=2, ventetid_sekunder=0, pause_til=None, feil_pa_rad=0)
    yield make_hus()
    session().rollback()
    agree(brev_per_pakke=1)


class Listed(FakeHouse):
    """A house with these references in its list, whatever packages they came in."""

    liste: tuple[str, ...] = ()

    @property
    def referanser(self) -> list[str]:
        return list(self.liste)


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
