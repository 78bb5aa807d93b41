"""Answers that come after a letter was closed, or while it is being closed: who got it is still what is so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import packing
from fiks.print.handover import receipts as printing
from fiks.print.models import Leverandor, Ordre
from fiks.print.operations import move_order
from fiks.print.receipt_feed import Ordrefeed
from fiks.svarut.channels.base import Kvittering
from fiks.svarut.invariants import letters_of as scope_of
from fiks.svarut.invariants import nothing_vanishes
from fiks.svarut.lifecycle import read_status
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.paper import cancellation
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender import actions
from fiks.utsending import earlier_mailings
from fiks.utsending.sending import progress, retry
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.stop_report import Gruppe
from tests.integration.houses import HOUSE as KS
from tests.integration.print.orders import HOUSE, FakeHouse, FakeVern, deliver, receipt_of
from tests.integration.svarut.letters import codes
from tests.integration.utsending.kommuner import Mailing, hand_over, make_kommune, make_mailing, send_all
from tests.integration.utsending.test_stop import half_sent, rows_of, world_of
from tests.integration.utsending.test_stop_paper import (
    answer,
    from_altinn,
    give_up,
    letters_of,
    on_paper,
    orders_of,
    stop,
    stop_paper,
)

pytestmark = pytest.mark.usefixtures("house")
ELSEWHERE = "HUS2"


def fail(mailing: Mailing, kanal: Kanal, antall: int | None = None) -> None:
    """The channel says of all that it took of the mailing, or of so many, that it could not deliver it."""
    session().rollback()
    taken = select(Levering.id).where(Levering.utsending_id == mailing.id, Levering.kanal == kanal)
    for one in session().scalars(taken.order_by(Levering.id).limit(antall)).all():
        feed.apply_receipt(kanal, Kvittering(str(one), "FEILET", clock.now(), None))
    session().rollback()


def print_after_all(mailing: Mailing) -> None:
    """The print house says of the mailing's orders that they are printed."""
    for order in orders_of(mailing):
        printing.apply_receipt(HOUSE, receipt_of(order.id))
    feed.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


@pytest.fixture
def elsewhere(app: Flask) -> Iterator[Callable[[Callable[[], object]], Future[object]]]:
    """Does something on another connection; what is returned has its answer."""
    pools: list[ThreadPoolExecutor] = []

    def act(what: Callable[[], object]) -> Future[object]:
        def run() -> object:
            with app.app_context():
                try:
                    return what()
                finally:
                    session().rollback()

        pools.append(ThreadPoolExecutor(1))
        return pools[-1].submit(run)

    yield act
    for pool in pools:
        pool.shutdown()


@pytest.mark.parametrize("stopped_first", [True, False])
def test_what_altinn_says_late_that_it_could_not_deliver_lies_nowhere(
    owner: Owner, stopped_first: bool
) -> None:
    kommune, mailing, _ = from_altinn(owner)
    stop(kommune, mailing)
    acts: list[Callable[[], object]] = [
        lambda: stop_paper(kommune, mailing),
        lambda: fail(mailing, Kanal.ALTINN),
    ]
    for act in acts if stopped_first else reversed(acts):
        act()
    fail(mailing, Kanal.ALTINN)
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 2}
    assert [codes(one).count("FEILET_ALTINN") for one in letters_of(mailing)] == [1, 1]


def test_what_altinn_refused_and_was_closed_before_it_was_on_paper_lies_nowhere(owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=0, altinn=3))
    fail(mailing, Kanal.ALTINN)
    stop(kommune, mailing)
    by_hand, deleted, _ = letters_of(mailing)
    actions.set_manually_handled(by_hand, actor=kommune.aktor("stopper"))
    actions.delete_letters([deleted], actor=kommune.aktor("stopper"))
    assert retry.do_not_print(mailing.id, actor=kommune.aktor("stopper")) == 1
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 3}


def test_what_the_mailbox_refused_and_was_deleted_lies_nowhere_and_what_it_has_is_there(owner: Owner) -> None:
    kommune = make_kommune()
    for failed, group in ((True, Gruppe.STOPPET), (False, Gruppe.LEVERT_DIGITALT)):
        mailing = make_mailing(kommune, 1)
        send_all(kommune, mailing, owner, world_of(mailing, postkasse=1, altinn=0))
        if failed:
            fail(mailing, Kanal.DPI)
        stop(kommune, mailing)
        actions.delete_letters(letters_of(mailing), actor=kommune.aktor("stopper"))
        assert answer(kommune, mailing).grupper == {group: 1}


def test_what_was_printed_after_all_was_sent(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner)
    give_up(owner, mailing)
    assert stop(kommune, mailing) == 3
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 3}
    print_after_all(mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.PAPIR: 3}
    assert {codes(one)[-1] for one in letters_of(mailing)} == {"PRINTKVITTERING"}
    assert nothing_vanishes(scope_of([mailing.id])) == []
    with pytest.raises(Konflikt, match="INGEN_USENDTE"):
        new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_a_letter_that_is_said_never_to_be_sent_and_is_printed_breaks_a_rule(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner, 1)
    [one] = letters_of(mailing)
    with transaction() as tx:
        letter = tx.get_one(Forsendelse, one)
        letter.status, letter.overlevert = Status.MANUELT_HANDTERT, None
    assert [breach.kode for breach in nothing_vanishes(scope_of([mailing.id]))] == [
        "TRYKT_MEN_REGNET_SOM_USENDT"
    ]


def test_what_is_printed_though_it_was_given_up_waits_for_no_person(owner: Owner) -> None:
    kommune, mailing, world = on_paper(owner)
    retry.end_failed_paper()  # what other tests have left
    give_up(owner, mailing)
    retry.retry_letter(mailing.id, 2, actor=kommune.aktor("saksbehandler"))
    print_after_all(mailing)
    stop(kommune, mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.PAPIR: 3}
    assert progress.progress(mailing.id, actor=kommune.aktor("leser")).til_behandling == 0
    assert retry.end_failed_paper() == 0
    assert {order.status for order in orders_of(mailing)} == {"POSTLAGT"}


def test_who_reads_a_letter_that_was_just_stopped_has_got_it(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner, 1)
    stop(kommune, mailing)
    stop_paper(kommune, mailing)
    [one] = letters_of(mailing)
    with transaction():
        assert read_status.record_reading(one, kode="LEST", aktor="test")
        assert not read_status.record_reading(one, kode="LEST", aktor="test")
    assert answer(kommune, mailing).grupper == {Gruppe.LEVERT_DIGITALT: 1}
    assert codes(one).count("LEST") == 1


def test_a_reader_and_a_stop_at_once_wait_for_each_other_and_both_count(
    owner: Owner, elsewhere: Callable[..., Future[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune, mailing, _ = on_paper(owner)
    stop(kommune, mailing)
    one, *_ = letters_of(mailing)
    session().rollback()
    reads: list[Future[object]] = []
    call_off = cancellation.call_off_prints

    def read() -> bool:
        with transaction():
            return read_status.record_reading(one, kode="LEST", aktor="test")

    def meanwhile(ids: object, **rest: object) -> object:
        reads.append(elsewhere(read))
        time.sleep(0.5)
        return call_off(ids, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cancellation, "call_off_prints", meanwhile)
    assert stop_paper(kommune, mailing) == 3
    assert reads[0].result(20) is True
    assert answer(kommune, mailing).grupper == {Gruppe.LEVERT_DIGITALT: 1, Gruppe.STOPPET: 2}


def test_an_order_that_is_moved_to_another_house_while_its_letter_is_closed_is_not_printed(
    owner: Owner, elsewhere: Callable[..., Future[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune, mailing, _ = on_paper(owner, 1)
    give_up(owner, mailing)
    [order] = orders_of(mailing)
    order_id = order.id
    with transaction() as tx:
        klasser = tx.get_one(Leverandor, HOUSE).klasser
        tx.merge(Leverandor(kode=ELSEWHERE, navn="Hus 2", klasser=klasser, manuell=False, aktiv=True))
    moved: list[Future[object]] = []
    never = cancellation.settle_without_paper

    def meanwhile(ids: list[object]) -> None:
        moved.append(
            elsewhere(
                lambda: move_order.move_order(
                    order_id, ELSEWHERE, grunn="gikk i stykker", houses={}, vern=FakeVern(), actor=KS
                )
            )
        )
        time.sleep(0.5)
        never(ids)  # type: ignore[arg-type]

    monkeypatch.setattr(cancellation, "settle_without_paper", meanwhile)
    try:
        assert stop(kommune, mailing) == 1
        with pytest.raises(Konflikt, match="ORDREN_HAR_ENDRET_SEG"):
            moved[0].result(20)
        packing.pack_all()
        assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 1}
        assert [(one.status, one.pakke_id is None) for one in orders_of(mailing)] == [("FEILET", False)]
    finally:
        with transaction() as tx:
            tx.get_one(Leverandor, ELSEWHERE).aktiv = False


@pytest.mark.parametrize("deleted", [True, False])
def test_what_the_print_house_gives_up_after_the_letter_was_closed_was_never_sent(
    owner: Owner, deleted: bool
) -> None:
    kommune, mailing, _ = on_paper(owner, 1)
    deliver(owner, FakeHouse())
    stop(kommune, mailing)
    [one] = letters_of(mailing)
    if deleted:
        actions.delete_letters([one], actor=kommune.aktor("stopper"))
    else:
        actions.set_manually_handled(one, actor=kommune.aktor("stopper"))
    assert answer(kommune, mailing).grupper == {Gruppe.PAPIR: 1}
    give_up(owner, mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 1}


def test_who_has_read_in_altinn_has_got_it_whatever_altinn_says_later(owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=0, altinn=1))
    stop(kommune, mailing)
    assert retry.do_not_print(mailing.id, actor=kommune.aktor("stopper")) == 1
    [one] = letters_of(mailing)
    with transaction():
        read_status.record_reading(one, kode="LEST", aktor="test")
    fail(mailing, Kanal.ALTINN)
    assert answer(kommune, mailing).grupper == {Gruppe.LEVERT_DIGITALT: 1}


def test_what_another_print_house_has_taken_over_is_not_ordered_anew(owner: Owner) -> None:
    kommune, mailing, world = on_paper(owner, 1)
    give_up(owner, mailing)
    with transaction() as tx:
        tx.execute(
            update(Ordre)
            .where(Ordre.kilde_id.in_(letters_of(mailing)))
            .values(status="MOTTATT", pakke_id=None)
        )
    retry.retry_letter(mailing.id, 2, actor=kommune.aktor("saksbehandler"))
    hand_over(owner, world)
    assert [order.status for order in orders_of(mailing)] == ["MOTTATT"]
    assert progress.progress(mailing.id, actor=kommune.aktor("leser")).til_behandling == 0
    stop(kommune, mailing)
    assert answer(kommune, mailing).papir_som_kan_stoppes == 1
    assert stop_paper(kommune, mailing) == 1


def test_what_was_given_up_and_lives_on_elsewhere_is_not_said_to_be_stoppable(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner, 1)
    give_up(owner, mailing)
    [order] = orders_of(mailing)
    with transaction() as tx:
        tx.execute(update(Ordre).where(Ordre.id == order.id).values(status="PRODUSERT"))
    stop(kommune, mailing)
    svar = answer(kommune, mailing)
    assert (svar.grupper, svar.papir_som_kan_stoppes) == ({Gruppe.PAPIR: 1}, 0)
    assert stop_paper(kommune, mailing) == 0


def test_what_was_never_sent_and_is_deleted_was_never_sent(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    stop(kommune, mailing)
    actions.delete_letters(letters_of(mailing, Status.MANUELT_HANDTERT), actor=kommune.aktor("stopper"))
    maker = kommune.aktor("saksbehandler")
    new = new_from_unsent(mailing.id, actor=maker)
    assert len(rows_of(new)) == 10
    assert earlier_mailings.find_repeats(new, actor=maker) is None
