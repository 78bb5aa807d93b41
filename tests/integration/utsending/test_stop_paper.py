"""After a stop: what no print house has yet can be kept off paper, and what came to nothing was never sent."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import packing
from fiks.print.handover import receipts as printing
from fiks.print.models import Ordre
from fiks.print.receipt_feed import Ordrefeed
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse, Levering, Leveringsforsok
from fiks.svarut.paper import cancellation
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender import actions
from fiks.utsending.approval import service
from fiks.utsending.sending import progress, retry, stop_report
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.stop_report import Gruppe, Stoppsvar
from tests.integration.print.orders import HOUSE, FakeHouse, deliver, receipt_of
from tests.integration.svarut.letters import codes, let_lesefrist_pass
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    hand_over,
    make_kommune,
    make_mailing,
    send_all,
)
from tests.integration.utsending.test_stop import half_sent, rows_of, world_of

pytestmark = pytest.mark.usefixtures("house")


def stop(kommune: Kommune, mailing: Mailing) -> int:
    return service.stop(mailing.id, actor=kommune.aktor("stopper"))


def stop_paper(kommune: Kommune, mailing: Mailing) -> int:
    return retry.stop_paper(mailing.id, actor=kommune.aktor("stopper"))


def answer(kommune: Kommune, mailing: Mailing) -> Stoppsvar:
    session().rollback()
    return stop_report.count_groups(mailing.id, actor=kommune.aktor("leser"))


def letters_of(mailing: Mailing, *which: Status) -> list[UUID]:
    found = select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)
    return list(session().scalars(found.where(Forsendelse.status.in_(which)) if which else found))


def orders_of(mailing: Mailing) -> list[Ordre]:
    session().rollback()
    return list(session().scalars(select(Ordre).where(Ordre.kilde_id.in_(letters_of(mailing)))))


def on_paper(owner: Owner, n: int = 3) -> tuple[Kommune, Mailing, Postkasser]:
    """A mailing whose letters are all ordered printed, and lie in no package."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, n)
    world = world_of(mailing, postkasse=0, altinn=0)
    send_all(kommune, mailing, owner, world)
    return kommune, mailing, world


def from_altinn(owner: Owner) -> tuple[Kommune, Mailing, Postkasser]:
    """A mailing of two letters that nobody read in Altinn, and which are ordered printed."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    world = world_of(mailing, postkasse=0, altinn=2)
    send_all(kommune, mailing, owner, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(owner, world)
    return kommune, mailing, world


def give_up(owner: Owner, mailing: Mailing) -> None:
    """The print house takes what is ordered, and says that it cannot print the mailing's letters."""
    deliver(owner, FakeHouse())
    for order in orders_of(mailing):
        printing.apply_receipt(HOUSE, receipt_of(order.id, "FEILET", "papirstopp"))
    feed.read_feed(Kanal.PRINT, Ordrefeed("SVARUT"))
    session().rollback()


def test_what_no_print_house_has_yet_is_kept_off_paper_and_was_never_sent(owner: Owner) -> None:
    kommune, mailing, world = half_sent(owner)
    stop(kommune, mailing)
    before = answer(kommune, mailing)
    assert (before.grupper[Gruppe.PAPIR], before.papir_som_kan_stoppes) == (3, 3)
    assert stop_paper(kommune, mailing) == 3
    after = answer(kommune, mailing)
    assert after.grupper == {
        Gruppe.LEVERT_DIGITALT: 4,
        Gruppe.ALTINN_ULEST: 3,
        Gruppe.STOPPET: 13,
        Gruppe.PARKERT: 2,
    }
    assert (after.fikk, after.fikk_ikke, after.papir_som_kan_stoppes) == (7, 15, 0)
    packing.pack_all()
    assert {(order.status, order.pakke_id, order.objekt) for order in orders_of(mailing)} == {
        ("AVBESTILT", None, None)
    }
    assert stop_paper(kommune, mailing) == 0
    assert hand_over(owner, world) == 0
    new = new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert len(rows_of(new)) == 13


def test_what_is_in_a_package_is_printed_and_says_so(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner)
    stop(kommune, mailing)
    assert answer(kommune, mailing).papir_som_kan_stoppes == 3
    deliver(owner, FakeHouse())
    assert answer(kommune, mailing).papir_som_kan_stoppes == 0
    assert stop_paper(kommune, mailing) == 0
    [closed, *_] = letters_of(mailing)
    actions.set_manually_handled(closed, actor=kommune.aktor("stopper"))
    svar = answer(kommune, mailing)
    assert (svar.grupper, svar.fikk) == ({Gruppe.PAPIR: 3}, 3)


def test_what_lies_in_altinn_stays_there_and_says_when_it_came(owner: Owner) -> None:
    kommune, mailing, _ = from_altinn(owner)
    stop(kommune, mailing)
    assert stop_paper(kommune, mailing) == 2
    svar = answer(kommune, mailing)
    assert (svar.grupper, svar.fikk) == ({Gruppe.IKKE_SKREVET_UT: 2}, 2)
    came = (
        select(Forsendelse.id)
        .join(Levering, Levering.forsendelse_id == Forsendelse.id)
        .join(Leveringsforsok, Leveringsforsok.levering_id == Levering.id)
        .where(
            Forsendelse.utsending_id == mailing.id,
            Levering.kanal == Kanal.ALTINN,
            Leveringsforsok.avsluttet == Forsendelse.overlevert,
            Forsendelse.kanal == Kanal.ALTINN,
        )
    )
    assert sorted(session().scalars(came)) == sorted(letters_of(mailing))


def test_a_stop_ends_letters_whose_printing_came_to_nothing(owner: Owner) -> None:
    kommune, mailing, world = on_paper(owner)
    give_up(owner, mailing)
    assert progress.progress(mailing.id, actor=kommune.aktor("leser")).til_behandling == 3
    retry.retry_letter(mailing.id, 2, actor=kommune.aktor("saksbehandler"))
    assert stop(kommune, mailing) == 3
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 3}
    assert hand_over(owner, world) == 0
    assert {(order.status, order.objekt) for order in orders_of(mailing)} == {("FEILET", None)}


def test_letters_that_the_print_house_gives_up_after_the_stop_wait_for_nobody(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner)
    other_kommune, going_on, _ = on_paper(owner)
    stop(kommune, mailing)
    retry.end_failed_paper()  # what other tests have left
    give_up(owner, mailing)
    give_up(owner, going_on)
    assert retry.end_failed_paper() == 3
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 3}
    assert progress.progress(mailing.id, actor=kommune.aktor("leser")).til_behandling == 0
    still = progress.progress(going_on.id, actor=other_kommune.aktor("leser"))
    assert still.til_behandling == 3
    assert retry.end_failed_paper() == 0
    [first, *_] = letters_of(mailing)
    assert codes(first)[-2:] == ["STOPPET", "STOPPET"]


def test_paper_is_kept_back_only_where_the_rest_is_stopped_too(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner)
    with pytest.raises(Konflikt, match="IKKE_STOPPET"):
        stop_paper(kommune, mailing)
    assert cancellation.count_stoppable(mailing.id) == 3


def test_what_the_sender_prints_itself_is_left_to_the_sender(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner)
    with transaction() as tx:
        tx.execute(
            update(Ordre).where(Ordre.kilde_id.in_(letters_of(mailing))).values(leverandor="MANUELL_PRINT")
        )
    stop(kommune, mailing)
    assert (answer(kommune, mailing).papir_som_kan_stoppes, stop_paper(kommune, mailing)) == (0, 0)
    [closed, *_] = letters_of(mailing)
    actions.set_manually_handled(closed, actor=kommune.aktor("stopper"))
    assert answer(kommune, mailing).grupper == {Gruppe.PAPIR: 3}


def test_more_letters_than_a_portion_are_all_kept_off_paper(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancellation, "PORTION", 2)
    kommune, mailing, _ = on_paper(owner, 5)
    stop(kommune, mailing)
    assert stop_paper(kommune, mailing) == 5


def test_one_letter_closed_by_hand_before_it_was_in_a_package_was_never_sent(owner: Owner) -> None:
    kommune, mailing, _ = on_paper(owner)
    [one, *_] = letters_of(mailing)
    actions.set_manually_handled(one, actor=kommune.aktor("stopper"))
    stop(kommune, mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 1, Gruppe.PAPIR: 2}


def test_the_answer_stays_when_the_letters_are_deleted(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    stop(kommune, mailing)
    deleted = letters_of(mailing, Status.SENDT_ALTINN, Status.MANUELT_HANDTERT, Status.SENDT_SDP)
    actions.delete_letters(deleted, actor=kommune.aktor("stopper"))
    svar = answer(kommune, mailing)
    assert svar.grupper == {
        Gruppe.LEVERT_DIGITALT: 4,
        Gruppe.IKKE_SKREVET_UT: 3,
        Gruppe.PAPIR: 3,
        Gruppe.STOPPET: 10,
        Gruppe.PARKERT: 2,
    }
    actions.delete_letters(letters_of(mailing, Status.SENDT_PRINT), actor=kommune.aktor("stopper"))
    assert answer(kommune, mailing).grupper[Gruppe.STOPPET] == 13
