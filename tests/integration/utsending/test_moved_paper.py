"""What one print house gave up, and an operator may move to another: it is printed once, and lost nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from fiks.print.handover import deliver, packing
from fiks.print.handover import receipts as printing
from fiks.print.models import Leverandor
from fiks.print.operations import move_order
from fiks.print.receipt_feed import Ordrefeed
from fiks.svarut import invariants
from fiks.svarut.invariants import letters_of as scope_of
from fiks.svarut.invariants import nothing_vanishes
from fiks.svarut.lifecycle import read_status
from fiks.svarut.models import Levering
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal
from fiks.utsending.sending import progress, retry
from tests.integration.houses import HOUSE as KS
from tests.integration.print.orders import HOUSE, FakeHouse, FakeVern, receipt_of
from tests.integration.utsending.kommuner import Kommune, Mailing, hand_over
from tests.integration.utsending.test_stop_paper import give_up, letters_of, on_paper, orders_of

pytestmark = pytest.mark.usefixtures("house", "second")
SECOND = "HUS2"
FIRST_ROW = 2


@pytest.fixture
def second() -> Iterator[None]:
    """Another print house, which takes the same letters."""
    with transaction() as tx:
        classes = tx.get_one(Leverandor, HOUSE).klasser
        tx.merge(Leverandor(kode=SECOND, navn="Hus 2", klasser=classes, manuell=False, aktiv=True))
    yield
    session().rollback()
    with transaction() as tx:
        tx.get_one(Leverandor, SECOND).aktiv = False


def move(order_id: UUID) -> None:
    session().rollback()
    move_order.move_order(
        order_id, SECOND, grunn="papirstopp hos trykkeriet", houses={}, vern=FakeVern(), actor=KS
    )


def print_at(owner: Owner, kode: str) -> list[str]:
    """The references that a house gets of what is ordered from it."""
    session().rollback()
    packing.pack_all()
    house = FakeHouse()
    while deliver.deliver(owner, {kode: house}, Sammenfletter, lambda: False, FakeVern()):
        pass
    return house.referanser


def try_again(kommune: Kommune, mailing: Mailing) -> None:
    session().rollback()
    retry.retry_letter(mailing.id, FIRST_ROW, actor=kommune.aktor("saksbehandler"))


def hand_overs(mailing: Mailing) -> list[str]:
    session().rollback()
    found = select(Levering.status).where(Levering.utsending_id == mailing.id).order_by(Levering.opprettet)
    return list(session().scalars(found))


def given_up_by_the_first(owner: Owner) -> tuple[Kommune, Mailing, UUID, object]:
    kommune, mailing, world = on_paper(owner, 1)
    give_up(owner, mailing)
    [order] = orders_of(mailing)
    return kommune, mailing, order.id, world


def fail_at(kode: str, order_id: UUID) -> None:
    printing.apply_receipt(kode, receipt_of(order_id, "FEILET", "papirstopp"))
    feed.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


def test_what_the_second_house_gives_up_too_waits_for_a_person(owner: Owner) -> None:
    """Also when somebody has asked for it to be ordered anew while it lay with the second."""
    kommune, mailing, order_id, world = given_up_by_the_first(owner)
    move(order_id)
    try_again(kommune, mailing)
    hand_over(owner, world)  # type: ignore[arg-type]
    assert hand_overs(mailing) == ["OVERLEVERT", "STOPPET"]
    assert print_at(owner, SECOND) == [str(order_id)]
    fail_at(SECOND, order_id)
    assert hand_overs(mailing) == ["OVERLEVERT", "STOPPET", "TIL_BEHANDLING"]
    assert progress.progress(mailing.id, actor=kommune.aktor("leser")).til_behandling == 1
    try_again(kommune, mailing)
    hand_over(owner, world)  # type: ignore[arg-type]
    [anew] = [one.id for one in orders_of(mailing) if one.id != order_id]
    assert print_at(owner, HOUSE) == [str(anew)]


def test_a_letter_that_nobody_prints_and_nobody_waits_with_breaks_a_rule(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a hand-over is stopped since another house has the letter, and what that house says is not heard."""
    kommune, mailing, order_id, world = given_up_by_the_first(owner)
    move(order_id)
    try_again(kommune, mailing)
    hand_over(owner, world)  # type: ignore[arg-type]
    assert print_at(owner, SECOND) == [str(order_id)]
    printing.apply_receipt(SECOND, receipt_of(order_id, "FEILET", "papirstopp"))
    session().rollback()
    assert nothing_vanishes(scope_of([mailing.id])) == []
    monkeypatch.setattr(invariants, "PAPER_HEARD", timedelta(0))
    [breach] = nothing_vanishes(scope_of([mailing.id]))
    assert (breach.regel, breach.kode) == ("I2", "INGEN_TRYKKER_BREVET")
    feed.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()
    assert nothing_vanishes(scope_of([mailing.id])) == []


def test_what_is_moved_before_its_failure_is_known_here_waits_for_nobody(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner, 1)
    [order] = orders_of(mailing)
    order_id = order.id
    assert print_at(owner, HOUSE) == [str(order_id)]
    printing.apply_receipt(HOUSE, receipt_of(order_id, "FEILET", "papirstopp"))
    move(order_id)
    feed.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    assert hand_overs(mailing) == ["OVERLEVERT"]
    assert print_at(owner, SECOND) == [str(order_id)]
    fail_at(SECOND, order_id)
    assert hand_overs(mailing) == ["OVERLEVERT", "TIL_BEHANDLING"]


def test_what_is_ordered_anew_is_not_moved_as_well(owner: Owner) -> None:
    kommune, mailing, order_id, world = given_up_by_the_first(owner)
    try_again(kommune, mailing)
    hand_over(owner, world)  # type: ignore[arg-type]
    with pytest.raises(Konflikt, match="ORDREN_HAR_INGEN_FIL"):
        move(order_id)
    assert len(print_at(owner, HOUSE)) == 1
    assert print_at(owner, SECOND) == []


def test_what_its_receiver_has_read_is_not_moved(owner: Owner) -> None:
    _, mailing, order_id, _ = given_up_by_the_first(owner)
    [letter] = letters_of(mailing)
    with transaction():
        assert read_status.record_reading(letter, kode="LEST", aktor="mottaker")
    with pytest.raises(Konflikt, match="ORDREN_HAR_INGEN_FIL"):
        move(order_id)
    assert print_at(owner, SECOND) == []
