"""A button that one person presses twice: the act is done once, and nobody else is said to have been there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.utsending.approval import service
from fiks.utsending.models import Utsending, Utsendingshendelse
from fiks.utsending.rules import Utsendingstatus
from portal.texts.formats import dato
from tests.integration.utsending.browser import Browser, log_in, marks_of, text_of
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, today
from tests.integration.utsending.test_approval_pages import approve, status_of

pytestmark = pytest.mark.usefixtures("house")
U = Utsendingstatus


def pressed_twice(client: Browser, page: str, action: str, **data: str) -> tuple[str, list[str]]:
    """Where one ends, and what is said there."""
    form = marks_of(client.get(page).text) | data
    for _ in range(2):
        answer = client.post(action, data=form, headers={"Referer": f"http://localhost{page}"})
        assert answer.status_code == 303
    told = re.findall(r'<div class="ds-alert melding".*?</div>', client.get(answer.location).text, re.S)
    return answer.location, [text_of(one) for one in told]


def changes_of(mailing: Mailing) -> list[str]:
    session().rollback()
    history = select(Utsendingshendelse.til).where(Utsendingshendelse.utsending_id == mailing.id)
    return list(session().scalars(history.order_by(Utsendingshendelse.lopenr)))[1:]


def digest_of(mailing: Mailing) -> str:
    digest = session().get_one(Utsending, mailing.id, populate_existing=True).innhold_digest
    assert digest is not None
    return digest.hex()


def waiting(**change: object) -> tuple[Kommune, Mailing, str]:
    kommune = make_kommune(angrefrist=0)
    mailing = make_mailing(kommune, 3, **change)  # type: ignore[arg-type]
    return kommune, mailing, f"/utsendinger/{mailing.id}"


def test_approved(app: Flask) -> None:
    kommune, mailing, here = waiting()
    client = log_in(app, kommune, "godkjenner")
    page, digest = f"{here}/godkjenning", digest_of(mailing)
    _, told = pressed_twice(client, page, f"{here}/godkjenn", digest=digest)
    assert told == ["Utsendingen er godkjent. Nå kan den frigis."]
    assert changes_of(mailing) == [U.GODKJENT]


@pytest.mark.parametrize(("nar", "days"), [("na", 0), ("tidspunkt", 2)])
def test_released(app: Flask, nar: str, days: int) -> None:
    day = today() + timedelta(days=days)
    kommune, mailing, here = waiting(status=U.GODKJENT, brevdato=day)
    client = log_in(app, kommune, "saksbehandler")
    _, told = pressed_twice(client, f"{here}/frigi", f"{here}/frigi", nar=nar, dato=dato(day), tid="09.00")
    assert len(told) == 1 and told[0].startswith("Utsendingen er frigitt. Brevene begynner å gå ut ")
    assert changes_of(mailing) == [U.FRIGITT]


def test_stopped(app: Flask) -> None:
    kommune, mailing, here = waiting(status=U.SENDES)
    client = log_in(app, kommune, "stopper")
    _, told = pressed_twice(client, f"{here}/stopp", f"{here}/stopp")
    assert len(told) == 1 and told[0].startswith("Utsendingen er stoppet.")
    assert changes_of(mailing) == [U.STOPPET]


def test_made_a_new_draft_of(app: Flask) -> None:
    kommune, mailing, here = waiting(status=U.SENDES)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    client = log_in(app, kommune, "saksbehandler")
    where, told = pressed_twice(client, here, f"{here}/nytt-utkast")
    assert len(told) == 1 and told[0].startswith("Et nytt utkast er laget")
    made = session().scalars(select(Utsending.id).where(Utsending.forrige_id == mailing.id)).all()
    assert [f"/utsendinger/{one}" for one in made] == [where]


def test_sent_back_and_taken_back(app: Flask) -> None:
    kommune, mailing, here = waiting()
    client = log_in(app, kommune, "godkjenner")
    _, told = pressed_twice(client, f"{here}/godkjenning", f"{here}/avvis", grunn="Feil år.")
    assert told == ["Utsendingen er sendt tilbake."]
    assert changes_of(mailing) == [U.UTKAST]

    kommune, mailing, here = waiting()
    client = log_in(app, kommune, "saksbehandler")
    _, told = pressed_twice(client, here, f"{here}/trekk-tilbake")
    assert told == ["Utsendingen er trukket tilbake og er et utkast igjen."]
    assert changes_of(mailing) == [U.UTKAST]


def test_dated_anew(app: Flask) -> None:
    kommune, mailing, here = waiting()
    approve(app, kommune, here)
    client = log_in(app, kommune, "saksbehandler")
    _, told = pressed_twice(client, f"{here}/frigi", f"{here}/ny-dato", brevdato=dato(today()))
    assert told == ["Brevene lages på nytt med ny dato, og må godkjennes igjen."]
    assert changes_of(mailing) == [U.GODKJENT, U.PRODUSERES]


def test_another_persons_second_call_is_a_conflict() -> None:
    kommune, mailing, _ = waiting(status=U.GODKJENT)
    service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.release(mailing.id, actor=kommune.aktor("stopper"))
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.stop(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert status_of(mailing) is U.STOPPET


def test_who_releases_once_more_for_another_time_is_told_that_it_is_released() -> None:
    kommune, mailing, _ = waiting(status=U.GODKJENT)
    maker = kommune.aktor("saksbehandler")
    service.release(mailing.id, actor=maker)
    before = session().scalar(select(Utsending.frigis_tid).where(Utsending.id == mailing.id))
    at = session().scalar(select(func.now()))
    assert before is not None and at is not None
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.release(mailing.id, at=at.replace(year=at.year + 1), actor=maker)


def test_a_draft_that_nobody_sent_to_approval_is_not_taken_back() -> None:
    kommune, mailing, _ = waiting(status=U.UTKAST)
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        service.withdraw(mailing.id, actor=kommune.aktor("saksbehandler"))
