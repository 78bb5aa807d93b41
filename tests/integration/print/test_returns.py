"""Letters that came back, also where nobody said that they were posted: what came back was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.db import session
from fiks.core.queue.owner_lock import Owner
from fiks.print import invariants as printing
from fiks.print.handover import receipts
from fiks.print.operations import alarms
from fiks.print.receipt_feed import Ordrefeed
from fiks.print.rules import Printkvittering
from fiks.svarut import invariants
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.receipts import feed as svarut
from fiks.svarut.rules import Bane, Kanal, Status
from fiks.svarut.sender import actions
from fiks.utsending.models import Utsending
from fiks.utsending.sending.feeder import feed_all, finish_all
from tests.integration.houses import HOUSE as KS
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.print.orders import AT, HOUSE, FakeHouse, deliver, order, receipt_of, steps
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    letter,
    levering,
    leveringer,
    make_letter,
    statuses,
)
from tests.integration.utsending.kommuner import make_kommune, make_mailing, release
from tests.integration.worlds import World

pytestmark = pytest.mark.usefixtures("at_noon", "lawful")
BACK = "ukjent på adressen"


@pytest.fixture
def lawful(at_noon: None) -> Iterator[None]:
    """What a test did to letters and orders is legal, and in their history."""
    yield
    session().rollback()
    everything = select(Forsendelse.id)
    assert invariants.history_is_complete(everything) == []
    assert invariants.changes_are_legal(everything) == []
    assert invariants.nothing_vanishes(everything) == []
    assert printing.check(timedelta()) == []


@pytest.fixture
def hus(at_noon: None) -> Hus:
    return make_hus()


@pytest.fixture
def at_house(hus: Hus, eier: Owner) -> UUID:
    """A letter that the print house has."""
    made = make_letter(hus)
    hand_over(eier, World())
    deliver(eier, FakeHouse())
    return made


def answer(*answers: Printkvittering) -> None:
    for one in answers:
        receipts.apply_receipt(HOUSE, one)
    svarut.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


def came_back(letter_id: UUID) -> Printkvittering:
    return receipt_of(leveringer(letter_id)[0].id, "RETUR", BACK)


def told(letter_id: UUID, kode: str) -> list[dict[str, Any]]:
    """The details of each event of this code in the letter's log."""
    rows = select(Hendelse.detaljer).where(Hendelse.forsendelse_id == letter_id, Hendelse.kode == kode)
    return list(session().scalars(rows.order_by(Hendelse.lopenr)))


def test_a_letter_that_came_back_was_printed_though_nobody_said_so(at_house: UUID) -> None:
    before = len(codes(at_house))
    clock.move(timedelta(days=5))
    assert alarms.count_print_overdue() == 1
    for _ in range(2):
        answer(came_back(at_house))
    assert (letter(at_house).status, order(levering(at_house).id).status) == (Status.PRINTET, "RETUR")
    assert codes(at_house)[before:] == ["PRINTET", "PRINTKVITTERING", "RETUR_PRINT"]
    assert [one["grunn"] for one in told(at_house, "RETUR_PRINT")] == [BACK]
    assert alarms.count_print_overdue() == 0


def test_it_has_the_sheets_and_the_price_that_its_return_tells_and_no_day_of_posting(at_house: UUID) -> None:
    answer(came_back(at_house))
    now = order(levering(at_house).id)
    assert (now.ark, now.vekt_gram, now.porto_ore, now.produksjon_ore, now.postlagt) == (
        1,
        12,
        2700,
        312,
        None,
    )
    [facts] = told(at_house, "PRINTKVITTERING")
    assert (facts["ark"], facts["porto_ore"]) == (1, 2700)


def test_a_return_that_tells_no_sheets_says_nothing_of_the_price(at_house: UUID) -> None:
    ref = levering(at_house).id
    answer(Printkvittering(str(ref), "RETUR", AT, 0, 0, 0, 0, BACK))
    now = order(ref)
    assert (now.ark, now.vekt_gram, now.porto_ore, now.produksjon_ore) == (None,) * 4


def test_the_receipt_that_comes_after_it_brings_the_day_and_its_own_figures(at_house: UUID) -> None:
    ref = levering(at_house).id
    answer(Printkvittering(str(ref), "RETUR", AT, 0, 0, 0, 0, BACK))
    answer(receipt_of(ref), receipt_of(ref))
    now = order(ref)
    assert (now.status, now.postlagt, now.retur) == ("RETUR", AT, AT)
    assert (now.ark, now.vekt_gram, now.porto_ore, now.produksjon_ore) == (1, 12, 2700, 312)
    assert steps(ref) == ["MOTTATT", "PRODUSERT", "RETUR"]
    assert (letter(at_house).status, statuses(at_house).count("PRINTET")) == (Status.PRINTET, 1)


def test_what_a_receipt_said_before_is_not_changed_by_the_return(at_house: UUID) -> None:
    ref = levering(at_house).id
    answer(receipt_of(ref), Printkvittering(str(ref), "RETUR", AT, 9, 99, 999, 999, BACK))
    now = order(ref)
    assert (now.ark, now.vekt_gram, now.porto_ore, now.produksjon_ore) == (1, 12, 2700, 312)
    assert codes(at_house)[-3:] == ["PRINTET", "PRINTKVITTERING", "RETUR_PRINT"]


def test_nobody_needs_the_file_of_what_came_back(at_house: UUID) -> None:
    answer(came_back(at_house))
    now = order(levering(at_house).id)
    assert (now.objekt, now.nokkel) == (None, None)


def test_one_that_was_read_meanwhile_stays_read(at_house: UUID) -> None:
    actions.mark_read_externally(at_house, fnr=new_fnr(), tidspunkt=AT, systemnavn="Portalen", actor=KS)
    answer(came_back(at_house))
    assert (letter(at_house).status, codes(at_house)[-1]) == (Status.LEST, "RETUR_PRINT")


def test_its_mailing_is_finished(eier: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    release(kommune, mailing)
    world = World()
    for number in mailing.fnr.values():
        world.register.add_person(number, registrert=False)
    feed_all()
    hand_over(eier, world, Bane.MASSE)
    deliver(eier, FakeHouse())
    lost, printed = session().scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id))
    answer(receipt_of(levering(printed).id))
    assert finish_all() == 0
    answer(came_back(lost))
    assert finish_all() == 1
    assert session().get_one(Utsending, mailing.id, populate_existing=True).status == "FULLFORT"
