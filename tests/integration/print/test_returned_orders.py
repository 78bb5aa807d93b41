"""Orders that come back to a house that had them before, and what that house says of the first time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from fiks.core.db import session, transaction
from fiks.core.errors import Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.core.queue.retry_policy import LOOKUPS_BEFORE_RETRY
from fiks.print import invariants, transitions
from fiks.print.handover import packing, receipts, recovery
from fiks.print.models import Ordre, Pakke
from fiks.print.states import Ordrestatus
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
    receipt_of,
)

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def hus(empty: None) -> Iterator[Hus]:
    """A kommune whose print house takes one letter a package."""
    agree(brev_per_pakke=1, ventetid_sekunder=0, pause_til=None, feil_pa_rad=0)
    yield make_hus()
    session().rollback()
    agree(brev_per_pakke=1, ventetid_sekunder=0)


def came_back(hus: Hus, eier: Owner, house: FakeHouse) -> UUID:
    """An order that the house had and gave up, that was moved away, and has come back to be packed."""
    made = make_order(hus)
    deliver(eier, house)
    receipts.apply_receipt(HOUSE, receipt_of(made, "FEILET"))
    session().rollback()
    with transaction() as tx:
        as_moved = {"pakke_id": None, "omgang": Ordre.omgang + 1, "overlevert": None}
        fra, til = [Ordrestatus.FEILET], Ordrestatus.MOTTATT
        transitions.move_orders(Ordre.id == made, fra=fra, til=til, kode="FLYTTET", aktor="test")
        tx.execute(update(Ordre).where(Ordre.id == made).values(as_moved))
    return made


def look_up(house: FakeHouse) -> None:
    """As often as it takes until an unknown outcome is settled."""
    for _ in range(LOOKUPS_BEFORE_RETRY):
        let_lookup_gap_pass(quarantine=True)
        recovery.resolve_unknown_outcomes({HOUSE: house})


@pytest.mark.parametrize("art", ["PRINTET", "FEILET"])
def test_a_late_receipt_of_the_first_time_says_nothing_of_the_companions_in_the_new_package(
    hus: Hus, eier: Owner, art: str
) -> None:
    house = FakeHouse()
    agree(brev_per_pakke=1)
    back = came_back(hus, eier, house)
    agree(brev_per_pakke=2)
    companion = make_order(hus)
    packing.pack_all()
    receipts.apply_receipt(HOUSE, receipt_of(back, art))
    for _ in range(2):
        deliver(eier, house)
        look_up(house)
    assert deliver(eier, house) == 1
    assert house.referanser == [str(back), str(companion)]
    assert [one.status for one in packages()] == ["OVERLEVERT", "OPPLOST", "OVERLEVERT"]
    assert order(companion).status == "PRODUSERT"
    assert invariants.check(timedelta()) == []


def test_a_receipt_in_a_package_whose_call_was_begun_says_that_the_house_has_it(
    hus: Hus, eier: Owner
) -> None:
    house = FakeHouse(svar=[Uavklart("SVARET_BORTE")])
    ids = [make_order(hus), make_order(hus)]
    with transaction() as tx:
        tx.execute(update(Ordre).values(opprettet=Ordre.opprettet - timedelta(hours=1)))
    agree(brev_per_pakke=2)
    deliver(eier, house)
    receipts.apply_receipt(HOUSE, receipt_of(ids[0]))
    house.fikk.clear()
    look_up(house)
    assert [one.status for one in packages()] == ["OVERLEVERT"]
    assert order(ids[1]).status == "PRODUSERT"


def test_a_package_whose_every_call_ends_unknown_is_a_persons_after_a_day(hus: Hus, eier: Owner) -> None:
    house = FakeHouse(svar=[Uavklart("TIDSAVBRUDD")] * 9)
    make_order(hus)
    for _ in range(8):
        agree(pause_til=None, feil_pa_rad=0)
        deliver(eier, house)
        look_up(house)
    assert [one.status for one in packages()] == ["KLAR"]
    agree(pause_til=None, feil_pa_rad=0)
    deliver(eier, house)
    with transaction() as tx:
        tx.execute(update(Pakke).values(opprettet=Pakke.opprettet - timedelta(days=1)))
    look_up(house)
    assert [one.status for one in packages()] == ["TIL_BEHANDLING"]
    assert house.fikk == {}
