"""What waits for a person stands on the Oversikt of somebody who can do it, whoever has left meanwhile."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Bane
from fiks.utsending.approval import service
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingsrad
from fiks.utsending.overview import dashboard, tasks
from fiks.utsending.overview.tasks import Oppgaveslag
from fiks.utsending.production import service as production_service
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import feeder
from fiks.utsending.sending.copy_unsent import new_from_unsent
from portal.texts.formats import dato
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import make_letter
from tests.integration.utsending.browser import log_in, text_of
from tests.integration.utsending.kommuner import Kommune, Mailing, feed, make_kommune, make_mailing, release
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("house")
U = Utsendingstatus
SENDERS = ("saksbehandler", "stopper")


def waits(kommune: Kommune, rolle: str) -> list[tuple[Oppgaveslag, UUID]]:
    session().rollback()
    return [(one.slag, one.id) for one in dashboard.tasks_for(actor=kommune.aktor(rolle))]


def leaves(kommune: Kommune, *roller: str) -> None:
    """They hold nothing any more."""
    ended = update(Tilgang).where(Tilgang.person_id.in_([kommune.personer[rolle] for rolle in roller]))
    with transaction() as tx:
        tx.execute(ended.values(avsluttet=func.now(), avsluttet_grunn="SLUTTET"))


def without_administrators(kommune: Kommune) -> None:
    with transaction() as tx:
        given = update(Tilgang).where(Tilgang.privilegium == P.ADMIN, Tilgang.avsluttet.is_(None))
        tx.execute(given.values(avsluttet=func.now(), avsluttet_grunn="SLUTTET"))


def not_made(kommune: Kommune, *, lost: bool = False) -> Mailing:
    """One row had no letter that could be made; or the work was lost."""
    mailing = make_mailing(kommune, 3, status=U.PRODUSERES)
    with transaction() as tx:
        failed = {"status": "FEILET", "feilkode": "ARBEID_TAPT"} if lost else {"status": "FERDIG"}
        tx.add(Arbeidsdel(utsending_id=mailing.id, art="RENDER", nr=1, fra=2, til=4, **failed))
        if not lost:
            one = Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == 2
            tx.execute(update(Utsendingsrad).where(*one).values(status="FEIL"))
    assert production_service.end_production(mailing.id)
    return mailing


@pytest.mark.parametrize("lost", [False, True])
def test_letters_that_cannot_be_made_wait_for_who_prepared_them_until_they_are_made_again(lost: bool) -> None:
    kommune = make_kommune()
    mailing = not_made(kommune, lost=lost)
    assert waits(kommune, "saksbehandler") == [(Oppgaveslag.IKKE_LAGET, mailing.id)]
    for rolle in ("stopper", "leser", "godkjenner"):
        assert waits(kommune, rolle) == []
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert waits(kommune, "saksbehandler") == []


def test_what_the_preparer_can_do_no_more_falls_to_all_who_may_send() -> None:
    kommune = make_kommune()
    made, returned = not_made(kommune), make_mailing(kommune, 2)
    service.send_back(returned.id, "Feil kontonummer", actor=kommune.aktor("godkjenner"))
    mine = {(Oppgaveslag.IKKE_LAGET, made.id), (Oppgaveslag.RETT, returned.id)}
    assert set(waits(kommune, "saksbehandler")) == mine
    assert waits(kommune, "stopper") == []
    leaves(kommune, "saksbehandler")
    assert set(waits(kommune, "stopper")) == mine
    assert waits(kommune, "saksbehandler") == waits(kommune, "leser") == []


def test_a_mailing_that_the_house_stopped_waits_until_somebody_has_followed_it_up() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    release(kommune, mailing)
    with transaction() as tx:
        one = Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == 2
        tx.execute(update(Utsendingsrad).where(*one).values(brev_sha256=bytes(32)))
    feeder._start_mailing(mailing.id)
    assert session().get_one(Utsending, mailing.id).status == U.STOPPET
    for rolle in SENDERS:
        assert waits(kommune, rolle) == [(Oppgaveslag.INNHOLD_ENDRET, mailing.id)]
    for rolle in ("godkjenner", "leser"):
        assert waits(kommune, rolle) == [], "they can make none"
    stopped = session().get_one(Utsending, mailing.id).endret
    with transaction() as tx:
        tx.get_one(Utsending, mailing.id).endret = stopped - timedelta(days=31)
    assert waits(kommune, "saksbehandler") == [], "it was sent another way, or is not to be sent"
    with transaction() as tx:
        tx.get_one(Utsending, mailing.id).endret = stopped
    new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))
    for rolle in SENDERS:
        assert waits(kommune, rolle) == []


def test_what_a_person_stopped_is_no_task() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    release(kommune, mailing)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    assert waits(kommune, "stopper") == []


def failed_letter(kommune: Kommune, bane: Bane = Bane.ENKELT) -> UUID:
    """A letter of a fagsystem that waits for a person."""
    made = make_letter(Hus(kommune.id, kommune.konto_id, ""), new_fnr())
    with transaction() as tx:
        tx.execute(
            update(Levering).where(Levering.forsendelse_id == made).values(status="TIL_BEHANDLING", bane=bane)
        )
    return made


def grant(kommune: Kommune, rolle: str, privilege: P) -> None:
    konfigurasjon.grant_privilegium(kommune.personer[rolle], privilege, kommune.konto_id, actor=HOUSE)


def test_a_letter_outside_mailings_waits_for_who_may_try_it_again_or_close_it(app: Flask) -> None:
    kommune = make_kommune()
    made = failed_letter(kommune)
    for rolle in SENDERS:
        assert waits(kommune, rolle) == [(Oppgaveslag.FEIL_UTENOM, kommune.konto_id)]
    assert waits(kommune, "leser") == waits(kommune, "godkjenner") == []
    client = log_in(app, kommune, "saksbehandler")
    page = client.get("/oversikt").text
    assert faults(page) == []
    assert "Brev som må behandles 1 ingen av dem i en utsending" in text_of(page)
    address = f"/forsendelser?konto={kommune.konto_id}&amp;behandles=ja"
    assert f'href="{address}">1\u00a0brev må behandles fra «Eiendomsskatt»' in page
    assert 'href="/forsendelser?behandles=ja">Brev som må behandles</a>' in page
    assert f"/forsendelser/{made}" in client.get(address.replace("&amp;", "&")).text


def test_letters_of_mailings_and_others_are_told_apart(app: Flask) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    release(kommune, mailing)
    feed(mailing)
    failed_letter(kommune)
    with transaction() as tx:
        tx.execute(
            update(Levering).where(Levering.utsending_id == mailing.id).values(status="TIL_BEHANDLING")
        )
    assert waits(kommune, "saksbehandler") == [
        (Oppgaveslag.FEIL, mailing.id),
        (Oppgaveslag.FEIL_UTENOM, kommune.konto_id),
    ]
    text = text_of(log_in(app, kommune, "saksbehandler").get("/oversikt").text)
    assert "Brev som må behandles 3 2 i 1 utsending, 1 utenom" in text.replace("\u00a0", " ")


def test_one_in_the_restricted_lane_waits_for_who_may_see_it_and_is_counted_by_no_other() -> None:
    kommune = make_kommune()
    failed_letter(kommune, Bane.SPERRET)
    assert waits(kommune, "saksbehandler") == []
    assert dashboard.key_figures(actor=kommune.aktor("saksbehandler")).feil == 0
    grant(kommune, "leser", P.SE_SPERRET)
    grant(kommune, "godkjenner", P.SE_SPERRET)
    assert waits(kommune, "leser") == [(Oppgaveslag.SPERRET_UTENOM, kommune.konto_id)]
    assert dashboard.key_figures(actor=kommune.aktor("leser")).feil_utenom == 1
    assert waits(kommune, "saksbehandler") == []


@pytest.mark.parametrize("outside", [True, False])
def test_while_nobody_may_see_the_restricted_lane_an_administrator_is_told(app: Flask, outside: bool) -> None:
    kommune = make_kommune()
    grant(kommune, "godkjenner", P.ADMIN)
    mailing = make_mailing(kommune, 2)
    if outside:
        failed_letter(kommune, Bane.SPERRET)
    else:
        release(kommune, mailing)
        feed(mailing)
        with transaction() as tx:
            of_mailing = update(Levering).where(Levering.utsending_id == mailing.id)
            tx.execute(of_mailing.values(status="TIL_BEHANDLING", bane=Bane.SPERRET))
    told = (Oppgaveslag.INGEN_SER_SPERRET, kommune.konto_id)
    assert told in waits(kommune, "godkjenner")
    assert told not in waits(kommune, "saksbehandler")
    client = log_in(app, kommune, "godkjenner")
    page = client.get("/oversikt").text
    assert faults(page) == []
    assert "Gi noen tilgang til sperrede brev fra «Eiendomsskatt»" in page
    assert client.get(f"/tilganger/ressurser/{kommune.konto_id}").status_code == 200
    address = f"/utsendinger/{mailing.id}"
    alone, seen = "Ingen hos dere har den tilgangen", "Du trenger ikke gjøre noe"
    if not outside:
        text = text_of(log_in(app, kommune, "saksbehandler").get(address).text)
        assert alone in text and seen not in text
    grant(kommune, "leser", P.SE_SPERRET)
    assert told in waits(kommune, "godkjenner"), "who may close no letter can do nothing there"
    if not outside:
        text = text_of(log_in(app, kommune, "saksbehandler").get(address).text)
        assert alone in text and seen not in text
    grant(kommune, "stopper", P.SE_SPERRET)
    assert told not in waits(kommune, "godkjenner")
    if not outside:
        text = text_of(log_in(app, kommune, "saksbehandler").get(address).text)
        assert seen in text and alone not in text


def test_who_prepared_a_mailing_is_told_when_nobody_else_may_approve_it(app: Flask) -> None:
    kommune = make_kommune()
    grant(kommune, "saksbehandler", P.GODKJENNE)
    address = f"/utsendinger/{make_mailing(kommune, 2).id}"
    client, reader = log_in(app, kommune, "saksbehandler"), log_in(app, kommune, "leser")
    assert "Den står på Oversikt hos dem." in text_of(client.get(address).text)
    leaves(kommune, "godkjenner")
    without_administrators(kommune)
    for one in (client, reader):
        page = one.get(address).text
        assert faults(page) == []
        assert "ingen andre hos dere har tilgang til å godkjenne" in text_of(page)


def test_no_kind_of_task_hides_another_and_the_most_urgent_comes_first(app: Flask) -> None:
    kommune = make_kommune()
    many = [make_mailing(kommune, 1, status=U.GODKJENT) for _ in range(tasks.MAX_OF_A_KIND + 2)]
    failed_letter(kommune)
    found = dashboard.tasks_for(actor=kommune.aktor("saksbehandler"))
    assert [one.slag for one in found] == [
        Oppgaveslag.FEIL_UTENOM,
        *[Oppgaveslag.FRIGI] * tasks.MAX_OF_A_KIND,
    ]
    assert [one.id for one in found[1:]] == [mailing.id for mailing in many[: tasks.MAX_OF_A_KIND]]
    assert [one.utelatt for one in found if one.utelatt] == [2]
    page = log_in(app, kommune, "saksbehandler").get("/oversikt").text
    assert faults(page) == []
    assert text_of(page).count("og 2 til av samme slag") == 1


def test_a_test_letter_waits_for_nobody() -> None:
    kommune = make_kommune()
    made = failed_letter(kommune)
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(prove=True))
    assert waits(kommune, "saksbehandler") == []


def test_a_draft_says_when_it_is_deleted_and_one_that_is_released_says_nothing(app: Flask) -> None:
    kommune = make_kommune()
    draft = make_mailing(kommune, 1, status=U.UTKAST)
    made = make_mailing(kommune, 1, brevdato=kommune.begins() + timedelta(days=20))
    client = log_in(app, kommune, "saksbehandler")
    page = text_of(client.get(f"/utsendinger/{draft.id}").text)
    day = session().scalar(select(Utsending.endret).where(Utsending.id == draft.id)) + timedelta(days=90)
    assert f"Utkastet slettes {dato(day)}, med liste og brev" in page
    day = kommune.begins() + timedelta(days=110)
    page = text_of(client.get(f"/utsendinger/{made.id}").text)
    assert f"Utsendingen slettes {dato(day)}, med liste og brev" in page
    sent = make_mailing(kommune, 1)
    release(kommune, sent)
    assert "slettes" not in text_of(client.get(f"/utsendinger/{sent.id}").text)
