"""F24: receipts that are doubled, late, early, unknown or for what was stopped; and what SvarUt makes of them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.print import queries, service
from fiks.print.handover import packing, receipts
from fiks.print.models import Kvittering
from fiks.print.receipt_feed import Ordrefeed
from fiks.print.rules import Printkvittering
from fiks.print.states import Ordrestatus
from fiks.svarut.receipts import feed as svarut
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE as KS
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import HOUSE, FakeHouse, deliver, make_order, order, receipt_of, steps
from tests.integration.svarut.letters import codes, hand_over, letter, levering, make_letter
from tests.integration.worlds import World

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture
def at_house(hus: Hus, eier: Owner) -> UUID:
    """An order that the print house has."""
    made = make_order(hus)
    deliver(eier, FakeHouse())
    return made


def told() -> list[tuple[str, str]]:
    found, _ = Ordrefeed("PROVE").receipts(None, 100)
    return [(one.referanse, one.art) for one in found]


def test_sv12_47_a_receipt_makes_the_order_posted_once_with_its_facts_and_the_file_goes(
    at_house: UUID,
) -> None:
    for _ in range(3):
        receipts.apply_receipt(HOUSE, receipt_of(at_house))
    now = order(at_house)
    assert (now.status, now.ark, now.vekt_gram, now.porto_ore, now.produksjon_ore) == (
        "POSTLAGT",
        1,
        12,
        2700,
        312,
    )
    assert now.objekt is None and now.nokkel is None
    assert told() == [(str(at_house), "PRINTET")]
    assert steps(at_house) == ["MOTTATT", "PRODUSERT", "POSTLAGT"]


@pytest.mark.parametrize(
    ("arts", "status", "tell"),
    [
        (["PRINTET", "RETUR"], "RETUR", ["PRINTET", "RETUR"]),
        (["RETUR", "PRINTET", "PRINTET"], "RETUR", ["RETUR", "PRINTET"]),
        (["PRINTET", "FEILET"], "POSTLAGT", ["PRINTET"]),
        (["FEILET", "FEILET", "PRINTET"], "POSTLAGT", ["FEILET", "PRINTET"]),
        (["RETUR", "RETUR", "FEILET"], "RETUR", ["RETUR"]),
    ],
)
def test_receipts_in_any_order_end_at_what_is_true(
    at_house: UUID, arts: list[str], status: str, tell: list[str]
) -> None:
    for art in arts:
        receipts.apply_receipt(HOUSE, receipt_of(at_house, art))
    assert order(at_house).status == status
    assert [art for _, art in told()] == tell


def test_a_receipt_before_our_own_record_of_the_hand_over_is_right(hus: Hus, eier: Owner) -> None:
    made = make_order(hus)
    house = FakeHouse(under=lambda pakke: receipts.apply_receipt(HOUSE, receipt_of(made)))
    deliver(eier, house)
    assert (order(made).status, steps(made)) == ("POSTLAGT", ["MOTTATT", "POSTLAGT"])


def test_a_receipt_for_nobodys_order_or_another_houses_is_a_persons_to_see_once(
    hus: Hus, at_house: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    unknown, waiting = str(uuid4()), make_order(hus)
    for _ in range(2):
        receipts.apply_receipt(HOUSE, receipt_of(unknown))
        receipts.apply_receipt(HOUSE, receipt_of(waiting))
        receipts.apply_receipt("MANUELL_PRINT", receipt_of(at_house))
    assert sorted((one.referanse, one.art) for one in queries.disagreements()) == sorted(
        [
            (unknown, "UKJENT_KVITTERING"),
            (str(waiting), "ANNET_HUS"),
            (str(at_house), "ANNET_HUS"),
        ]
    )
    assert caplog.messages.count("print_books_differ") == 3
    assert [order(one).status for one in (waiting, at_house)] == ["MOTTATT", "PRODUSERT"]


def test_a_feed_is_read_from_its_marker_and_reading_it_again_changes_nothing(at_house: UUID) -> None:
    house = FakeHouse(kvitteringer=[receipt_of(at_house)])
    assert receipts.read_house_receipts(HOUSE, house) == 1
    assert receipts.read_house_receipts(HOUSE, house) == 0
    feed = Ordrefeed("PROVE")
    first, marker = feed.receipts(None, 10)
    assert ([one.art for one in first], feed.receipts(marker, 10)) == (["PRINTET"], ([], marker))
    assert Ordrefeed("SVARUT").receipts(None, 10) == ([], None)


def on_paper(hus: Hus, eier: Owner, world: World) -> UUID:
    made = make_letter(hus)
    hand_over(eier, world)
    deliver(eier, FakeHouse())
    return made


def answer(letter_id: UUID, *answers: Printkvittering) -> None:
    for one in answers:
        receipts.apply_receipt(HOUSE, one)
    svarut.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


def test_sv12_47_the_letter_is_printed_exactly_once_with_sheets_weight_postage_and_cost(
    hus: Hus, eier: Owner
) -> None:
    made = on_paper(hus, eier, World())
    ref = levering(made).id
    answer(made, receipt_of(ref), receipt_of(ref))
    answer(made, receipt_of(ref))
    assert letter(made).status == Status.PRINTET
    assert codes(made)[-2:] == ["PRINTET", "PRINTKVITTERING"]


def test_mail_that_came_back_is_told_of_in_the_letters_log_and_it_stays_printed(
    hus: Hus, eier: Owner
) -> None:
    made = on_paper(hus, eier, World())
    ref = levering(made).id
    answer(made, receipt_of(ref), receipt_of(ref, "RETUR", "ukjent på adressen"))
    assert (letter(made).status, codes(made)[-1]) == (Status.PRINTET, "RETUR_PRINT")


def test_what_the_house_could_not_print_waits_for_a_person_and_is_ordered_again_under_a_new_reference(
    hus: Hus, eier: Owner
) -> None:
    made = on_paper(hus, eier, World())
    first = levering(made).id
    answer(made, receipt_of(first, "FEILET", "papirstopp"))
    assert (levering(made).status, order(first).status, order(first).feilkode) == (
        "TIL_BEHANDLING",
        "FEILET",
        "papirstopp",
    )
    assert levering(made).id != first


def test_a_receipt_for_a_letter_that_was_stopped_too_late_says_that_it_was_printed_anyway(
    hus: Hus, eier: Owner
) -> None:
    made = make_letter(hus)
    hand_over(eier, World())
    packing.pack_all()
    actions.set_manually_handled(made, actor=KS)
    deliver(eier, FakeHouse())
    answer(made, receipt_of(levering(made).id))
    assert letter(made).status == Status.MANUELT_HANDTERT
    assert "PRINTES_LIKEVEL" in codes(made)
    assert order(levering(made).id).status == "POSTLAGT"


def test_what_is_told_while_another_transaction_writes_is_never_passed_over(hus: Hus, eier: Owner) -> None:
    made = [make_order(hus) for _ in range(2)]
    deliver(eier, FakeHouse())
    with transaction():
        receipts.apply_receipt(HOUSE, receipt_of(made[0]))
        assert session().scalars(select(Kvittering.ordre_id)).all() == [made[0]]
    receipts.apply_receipt(HOUSE, receipt_of(made[1]))
    assert [ref for ref, _ in told()] == [str(one) for one in made]
    assert Ordrestatus(order(made[0]).status) is Ordrestatus.POSTLAGT
    assert service.orders_in_open_package(made) == []


def test_a_house_that_is_read_is_told_as_nought_before_anything_is_wrong_so_that_the_first_rise_is_seen(
    hus: Hus,
) -> None:
    """Prometheus sees no rise in a series that is born at one."""
    assert "TREDJE_HUS" not in unknown_told()
    receipts.read_house_receipts("TREDJE_HUS", FakeHouse())
    assert unknown_told()["TREDJE_HUS"] == 0


def unknown_told() -> dict[str, float]:
    """What the counter tells of each house."""
    samples = [one for metric in receipts.UNKNOWN.collect() for one in metric.samples]
    return {one.labels["leverandor"]: one.value for one in samples if one.name.endswith("_total")}
