"""One id from the click to the receipt: in request, audit log, the letter's history and the workers' lines."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.settings import Settings
from fiks.core import environment
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.core.telemetry import trace
from fiks.svarut import history
from fiks.svarut.models import Forsendelse
from fiks.svarut.receipts import feed as receipts_feed
from fiks.svarut.rules import Kanal
from fiks.utsending.approval import service
from fiks.utsending.jobs import queue
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Delart
from fiks.utsending.rules import Utsendingstatus as U
from tests.integration.databases import Database, QuickProcess
from tests.integration.drift.traces import apart, events_with, logged
from tests.integration.konfigurasjon.portals import Enhetsregister, log_in, make_portal, send
from tests.integration.svarut.letters import levering
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    feed,
    hand_over,
    make_kommune,
    make_mailing,
)
from tests.integration.worlds import Receipt
from workers import cli
from workers.lanes import do_portion


@pytest.fixture
def app(database: Database, process: QuickProcess) -> Flask:
    """The portal on the worker's database and store."""
    kept = environment.current()
    settings = Settings.from_env({"FIKS_ENV": "test", "DATABASE_URL": database.app_url})
    made = make_portal(settings, Enhetsregister())
    environment.install(kept)
    return made


def release_by_page(app: Flask, kommune: Kommune, mailing: Mailing) -> str:
    """The click; returns the id of its request."""
    client = log_in(app, kommune.pid["saksbehandler"], kommune.id)
    page = f"/utsendinger/{mailing.id}/frigi"
    shown = dict(re.findall(r'name="(digest)" value="([^"]*)"', client.get(page).text))
    answer = send(client, page, nar="na", **shown)
    assert answer.status_code == 303
    session().rollback()
    clicked = select(Audit.request_id).where(Audit.handling == "UTSENDING_FRIGITT")
    found = session().execute(clicked).scalar_one()
    assert found is not None
    return found


def test_a_click_is_followed_through_rows_and_workers_to_the_receipt(
    empty: None, app: Flask, process: QuickProcess, eier: Owner, lines: io.StringIO
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    digest = session().execute(select(Utsending.innhold_digest)).scalar_one()
    service.approve(mailing.id, digest, actor=kommune.aktor("godkjenner"))
    session().rollback()
    request_id = release_by_page(app, kommune, mailing)
    apart(process, feed, mailing)
    apart(process, hand_over, eier, Postkasser(postkasse=set(mailing.fnr.values())))
    letters = session().scalars(select(Forsendelse.id)).all()
    session().rollback()
    assert history.request_ids_of(letters) == dict.fromkeys(letters, request_id)
    for letter_id in letters:
        apart(process, receipts_feed.apply_receipt, Kanal.DPI, Receipt(str(levering(letter_id).id), "LEVERT"))
    assert {"foresporsel", "handed_over", "receipt"} <= events_with(lines, request_id)
    told = [line for line in logged(lines) if line["event"] in ("handed_over", "receipt")]
    assert len(told) == 4
    assert {UUID(line["forsendelse"]) for line in told} == set(letters)
    assert not any(number in lines.getvalue() for number in mailing.fnr.values())


def test_a_line_about_one_letter_never_has_anothers_request(
    empty: None, process: QuickProcess, eier: Owner, lines: io.StringIO
) -> None:
    kommune = make_kommune()
    ids = {}
    for name in ("forst", "sist"):
        mailing = make_mailing(kommune, 1)
        digest = session().scalar(select(Utsending.innhold_digest).where(Utsending.id == mailing.id))
        assert digest is not None
        service.approve(mailing.id, digest, actor=kommune.aktor("godkjenner"))
        service.release(mailing.id, actor=replace(kommune.aktor("saksbehandler"), request_id=name))
        feed(mailing)
        ids[session().scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)).one()] = (
            name
        )
    session().rollback()
    apart(process, hand_over, eier, Postkasser())
    told = {UUID(line["forsendelse"]): line["request_id"] for line in logged(lines) if "forsendelse" in line}
    assert told == ids


def test_a_click_is_followed_to_the_worker_that_reads_the_list(
    empty: None, app: Flask, process: QuickProcess, lines: io.StringIO
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, status=U.UTKAST)
    client = log_in(app, kommune.pid["saksbehandler"], kommune.id)
    page = f"/utsendinger/{mailing.id}/mottakere"
    shown = dict(re.findall(r'name="(sett)" value="([^"]*)"', client.get(page).text))
    form = {"fil": (io.BytesIO(b"PK\x03\x04 and no more"), "liste.xlsx")} | shown
    assert send(client, page, **form).status_code == 303
    apart(process, do_portion, "liste", process)
    clicked = select(Audit.request_id).where(Audit.handling == "LISTE_LASTET_OPP")
    request_id = session().execute(clicked).scalar_one()
    assert request_id is not None
    assert {"foresporsel", "list_refused"} <= events_with(lines, request_id)


@pytest.mark.parametrize("art", Delart)
@pytest.mark.parametrize("asked", ["r-18", None])
def test_lines_about_a_piece_of_work_tell_the_mailing_and_the_request_that_ordered_it(
    empty: None, process: QuickProcess, eier: Owner, lines: io.StringIO, art: Delart, asked: str | None
) -> None:
    mailing, number = make_mailing(make_kommune(), 1), eier.ensure()

    def order() -> None:
        with trace.continue_trace(asked), transaction():
            queue.order(mailing.id, art, fra=2, til=2)

    def take() -> None:
        part = queue.claim_piece([art], number)
        assert part is not None
        with queue.tolerate_lost_piece(part):
            logging.getLogger("work").info("at_it")

    apart(process, order)
    with trace.continue_trace("r-19"):
        apart(process, take)
    [told] = [line for line in logged(lines) if line["event"] == "at_it"]
    assert (told["utsending"], told["art"], told.get("request_id")) == (str(mailing.id), art, asked)


def test_explain_shows_the_request(
    empty: None, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    digest = session().execute(select(Utsending.innhold_digest)).scalar_one()
    service.approve(mailing.id, digest, actor=kommune.aktor("godkjenner"))
    service.release(mailing.id, actor=replace(kommune.aktor("saksbehandler"), request_id="r-17"))
    feed(mailing)
    letter_id = session().scalars(select(Forsendelse.id)).one()
    session().rollback()
    options = cli._parser().parse_args(["explain", str(letter_id)])
    assert cli.COMMANDS["explain"][1](process, options) == 0
    assert "forespørsel r-17" in capsys.readouterr().out


def test_a_letter_whose_origin_nobody_knows_is_logged_without_one(
    empty: None, process: QuickProcess, eier: Owner, lines: io.StringIO
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    with transaction() as tx:
        tx.execute(update(Utsending).values(status="SENDES", frigis_tid=Utsending.opprettet))
    feed(mailing)
    session().rollback()
    apart(process, hand_over, eier, Postkasser(postkasse=set(mailing.fnr.values())))
    [told] = [line for line in logged(lines) if line["event"] == "handed_over"]
    assert "request_id" not in told
