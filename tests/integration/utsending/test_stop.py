"""Stop: nothing more leaves, the answer is exact, the unsent rows can become a new mailing."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.sender import actions
from fiks.utsending import earlier_mailings
from fiks.utsending.approval import service
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.overview import mailing_page
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import progress as sending_progress
from fiks.utsending.sending import reports, retry, stop_report
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.retry import Uleste
from fiks.utsending.sending.stop_report import Gruppe
from tests.integration.databases import QuickProcess
from tests.integration.houses import new_fnr
from tests.integration.svarut.in_between import before_statement
from tests.integration.utsending.browser import log_in, text_of
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    feed,
    hand_over,
    make_kommune,
    make_mailing,
    release,
    send_all,
)
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")


def world_of(mailing: Mailing, *, postkasse: int, altinn: int) -> Postkasser:
    """The first rows have a mailbox, the next ones Altinn, the rest nothing: paper."""
    numbers = list(mailing.fnr.values())
    return Postkasser(set(numbers[:postkasse]), set(numbers[postkasse : postkasse + altinn]))


def half_sent(owner: Owner) -> tuple[Kommune, Mailing, Postkasser]:
    """Twenty rows, two parked: ten handed over (four mailbox, three Altinn, three paper), five taken in, five not."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 20, parkert=2)
    world = world_of(mailing, postkasse=4, altinn=3)
    release(kommune, mailing)
    feed(mailing, 10)
    hand_over(owner, world)
    feed(mailing, 5)
    return kommune, mailing, world


def test_a_stop_says_exactly_who_got_it_and_who_did_not(owner: Owner) -> None:
    kommune, mailing, world = half_sent(owner)
    stopped = service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert stopped == 5
    svar = stop_report.count_groups(mailing.id, actor=kommune.aktor("stopper"))
    assert svar.grupper == {
        Gruppe.LEVERT_DIGITALT: 4,
        Gruppe.ALTINN_ULEST: 3,
        Gruppe.PAPIR: 3,
        Gruppe.STOPPET: 10,
        Gruppe.PARKERT: 2,
    }
    assert (svar.rader, svar.fikk, svar.fikk_ikke, svar.avklares) == (22, 10, 12, 0)
    assert hand_over(owner, world) == 0
    assert len(world.sendt) == 10


def test_the_rows_of_the_groups_are_every_row_once(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    rows = [
        row.radnr
        for gruppe in Gruppe
        for row in stop_report.group_rows(mailing.id, gruppe, actor=kommune.aktor("leser"))
    ]
    assert sorted(rows) == list(range(2, 24))


def test_after_a_stop_the_feeder_makes_no_more_letters(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert feed(mailing) == 0


def test_bulk_do_not_print_keeps_unread_altinn_letters_off_paper(owner: Owner) -> None:
    kommune, mailing, world = half_sent(owner)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert retry.do_not_print(mailing.id, actor=kommune.aktor("stopper")) == 3
    svar = stop_report.count_groups(mailing.id, actor=kommune.aktor("stopper"))
    assert (svar.grupper[Gruppe.IKKE_SKREVET_UT], svar.grupper.get(Gruppe.ALTINN_ULEST)) == (3, None)
    assert svar.fikk == 10
    assert retry.do_not_print(mailing.id, actor=kommune.aktor("stopper")) == 0
    assert hand_over(owner, world) == 0


def test_only_what_a_person_closed_is_told_as_handled_by_hand(app: Flask, owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    stopper, reader = kommune.aktor("stopper"), kommune.aktor("leser")
    by_hand = session().scalars(
        select(Forsendelse.id).where(
            Forsendelse.utsending_id == mailing.id, Forsendelse.status == "AKSEPTERT"
        )
    )
    actions.set_manually_handled(by_hand.first() or UUID(int=0), actor=stopper)
    service.stop(mailing.id, actor=stopper)
    retry.do_not_print(mailing.id, actor=stopper)
    session().rollback()
    told = {"MANUELT_HANDTERT": 1, "STOPPET": 4, "IKKE_SKREVET_UT": 3}
    progress = sending_progress.progress(mailing.id, actor=reader)
    assert {code: n for code, n in progress.per_status.items() if code in told} == told
    assert sum(progress.per_status.values()) + progress.venter + progress.parkert == progress.rader
    for code, n in told.items():
        found = sending_progress.letters(mailing.id, actor=reader, status=code)
        assert ({row.status for row in found}, len(found)) == ({code}, n)
    groups = stop_report.group_rows(mailing.id, Gruppe.STOPPET, actor=reader)
    assert Counter(row.status for row in groups) == {"STOPPET": 4, "MANUELT_HANDTERT": 1, None: 5}
    reported = Counter(row.status for row in reports.report_rows(mailing.id, actor=reader))
    # Five rows were stopped before they had a letter.
    assert {code: reported[code] for code in told} == told | {"STOPPET": 4 + 5}
    client, address = log_in(app, kommune, "leser"), f"/utsendinger/{mailing.id}"
    words = text_of(client.get(address).text)
    assert "Håndtert for hånd 1" in words and "I Altinn, skrives ikke ut 3" in words
    listed = client.get(f"{address}/brevliste?status=IKKE_SKREVET_UT").text
    check_page(listed)
    assert "Viser 3 brev" in text_of(listed)


def test_a_letter_the_print_house_may_have_is_not_promised_off_paper(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    letter = (
        session()
        .scalars(
            select(Forsendelse.id).where(
                Forsendelse.utsending_id == mailing.id, Forsendelse.status == Status.SENDT_ALTINN
            )
        )
        .first()
    )
    assert retry.count_unread(mailing.id, actor=kommune.aktor("stopper")) == Uleste(3, 0)
    with transaction() as tx:
        tx.add(
            Levering(
                forsendelse_id=letter, utsending_id=mailing.id, bane="masse", kanal="PRINT", status="UAVKLART"
            )
        )
    assert retry.count_unread(mailing.id, actor=kommune.aktor("stopper")) == Uleste(2, 0)
    assert retry.do_not_print(mailing.id, actor=kommune.aktor("stopper")) == 2
    assert retry.count_unread(mailing.id, actor=kommune.aktor("stopper")) == Uleste(0, 0)


def test_an_unknown_outcome_is_under_clarification_and_never_sent_after_the_stop(owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    world = world_of(mailing, postkasse=2, altinn=0)
    world.nede[Kanal.DPI] = Uavklart("TIDSAVBRUDD")
    send_all(kommune, mailing, owner, world)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    svar = stop_report.count_groups(mailing.id, actor=kommune.aktor("stopper"))
    assert (svar.avklares, svar.fikk, svar.fikk_ikke) == (2, 0, 0)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.utsending_id == mailing.id).values(status="KLAR"))
    world.nede.clear()
    hand_over(owner, world)
    assert world.sendt == []
    assert stop_report.count_groups(mailing.id, actor=kommune.aktor("stopper")).fikk_ikke == 2


def test_letters_that_wait_for_a_person_are_stopped_too(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    with transaction() as tx:
        tx.execute(
            update(Levering)
            .where(Levering.utsending_id == mailing.id, Levering.status == "KLAR")
            .values(status="TIL_BEHANDLING")
        )
    assert service.stop(mailing.id, actor=kommune.aktor("stopper")) == 5
    assert stop_report.count_groups(mailing.id, actor=kommune.aktor("leser")).avklares == 0


def rows_of(utsending_id: object) -> set[int]:
    return set(
        session().scalars(select(Utsendingsrad.radnr).where(Utsendingsrad.utsending_id == utsending_id))
    )


def test_the_unsent_rows_become_a_new_draft_and_no_row_is_in_both(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    maker = kommune.aktor("saksbehandler")
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    new = new_from_unsent(mailing.id, actor=maker)
    unsent = {r.radnr for r in stop_report.group_rows(mailing.id, Gruppe.STOPPET, actor=maker)}
    assert rows_of(new) == unsent == set(range(12, 22))
    u = mailing_page.detail(new, actor=maker)
    assert (u.status, u.antall_rader, u.forrige_id) == (Utsendingstatus.UTKAST, 10, mailing.id)
    assert earlier_mailings.find_repeats(new, actor=maker) is None
    assert new_from_unsent(mailing.id, actor=maker) == new
    with pytest.raises(Konflikt, match="INGEN_USENDTE"):
        new_from_unsent(mailing.id, actor=kommune.aktor("stopper"))


def test_a_row_settled_later_gets_a_draft_of_its_own(owner: Owner) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    world = world_of(mailing, postkasse=2, altinn=0)
    world.nede[Kanal.DPI] = Uavklart("TIDSAVBRUDD")
    maker = kommune.aktor("saksbehandler")
    release(kommune, mailing)
    feed(mailing, 1)
    hand_over(owner, world)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    first = new_from_unsent(mailing.id, actor=maker)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.utsending_id == mailing.id).values(status="KLAR"))
    hand_over(owner, world)
    second = new_from_unsent(mailing.id, actor=maker)
    assert rows_of(first) | rows_of(second) == {2, 3}
    assert not rows_of(first) & rows_of(second)


def test_a_list_stopped_before_anything_left_may_be_sent_again_unhindered() -> None:
    kommune = make_kommune(angrefrist=600)
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    service.stop(mailing.id, actor=kommune.aktor("saksbehandler"))
    new = new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert rows_of(new) == {2, 3, 4}
    assert earlier_mailings.find_repeats(new, actor=kommune.aktor("saksbehandler")) is None


def test_once_letters_have_left_only_the_right_to_stop_stops(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    with pytest.raises(IkkeTilgang):
        service.stop(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_only_a_stopped_mailing_has_unsent_rows_to_take(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    with pytest.raises(Konflikt, match="IKKE_STOPPET"):
        new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))


def failed(owner: Owner) -> tuple[Kommune, Mailing, Postkasser]:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    world = world_of(mailing, postkasse=3, altinn=0)
    world.nede[Kanal.DPI] = ProvIgjen("IKKE_NAADD")
    release(kommune, mailing)
    feed(mailing)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.utsending_id == mailing.id).values(forsok=20))
    hand_over(owner, world)
    world.nede.clear()
    return kommune, mailing, world


def test_a_failed_letter_is_sent_once_more_when_a_person_says_so(owner: Owner) -> None:
    kommune, mailing, world = failed(owner)
    maker = kommune.aktor("saksbehandler")
    assert sending_progress.progress(mailing.id, actor=maker).til_behandling == 3
    retry.retry_letter(mailing.id, 2, actor=maker)
    hand_over(owner, world)
    assert len(world.sendt) == 1
    with pytest.raises(Konflikt, match="KAN_IKKE_PROVES_IGJEN"):
        retry.retry_letter(mailing.id, 2, actor=maker)
    assert retry.retry_all(mailing.id, actor=maker) == 2
    hand_over(owner, world)
    assert len({letter for _, letter in world.sendt}) == len(world.sendt) == 3


def test_letters_that_came_back_when_their_mailing_was_over_are_sent_once_more_too(
    app: Flask, owner: Owner
) -> None:
    """And a colleague who was before at one of them keeps nobody from sending the others."""
    kommune, mailing, world = failed(owner)
    maker, process = kommune.aktor("saksbehandler"), cast(QuickProcess, SimpleNamespace(app=app))
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status="FULLFORT"))
    session().rollback()
    with before_statement(
        "FOR UPDATE OF levering", process, lambda: retry.retry_letter(mailing.id, 2, actor=maker)
    ):
        assert retry.retry_all(mailing.id, actor=maker) == 2
    hand_over(owner, world)
    assert len({letter for _, letter in world.sendt}) == len(world.sendt) == 3


def test_nothing_is_retried_in_a_stopped_mailing(owner: Owner) -> None:
    kommune, mailing, _ = failed(owner)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        retry.retry_all(mailing.id, actor=kommune.aktor("saksbehandler"))


@pytest.mark.parametrize("rolle", ["leser", "utenfor"])
def test_follow_up_needs_its_right(owner: Owner, rolle: str) -> None:
    kommune, mailing, _ = half_sent(owner)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    actor: Aktor = kommune.aktor(rolle)
    expected = IkkeFunnet if rolle == "utenfor" else IkkeTilgang
    acts = (
        new_from_unsent,
        retry.retry_all,
        retry.count_unread,
        retry.do_not_print,
        retry.stop_paper,
        service.stop,
    )
    for act in acts:
        with pytest.raises(expected):
            act(mailing.id, actor=actor)


def test_the_other_kommune_sees_nothing(owner: Owner) -> None:
    _, mailing, _ = half_sent(owner)
    other = make_kommune("Fjordvik kommune").aktor("stopper")
    for act in (
        stop_report.count_groups,
        new_from_unsent,
        retry.do_not_print,
        retry.stop_paper,
        sending_progress.progress,
    ):
        with pytest.raises(IkkeFunnet):
            act(mailing.id, actor=other)


def test_the_number_of_letters_of_a_receiver_is_never_two(owner: Owner) -> None:
    kommune = make_kommune()
    same = new_fnr()
    mailing = make_mailing(kommune, 4, fnr=[same, new_fnr(), new_fnr(), new_fnr()])
    world = world_of(mailing, postkasse=4, altinn=0)
    release(kommune, mailing)
    feed(mailing, 2)
    hand_over(owner, world)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    new = new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert (
        session()
        .execute(
            select(func.count()).where(
                Utsendingsrad.utsending_id == new,
                Utsendingsrad.mottaker_indeks.in_(
                    select(Forsendelse.mottaker_indeks).where(
                        Forsendelse.utsending_id == mailing.id, Forsendelse.overlevert.is_not(None)
                    )
                ),
            )
        )
        .scalar_one()
        == 0
    )
    assert session().get_one(Utsending, new).liste_digest
