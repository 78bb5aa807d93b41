"""After a restored backup: a letter that a print house has, by an order that we lost, is handed over to it and printed
once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.models import Konto
from fiks.print import invariants, service
from fiks.print.handover import packing, receipts
from fiks.print.models import Avvik, Leverandor, Ordre
from fiks.print.operations import alarms, move_order, reconciliation
from fiks.print.receipt_feed import Ordrefeed
from fiks.print.rules import Overtatt
from fiks.print.states import Avviksart
from fiks.svarut.models import Levering
from fiks.svarut.receipts import feed as svarut
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender.actions import retry_failed
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    FakeVern,
    agree,
    deliver,
    order,
    packages,
    receipt_of,
    steps,
)
from tests.integration.svarut.letters import codes, hand_over, letter, levering, make_letter
from tests.integration.worlds import World

pytestmark = pytest.mark.usefixtures("empty")
BY_HAND, OTHER = "MANUELL_PRINT", "SKJERMET_PRINT"
OPERATOR = system("kommando")


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture
def world() -> World:
    return World()


def paper_letter(hus: Hus, world: World, **options: object) -> UUID:
    """A letter that goes on paper when it is handed over."""
    return make_letter(hus, world.register.add_person(new_fnr(), registrert=False), **options)  # type: ignore[arg-type]


def list_has(letter_id: UUID, kode: str = HOUSE) -> None:
    """The house's list has the letter's reference, and we have no order of it."""
    reference = str(levering(letter_id).id)
    session().rollback()
    with transaction() as tx:
        tx.execute(insert(Avvik).values(leverandor=kode, referanse=reference, art=Avviksart.UKJENT_HOS_OSS))


def noted() -> list[tuple[str, str]]:
    """(house, kind) of what the books differ on."""
    return [(row.leverandor, row.art) for row in session().execute(select(Avvik.leverandor, Avvik.art))]


def stored() -> int:
    """How many objects lie in the store."""
    return sum(1 for day in current().store.days() for _ in current().store.made_on(day))


@pytest.fixture
def adopted(hus: Hus, eier: Owner, world: World) -> UUID:
    """A letter that the house had, and that has been handed over since."""
    made = paper_letter(hus, world)
    list_has(made)
    hand_over(eier, world)
    return made


def test_it_is_handed_over_to_the_house_that_has_it_and_never_packed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = paper_letter(hus, world)
    list_has(made)
    since, files = session().scalar(select(Avvik.funnet)), stored()
    hand_over(eier, world)
    there = order(levering(made).id)
    assert (there.leverandor, there.status, there.pakke_id) == (HOUSE, "PRODUSERT", None)
    assert (there.sett_hos_leverandor, there.overlevert is None) == (since, False)
    assert (there.objekt, there.nokkel, stored()) == (None, None, files)
    assert steps(there.id) == ["MOTTATT", "PRODUSERT"]
    assert (letter(made).status, levering(made).status) == (Status.SENDT_PRINT, "OVERLEVERT")
    assert (levering(made).kanal, levering(made).leverandor_ref) == ("PRINT", str(there.id))
    assert codes(made)[-2:] == ["ALT_HOS_TRYKKERIET", "SENDT_PRINT"]
    assert noted() == []
    house = FakeHouse()
    assert (deliver(eier, house), house.referanser, packages()) == (0, [], [])
    assert invariants.check(timedelta()) == []


def test_it_waits_for_nothing_and_is_not_missed(adopted: UUID) -> None:
    with transaction() as tx:
        tx.execute(update(Ordre).values(overlevert=clock.now() - timedelta(days=2)))
    assert session().scalars(service.cancellable_orders()).all() == []
    assert reconciliation.compare(HOUSE, FakeHouse()) == 0
    assert alarms.count_print_overdue() == 0


def test_without_a_receipt_it_is_told_of_as_any_other_order(adopted: UUID) -> None:
    with transaction() as tx:
        tx.execute(update(Ordre).values(overlevert=clock.now() - timedelta(days=5)))
    assert alarms.count_print_overdue() == 1


def test_it_is_not_moved_to_another_house(adopted: UUID) -> None:
    with pytest.raises(Konflikt):
        move_order.move_order(
            levering(adopted).id,
            BY_HAND,
            grunn="papirstopp",
            houses={HOUSE: FakeHouse()},
            vern=FakeVern(),
            actor=OPERATOR,
        )
    assert order(levering(adopted).id).leverandor == HOUSE


@pytest.mark.parametrize(
    ("art", "status", "ordre", "told"),
    [
        ("PRINTET", Status.PRINTET, "POSTLAGT", "PRINTKVITTERING"),
        ("RETUR", Status.PRINTET, "RETUR", "RETUR_PRINT"),
        ("FEILET", Status.SENDT_PRINT, "FEILET", "FEILET_PRINT"),
    ],
)
def test_the_house_s_receipts_work_from_there_on(
    adopted: UUID, art: str, status: Status, ordre: str, told: str
) -> None:
    reference = levering(adopted).id
    receipts.apply_receipt(HOUSE, receipt_of(reference, art))
    svarut.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    assert (letter(adopted).status, order(reference).status) == (status, ordre)
    assert told in codes(adopted)
    assert noted() == []


def test_what_failed_there_is_ordered_anew_when_a_person_says_so(
    adopted: UUID, eier: Owner, world: World
) -> None:
    receipts.apply_receipt(HOUSE, receipt_of(levering(adopted).id, "FEILET"))
    svarut.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    retry_failed(levering(adopted).id, actor=OPERATOR)
    hand_over(eier, world)
    house = FakeHouse()
    deliver(eier, house)
    assert house.referanser == [str(levering(adopted).id)]


def test_a_receipt_that_came_before_has_its_effect_when_the_feed_is_read_again(
    hus: Hus, eier: Owner, world: World
) -> None:
    """It is kept as a reference and a kind, which is too little: docs/drift/printpakker.md says how it is read anew."""
    made = paper_letter(hus, world)
    list_has(made)
    house = FakeHouse(kvitteringer=[receipt_of(levering(made).id)])
    receipts.read_house_receipts(HOUSE, house)
    hand_over(eier, world)
    assert (order(levering(made).id).status, noted()) == ("PRODUSERT", [(HOUSE, "UKJENT_KVITTERING")])
    with transaction() as tx:
        tx.execute(update(Kvitteringsmarkor).values(markor=None))
    receipts.read_house_receipts(HOUSE, house)
    now = order(levering(made).id)
    assert (now.status, now.porto_ore) == ("POSTLAGT", 2700)
    assert noted() == [(HOUSE, "UKJENT_KVITTERING")]


def test_the_house_that_has_it_counts_and_not_the_one_that_would_get_it_now(
    hus: Hus, eier: Owner, world: World
) -> None:
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == hus.konto_id).values(printleverandor=BY_HAND))
    made, other = paper_letter(hus, world), paper_letter(hus, world)
    list_has(made)
    hand_over(eier, world)
    assert (order(levering(made).id).leverandor, order(levering(made).id).status) == (HOUSE, "PRODUSERT")
    assert (order(levering(other).id).leverandor, order(levering(other).id).status) == (BY_HAND, "MOTTATT")
    assert "SENDT_MANUELL_PRINT" not in codes(made)


def test_a_list_that_is_read_while_the_print_file_is_made_counts_too(
    hus: Hus, eier: Owner, world: World
) -> None:
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == hus.konto_id).values(printleverandor=BY_HAND))
    made = paper_letter(hus, world)
    world.print.under = lambda referanse, brev: list_has(made)
    hand_over(eier, world)
    assert (order(levering(made).id).leverandor, order(levering(made).id).status) == (HOUSE, "PRODUSERT")
    assert codes(made)[-2:] == ["ALT_HOS_TRYKKERIET", "SENDT_PRINT"]


def test_a_house_that_gets_nothing_any_more_has_what_it_has(hus: Hus, eier: Owner, world: World) -> None:
    made, other = paper_letter(hus, world), paper_letter(hus, world)
    list_has(made)
    agree(aktiv=False)
    try:
        hand_over(eier, world)
    finally:
        session().rollback()
        agree(aktiv=True)
    assert (letter(made).status, order(levering(made).id).status) == (Status.SENDT_PRINT, "PRODUSERT")
    assert (levering(other).status, levering(other).feilkode) == ("TIL_BEHANDLING", "INGEN_TAR_KLASSEN")


def test_of_two_houses_that_have_it_the_other_stays_a_person_s_to_ask(
    hus: Hus, eier: Owner, world: World
) -> None:
    with transaction() as tx:
        tx.execute(insert(Leverandor).values(kode=OTHER, navn="Skjermet", prioritet=500))
    made = paper_letter(hus, world)
    list_has(made)
    list_has(made, OTHER)
    hand_over(eier, world)
    assert order(levering(made).id).leverandor == HOUSE
    assert noted() == [(OTHER, "UKJENT_HOS_OSS")]
    with transaction() as tx:
        tx.execute(delete(Avvik))
        tx.execute(delete(Leverandor).where(Leverandor.kode == OTHER))


def test_what_is_stopped_in_the_last_moment_is_printed_and_its_log_says_so(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, free = paper_letter(hus, world), paper_letter(hus, world)
    list_has(made)

    def stop_both(referanse: str, brev: object) -> None:
        with transaction() as tx:
            tx.execute(update(Levering).values(stopp_onsket=True))

    world.print.under = stop_both
    hand_over(eier, world)
    assert (letter(made).status, levering(made).status) == (Status.SENDT_PRINT, "OVERLEVERT")
    assert codes(made)[-3:] == ["ALT_HOS_TRYKKERIET", "SENDT_PRINT", "PRINTES_LIKEVEL"]
    assert (letter(free).status, levering(free).status) == (Status.MANUELT_HANDTERT, "STOPPET")
    assert session().scalar(select(func.count()).select_from(Ordre)) == 1


def test_what_is_an_order_of_the_house_by_now_is_unknown_no_more(adopted: UUID) -> None:
    """The list was read while the letter was handed over."""
    list_has(adopted)
    house = FakeHouse()
    assert reconciliation.compare(HOUSE, house) == 1
    house.taken_over = lambda use: use([Overtatt(str(levering(adopted).id), None)])  # type: ignore[method-assign]
    assert reconciliation.compare(HOUSE, house) == 0


def test_one_that_waited_for_a_person_is_adopted_when_it_is_tried_again_though_its_row_was_deleted(
    hus: Hus, eier: Owner, world: World
) -> None:
    """The house's list is read before it goes, and says so anew."""
    made = paper_letter(hus, world)
    with transaction() as tx:
        tx.execute(update(Levering).values(status="TIL_BEHANDLING", feilkode="FUNNET_HOS_TRYKKERIET"))
    house = FakeHouse()
    house.taken_over = lambda use: use([Overtatt(str(levering(made).id), None)])  # type: ignore[method-assign]
    assert reconciliation.compare(HOUSE, house) == 1
    retry_failed(levering(made).id, actor=OPERATOR)
    hand_over(eier, world)
    assert (order(levering(made).id).status, packing.pack_all()) == ("PRODUSERT", 0)


def test_a_letter_that_nobody_has_is_ordered_and_packed_as_ever(hus: Hus, eier: Owner, world: World) -> None:
    made = paper_letter(hus, world)
    hand_over(eier, world)
    assert (order(levering(made).id).status, codes(made)[-2:]) == (
        "MOTTATT",
        ["OVERLEVERT_PRINT", "SENDT_PRINT"],
    )
    assert packing.pack_all() == 1
