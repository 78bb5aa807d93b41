"""What the kommune is told of a letter that a channel had and failed with: nowhere that it is done while it waits."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.history import remark
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OVERGANGER, Bane, Kanal, Leveringsstatus, Status
from fiks.utsending.models import Utsending
from fiks.utsending.overview import dashboard, mailings
from fiks.utsending.overview.tasks import Oppgaveslag
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import progress, reports, retry
from fiks.utsending.sending.progress import Fremdrift
from fiks.utsending.sending.reports import Rapportrad
from fiks.utsending.sending.retry import Uleste
from fiks.utsending.sending.stop_report import Gruppe
from portal.utsending.mailing.progress import name_of
from tests.integration.houses import HOUSE
from tests.integration.svarut.letters import let_lesefrist_pass
from tests.integration.utsending.browser import log_in, post, text_of
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    hand_over,
    make_kommune,
    make_mailing,
    send_all,
)
from tests.integration.utsending.test_late_answers import fail
from tests.integration.utsending.test_stop import half_sent, world_of
from tests.integration.utsending.test_stop_paper import answer, from_altinn, give_up, on_paper, stop
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")
U = Utsendingstatus
AWAY = ProvIgjen("HTTP_403")


def failed_with(owner: Owner, kanal: Kanal, n: int = 3) -> tuple[Kommune, Mailing, Postkasser]:
    """A mailing that `kanal` took and then failed with; each letter's next hand-over is ready."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, n)
    in_mailbox = kanal is Kanal.DPI
    world = world_of(mailing, postkasse=n if in_mailbox else 0, altinn=0 if in_mailbox else n)
    send_all(kommune, mailing, owner, world)
    fail(mailing, kanal)
    return kommune, mailing, world


def refused_by_its_system(owner: Owner) -> tuple[Kommune, Mailing, Postkasser]:
    """Three letters that a mottakersystem was offered and refused for good, so that Altinn is next."""
    kommune, mailing, world = failed_with(owner, Kanal.DPI)
    with transaction() as tx:
        mine = update(Forsendelse).where(Forsendelse.utsending_id == mailing.id)
        tx.execute(mine.values(status=Status.KLAR_FOR_MOTTAK, kanal=Kanal.SVARINN))
    return kommune, mailing, world


def now(kommune: Kommune, mailing: Mailing) -> Fremdrift:
    session().rollback()
    return progress.progress(mailing.id, actor=kommune.aktor("leser"))


def set_mailing(mailing: Mailing, status: Utsendingstatus) -> None:
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(status=status))


def needs_a_person(mailing: Mailing, antall: int = 1) -> None:
    """The channel that is next says no to so many of the mailing's letters that somebody must look at them."""
    with transaction() as tx:
        ready = select(Levering.id).where(
            Levering.utsending_id == mailing.id, Levering.status == Leveringsstatus.KLAR
        )
        tx.execute(
            update(Levering)
            .where(Levering.id.in_(ready.order_by(Levering.id).limit(antall)))
            .values(status=Leveringsstatus.TIL_BEHANDLING, feilkode="HTTP_403")
        )


def report(kommune: Kommune, mailing: Mailing) -> list[Rapportrad]:
    session().rollback()
    return list(reports.report_rows(mailing.id, actor=kommune.aktor("leser")))


@pytest.mark.parametrize(
    "away", [True, False], ids=["which Altinn does not take now", "which nobody has claimed"]
)
def test_not_all_are_handed_over_while_one_that_the_mailbox_failed_with_waits_for_altinn(
    app: Flask, owner: Owner, away: bool
) -> None:
    kommune, mailing, world = failed_with(owner, Kanal.DPI)
    client, address = log_in(app, kommune, "leser"), f"/utsendinger/{mailing.id}"
    if away:
        world.nede = {Kanal.ALTINN: AWAY}
        hand_over(owner, world)
    stands = now(kommune, mailing)
    assert (stands.sendt, stands.underveis, stands.proves_videre, stands.rader) == (0, 3, 3, 3)
    page = client.get(address).text
    check_page(page)
    assert "Fremdrift 0 av 3" in text_of(page)
    assert "3 brev kom ikke fram, og prøves videre." in text_of(page)
    assert "Alle brev er" not in page
    if not away:
        hand_over(owner, world)
        text = text_of(client.get(address).text)
        assert "Fremdrift 3 av 3" in text
        assert "Alle brev er overlevert." in text
        assert "prøves videre" not in text


@pytest.mark.parametrize("make", [refused_by_its_system, lambda owner: failed_with(owner, Kanal.ALTINN)])
def test_what_a_system_or_altinn_failed_with_is_not_handed_over_either(owner: Owner, make: object) -> None:
    assert callable(make)
    kommune, mailing, _ = make(owner)
    stands = now(kommune, mailing)
    assert (stands.sendt, stands.underveis) == (0, 3)
    assert stands.venter + stands.parkert + sum(stands.per_status.values()) == stands.rader == 3


def test_what_the_print_house_gave_up_is_not_handed_over_until_it_is_ordered_anew(owner: Owner) -> None:
    kommune, mailing, world = on_paper(owner)
    give_up(owner, mailing)
    stands = now(kommune, mailing)
    assert (stands.sendt, stands.underveis, stands.proves_videre, stands.til_behandling) == (0, 3, 0, 3)
    retry.retry_letter(mailing.id, 2, actor=kommune.aktor("saksbehandler"))
    assert now(kommune, mailing).proves_videre == 1
    hand_over(owner, world)
    assert (now(kommune, mailing).sendt, now(kommune, mailing).underveis) == (1, 2)


@pytest.mark.parametrize(
    "make",
    [
        refused_by_its_system,
        lambda owner: failed_with(owner, Kanal.ALTINN),
        lambda owner: failed_with(owner, Kanal.DPI),
    ],
)
def test_whom_no_channel_has_reached_yet_has_not_got_it_after_a_stop(
    app: Flask, owner: Owner, make: object
) -> None:
    assert callable(make)
    kommune, mailing, _ = make(owner)
    stop(kommune, mailing)
    svar = answer(kommune, mailing)
    assert svar.grupper == {Gruppe.AVKLARES: 3}
    assert (svar.fikk, svar.fikk_ikke, svar.avklares, svar.rader) == (0, 0, 3, 3)
    page = log_in(app, kommune, "stopper").get(f"/utsendinger/{mailing.id}").text
    check_page(page)
    assert "Har fått brevet 0 Har ikke fått brevet 0 Avklares 3" in text_of(page)


def unread(owner: Owner) -> tuple[Kommune, Mailing]:
    """Two letters that nobody read in Altinn before the deadline; their paper is not ordered yet."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=0, altinn=2))
    assert now(kommune, mailing).underveis == 0
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    return kommune, mailing


def test_what_lay_unread_in_altinn_until_the_deadline_was_handed_over(app: Flask, owner: Owner) -> None:
    kommune, mailing = unread(owner)
    stands = now(kommune, mailing)
    assert (stands.sendt, stands.underveis, stands.til_papir) == (2, 0, 2)
    text = text_of(log_in(app, kommune, "leser").get(f"/utsendinger/{mailing.id}").text)
    assert "2 brev ble ikke lest i Altinn innen lesefristen, og blir sendt til utskrift." in text
    assert "Alle brev er" not in text
    assert dashboard.key_figures(actor=kommune.aktor("leser")).gjenstar == 0
    assert {row.status for row in report(kommune, mailing)} == {"SENDT_ALTINN"}
    stop(kommune, mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.ALTINN_ULEST: 2}


def test_what_altinn_says_after_the_deadline_that_it_failed_with_was_not(owner: Owner) -> None:
    kommune, mailing = unread(owner)
    fail(mailing, Kanal.ALTINN)
    stands = now(kommune, mailing)
    assert (stands.sendt, stands.underveis, stands.til_papir) == (0, 2, 0)
    assert dashboard.key_figures(actor=kommune.aktor("leser")).gjenstar == 2
    assert {(row.status, row.sendt) for row in report(kommune, mailing)} == {("PROVES_VIDERE", None)}
    stop(kommune, mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.AVKLARES: 2}


def test_what_is_on_paper_after_altinn_is_handed_over(owner: Owner) -> None:
    kommune, mailing, _ = from_altinn(owner)
    stands = now(kommune, mailing)
    assert (stands.sendt, stands.underveis, stands.til_papir) == (2, 0, 0)


def test_the_report_gives_no_day_of_hand_over_and_no_deadline_of_what_did_not_arrive(
    app: Flask, owner: Owner
) -> None:
    kommune, mailing, world = failed_with(owner, Kanal.DPI)
    needs_a_person(mailing)
    rows = report(kommune, mailing)
    assert sorted(row.status for row in rows) == ["PROVES_VIDERE", "PROVES_VIDERE", "TIL_BEHANDLING"]
    assert {(row.sendt, row.klagefrist, row.kanal) for row in rows} == {(None, None, "DPI")}
    text = "".join(reports.csv_lines(rows, name_of))
    assert (text.count("Kom ikke fram, prøves videre"), text.count("Må behandles")) == (2, 1)
    letter_page = log_in(app, kommune, "leser").get(f"/utsendinger/{mailing.id}/brevliste/2").text
    check_page(letter_page)
    assert "Overlevert Ikke ennå Klagefrist Regnes ut når brevet er overlevert" in text_of(letter_page)
    hand_over(owner, world)
    rows = report(kommune, mailing)
    assert sorted(row.status for row in rows) == ["SENDT_ALTINN", "SENDT_ALTINN", "TIL_BEHANDLING"]
    assert sum(row.sendt is not None and row.klagefrist is not None for row in rows) == 2


def test_the_overview_counts_what_did_not_arrive_among_what_remains(owner: Owner) -> None:
    kommune, _, world = failed_with(owner, Kanal.DPI)
    assert dashboard.key_figures(actor=kommune.aktor("leser")).gjenstar == 3
    hand_over(owner, world)
    session().rollback()
    assert dashboard.key_figures(actor=kommune.aktor("leser")).gjenstar == 0


def after_lesefrist(owner: Owner) -> tuple[Kommune, Mailing]:
    """Two letters that nobody read in Altinn before the deadline, and that Altinn has failed with since."""
    kommune, mailing = unread(owner)
    fail(mailing, Kanal.ALTINN)
    return kommune, mailing


def ended(owner: Owner, *, altinn: int = 0, postkasse: int = 0) -> tuple[Kommune, Mailing]:
    """Two letters never to go on paper: the channel failed with those of Altinn, the mailbox with the others."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=postkasse, altinn=altinn))
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.utsending_id == mailing.id).values(kun_digital=True))
    fail(mailing, Kanal.ALTINN)
    return kommune, mailing


@pytest.mark.parametrize(
    ("make", "sendt", "med_dato"),
    [
        (refused_by_its_system, 0, 0),
        (lambda owner: failed_with(owner, Kanal.DPI), 0, 0),
        (lambda owner: failed_with(owner, Kanal.ALTINN), 0, 0),
        (unread, 2, 2),
        (after_lesefrist, 0, 0),
        (from_altinn, 2, 2),
        (lambda owner: ended(owner, altinn=1, postkasse=1), 2, 1),
    ],
    ids=[
        "system",
        "mailbox",
        "altinn",
        "unread",
        "altinn after lesefrist",
        "paper after altinn",
        "nobody got one",
    ],
)
def test_the_list_the_page_and_the_report_count_each_letter_once_and_agree(
    app: Flask, owner: Owner, make: object, sendt: int, med_dato: int
) -> None:
    assert callable(make)
    kommune, mailing, *_ = make(owner)
    [listed] = mailings.mailings(actor=kommune.aktor("leser"))
    page = now(kommune, mailing)
    rows = report(kommune, mailing)
    assert (listed.sendt, page.sendt) == (sendt, sendt)
    assert sum(row.status not in ("PROVES_VIDERE", "TIL_BEHANDLING") for row in rows) == sendt
    assert sum(row.sendt is not None for row in rows) == med_dato == sendt - page.ikke_levert
    client = log_in(app, kommune, "leser")
    assert f"Sendes {sendt} av {listed.skal_sendes} 0" in text_of(client.get("/utsendinger").text)
    assert f"Fremdrift {sendt} av {listed.skal_sendes}" in text_of(
        client.get(f"/utsendinger/{mailing.id}").text
    )


def test_the_list_counts_of_a_stopped_mailing_whom_its_answer_says_has_got_it(owner: Owner) -> None:
    kommune, mailing, _ = half_sent(owner)
    stop(kommune, mailing)
    session().rollback()
    [listed] = mailings.mailings(actor=kommune.aktor("leser"))
    assert listed.sendt == answer(kommune, mailing).fikk == 10


def half_failed(owner: Owner) -> tuple[Kommune, Mailing, Postkasser]:
    """Three letters in Altinn, which has failed with one of them since."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    world = world_of(mailing, postkasse=0, altinn=3)
    send_all(kommune, mailing, owner, world)
    fail(mailing, Kanal.ALTINN, 1)
    return kommune, mailing, world


def test_the_question_of_not_printing_counts_what_the_act_does_and_tells_what_nobody_has_apart(
    app: Flask, owner: Owner
) -> None:
    kommune, mailing, _ = half_failed(owner)
    actor, client = kommune.aktor("stopper"), log_in(app, kommune, "stopper")
    page = f"/utsendinger/{mailing.id}/ikke-skriv-ut"
    assert retry.count_unread(mailing.id, actor=actor) == Uleste(2, 1)
    asked = client.get(page).text
    check_page(asked)
    assert "2 brev ligger ulest i Altinn. De blir liggende der" in text_of(asked)
    assert "1 brev kunne ikke leveres i Altinn, og skulle på papir." in text_of(asked)
    assert "så mottakeren får det ikke." in text_of(asked)
    told = text_of(client.get(post(client, page, page).location).text)
    assert "3 brev blir ikke skrevet ut. Det som ligger i Altinn, blir der." in told
    stop(kommune, mailing)
    assert answer(kommune, mailing).grupper == {Gruppe.IKKE_SKREVET_UT: 2, Gruppe.STOPPET: 1}
    session().rollback()
    for _ in range(2):
        again = client.get(client.get(page).location).text
        assert "Ingen brev er holdt tilbake" in text_of(again)


def asked_to_stop(app: Flask, kommune: Kommune, mailing: Mailing) -> str:
    """The words of the question, the same on the page of its own and on the mailing's."""
    client, address = log_in(app, kommune, "stopper"), f"/utsendinger/{mailing.id}"
    page = client.get(f"{address}/stopp").text
    check_page(page)
    words = text_of(page).split("kan ikke trekkes tilbake.")[1].split("Utsendingen kan ikke startes igjen")[0]
    assert words in text_of(client.get(address).text)
    return words.strip()


@pytest.mark.parametrize(
    "make",
    [
        refused_by_its_system,
        lambda owner: failed_with(owner, Kanal.ALTINN),
        lambda owner: failed_with(owner, Kanal.DPI),
    ],
)
def test_the_question_of_stopping_says_that_letters_on_their_way_to_the_next_channel_go_on(
    app: Flask, owner: Owner, make: object
) -> None:
    assert callable(make)
    kommune, mailing, world = make(owner)
    assert asked_to_stop(app, kommune, mailing) == (
        "3 brev kom ikke fram der de først ble sendt, og er på vei til neste kanal: Altinn eller papir. "
        "De sendes selv om du stopper."
    )
    stop(kommune, mailing)
    hand_over(owner, world)
    assert answer(kommune, mailing).avklares == 0, "the next channel has taken them"


def test_the_question_of_stopping_says_that_unread_letters_are_printed_and_how_to_prevent_it(
    app: Flask, owner: Owner
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    world = world_of(mailing, postkasse=0, altinn=2)
    send_all(kommune, mailing, owner, world)
    how = "Skal uleste brev ikke på papir, velger du «Ikke skriv ut uleste brev» etter at du har stoppet."
    assert asked_to_stop(app, kommune, mailing) == (
        "2 brev ligger ulest i Altinn. Brev som skal på papir når de ikke blir lest innen fristen, skrives ut selv om "
        f"du stopper. {how}"
    )
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    assert asked_to_stop(app, kommune, mailing) == (
        "2 brev ble ikke lest i Altinn innen fristen, og er på vei til trykkeriet. De skrives ut selv om du stopper. "
        f"{how}"
    )
    stop(kommune, mailing)
    hand_over(owner, world)
    assert answer(kommune, mailing).grupper == {Gruppe.PAPIR: 2}


def test_the_question_of_stopping_says_what_becomes_of_what_nobody_has_and_waits(
    app: Flask, owner: Owner
) -> None:
    kommune, mailing, _ = on_paper(owner)
    give_up(owner, mailing)
    assert (
        asked_to_stop(app, kommune, mailing)
        == "3 brev kom ikke fram, og er ikke sendt på nytt. De stoppes også."
    )
    assert stop(kommune, mailing) == 3

    kommune, mailing, _ = failed_with(owner, Kanal.DPI)
    needs_a_person(mailing, 3)
    assert (
        asked_to_stop(app, kommune, mailing)
        == "3 brev kom ikke fram, og er ikke sendt på nytt. De stoppes også."
    )
    assert stop(kommune, mailing) == 3

    kommune, mailing, _ = failed_with(owner, Kanal.ALTINN, 1)
    needs_a_person(mailing)
    assert "1 brev som må behandles, kommer ikke videre" in asked_to_stop(app, kommune, mailing)
    stop(kommune, mailing)
    assert now(kommune, mailing).til_behandling == 1


def test_the_question_of_stopping_says_nothing_of_the_kind_when_there_are_none(
    app: Flask, owner: Owner
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=1, altinn=0))
    assert asked_to_stop(app, kommune, mailing) == ""


def tasks(kommune: Kommune, rolle: str) -> list[tuple[Oppgaveslag, UUID, int]]:
    session().rollback()
    return [(one.slag, one.id, one.antall) for one in dashboard.tasks_for(actor=kommune.aktor(rolle))]


@pytest.mark.parametrize("status", [U.SENDES, U.FULLFORT])
def test_what_waits_for_a_person_in_a_mailing_that_is_over_stands_among_the_tasks(
    owner: Owner, status: Utsendingstatus
) -> None:
    kommune, mailing, _ = refused_by_its_system(owner)
    assert tasks(kommune, "saksbehandler") == []
    needs_a_person(mailing, 2)
    set_mailing(mailing, status)
    assert tasks(kommune, "saksbehandler") == [(Oppgaveslag.FEIL, mailing.id, 2)]
    assert tasks(kommune, "leser") == []
    assert retry.retry_all(mailing.id, actor=kommune.aktor("saksbehandler")) == 2
    assert tasks(kommune, "saksbehandler") == []


def test_the_page_of_a_mailing_that_is_over_says_that_letters_need_somebody(app: Flask, owner: Owner) -> None:
    kommune, mailing, _ = refused_by_its_system(owner)
    needs_a_person(mailing, 2)
    set_mailing(mailing, U.FULLFORT)
    page = log_in(app, kommune, "saksbehandler").get(f"/utsendinger/{mailing.id}").text
    check_page(page)
    text = text_of(page)
    assert "2 brev må behandles" in text
    assert "1 brev kom ikke fram, og prøves videre." in text
    assert "Fremdrift 0 av 3" in text
    assert "Prøv alle på nytt" in text


def test_in_a_stopped_mailing_the_task_is_that_of_who_may_close_the_letter(app: Flask, owner: Owner) -> None:
    kommune, mailing, _ = refused_by_its_system(owner)
    needs_a_person(mailing)
    stop(kommune, mailing)
    assert tasks(kommune, "stopper") == [(Oppgaveslag.FEIL, mailing.id, 1)]
    assert tasks(kommune, "saksbehandler") == []
    for rolle, closes in (("stopper", True), ("saksbehandler", False)):
        text = text_of(log_in(app, kommune, rolle).get(f"/utsendinger/{mailing.id}").text)
        assert "1 brev må behandles" in text
        assert "Utsendingen er stoppet, så de kan ikke prøves på nytt." in text
        assert ("Sett som håndtert" in text) is closes
        assert "prøv på nytt når det er ordnet" not in text


def one_is_restricted(mailing: Mailing) -> int:
    """One of the mailing's letters that wait for a person does so in the restricted lane; the number of its row."""
    with transaction() as tx:
        waits = Levering.utsending_id == mailing.id, Levering.status == Leveringsstatus.TIL_BEHANDLING
        one = tx.scalars(select(Levering).where(*waits).order_by(Levering.id)).first()
        assert one is not None
        one.bane, one.feilkode = Bane.SPERRET, "ADRESSE_SPERRET"
        remark(one.forsendelse_id, "MA_BEHANDLES", aktor=HOUSE.ref)
        return tx.scalars(select(Forsendelse.radnr).where(Forsendelse.id == one.forsendelse_id)).one() or 0


def let_see_restricted(kommune: Kommune, rolle: str) -> None:
    konfigurasjon.grant_privilegium(kommune.personer[rolle], P.SE_SPERRET, kommune.konto_id, actor=HOUSE)


def test_a_restricted_letter_is_counted_apart_and_the_task_of_who_may_see_it(owner: Owner) -> None:
    kommune, mailing, _ = refused_by_its_system(owner)
    needs_a_person(mailing, 2)
    radnr, maker = one_is_restricted(mailing), kommune.aktor("saksbehandler")
    stands = now(kommune, mailing)
    assert (stands.til_behandling, stands.sperret, stands.kan_proves) == (2, 1, 1)
    assert tasks(kommune, "saksbehandler") == [(Oppgaveslag.FEIL, mailing.id, 1)]
    let_see_restricted(kommune, "leser")
    assert tasks(kommune, "leser") == [(Oppgaveslag.SPERRET, mailing.id, 1)]
    assert retry.retry_all(mailing.id, actor=maker) == 1
    assert tasks(kommune, "saksbehandler") == []
    with pytest.raises(Konflikt, match="KAN_IKKE_PROVES_IGJEN"):
        retry.retry_letter(mailing.id, radnr, actor=maker)
    let_see_restricted(kommune, "saksbehandler")
    with pytest.raises(Konflikt, match="KAN_IKKE_PROVES_IGJEN"):
        retry.retry_letter(mailing.id, radnr, actor=maker)


@pytest.mark.parametrize("sees", [True, False])
def test_whose_the_restricted_letter_is_stands_only_where_who_may_see_it_looks(
    app: Flask, owner: Owner, sees: bool
) -> None:
    kommune, mailing, _ = refused_by_its_system(owner)
    needs_a_person(mailing, 1)
    radnr = one_is_restricted(mailing)
    if sees:
        let_see_restricted(kommune, "saksbehandler")
    client, address = log_in(app, kommune, "saksbehandler"), f"/utsendinger/{mailing.id}"
    page = client.get(address).text
    check_page(page)
    assert "1 brev må behandles av en med tilgang til sperrede brev" in text_of(page)
    assert "Prøv alle på nytt" not in page
    assert ("Sett som håndtert" in page) is sees
    shown = client.get(f"{address}/brevliste?feil=ja").text
    everything = client.get(f"{address}/brevliste").text
    letter = client.get(f"{address}/brevliste/{radnr}").text
    for html in (shown, everything, letter):
        check_page(html)
        assert "Prøv igjen" not in html
        assert ("/forsendelser/" in html and "Åpne brevet" in html) is sees
    assert ("Ingen treff" in shown) is not sees
    assert ("Må behandles" in everything) is sees
    told = reports.report_rows(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert [row.status for row in told if row.radnr == radnr] == [
        "TIL_BEHANDLING" if sees else "PROVES_VIDERE"
    ]
    assert ("Må behandles av en person" in letter) is sees


@pytest.mark.parametrize("status", Status)
def test_nobody_is_asked_to_close_what_nobody_can_close(owner: Owner, status: Status) -> None:
    kommune, mailing, _ = failed_with(owner, Kanal.DPI, 1)
    needs_a_person(mailing)
    set_mailing(mailing, U.STOPPET)
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.utsending_id == mailing.id).values(status=status))
    assert bool(tasks(kommune, "stopper")) is (Status.MANUELT_HANDTERT in OVERGANGER[status])
