"""A mailing that is drawn while one release takes over from another, and what was approved in the one before."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.production import rendering
from fiks.utsending.production import service as production_service
from fiks.utsending.rules import Delart, Utsendingstatus
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, few_rows, read, rows_of, status
from tests.integration.utsending.kommuner import make_kommune, make_mailing
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus
PARTS, MOST_DRAWN = 3, 50


@pytest.fixture
def ordered(process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A mailing whose letters are ordered in PARTS ranges, none of them drawn."""
    monkeypatch.setattr(production_service, "RENDER_PORTION", 2)
    monkeypatch.setattr(production_service, "STAMP_PORTION", 2)
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    return utsending_id


def upgrade(monkeypatch: pytest.MonkeyPatch, edition: str) -> None:
    """From now on this process is of a release that draws so."""
    monkeypatch.setattr(rendering, "render_version", lambda: edition)


def as_before_editions(utsending_id: UUID) -> None:
    """What is drawn is as it was noted by a release that did not say what drew it."""
    with transaction() as tx:
        tx.execute(
            update(Arbeidsdel)
            .where(
                Arbeidsdel.utsending_id == utsending_id,
                Arbeidsdel.art == Delart.RENDER,
                Arbeidsdel.status == "FERDIG",
            )
            .values(resultat=[letter_inputs(utsending_id).digest])
        )


def draw_all(process: QuickProcess) -> int:
    drawn = 0
    while drawn < MOST_DRAWN and do_portion("render", process):
        drawn += 1
    return drawn


def reasons(utsending_id: UUID) -> list[str]:
    """Why its letters were made anew."""
    session().rollback()
    why = select(Utsendingshendelse.detaljer["lages_pa_nytt"].astext)
    told = why.where(Utsendingshendelse.utsending_id == utsending_id).order_by(Utsendingshendelse.lopenr)
    return list(filter(None, session().scalars(told)))


@pytest.mark.parametrize("said", [True, False])
def test_letters_that_two_releases_drew_are_all_drawn_by_one(
    said: bool, ordered: UUID, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(monkeypatch, "gammel")
    assert do_portion("render", process) == 1
    if not said:
        as_before_editions(ordered)
    upgrade(monkeypatch, "ny")
    assert draw_all(process) == PARTS - 1 + PARTS
    assert (status(ordered), reasons(ordered)) == (U.TIL_GODKJENNING, ["ULIK_UTGAVE"])
    assert all(row.brev_sha256 for row in rows_of(ordered))


def test_letters_that_were_all_drawn_before_the_upgrade_are_not_drawn_again(
    ordered: UUID, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(production_service, "end_production", lambda utsending_id: False)
    upgrade(monkeypatch, "gammel")
    draw_all(process)
    as_before_editions(ordered)
    monkeypatch.undo()
    assert status(ordered) == U.PRODUSERES
    assert production_service.end_production(ordered)
    assert (status(ordered), reasons(ordered)) == (U.TIL_GODKJENNING, [])


def test_what_waits_for_approval_is_not_asked_who_drew_it(
    ordered: UUID, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_all(process)
    with transaction() as tx:
        one = (Arbeidsdel.utsending_id == ordered, Arbeidsdel.art == Delart.RENDER, Arbeidsdel.nr == 1)
        tx.execute(update(Arbeidsdel).where(*one).values(resultat=[letter_inputs(ordered).digest, "gammel"]))
    assert not production_service.end_production(ordered)
    production_service.end_all_productions()
    assert (status(ordered), reasons(ordered)) == (U.TIL_GODKJENNING, [])


def test_an_old_process_that_was_left_running_does_not_hold_a_mailing_back_for_ever(
    ordered: UUID,
    process: QuickProcess,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    turns = iter(range(10_000))
    monkeypatch.setattr(rendering, "render_version", lambda: "gammel" if next(turns) % PARTS else "ny")
    draw_all(process)
    assert status(ordered) == U.TIL_GODKJENNING
    assert reasons(ordered) == ["ULIK_UTGAVE"] * production_service.MAX_REMAKES_FOR_EDITION
    assert "letters_of_two_releases" in caplog.text


def test_what_was_approved_in_a_release_before_is_the_same_digest_now() -> None:
    """Written here as it is stored: with another formula no mailing that is approved could be sent any more."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3, parkert=1)
    row = session().get_one(Utsending, mailing.id)
    said = f"{row.malversjon_id}\nHei ((navn))\nNone\n{kommune.konto_id}|Eiendomsskatt 2027|FLETTEBREV|"
    said += f"{row.brevdato}|{row.kunngjoringsdato}|False|{row.sikkerhetsniva}|True|False|EISK-2027|\n"
    digest = hashlib.sha256(said.encode())
    columns = select(Utsendingsrad.radnr, Utsendingsrad.rad_hash, Utsendingsrad.brev_sha256)
    sent = (Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.status == "OK")
    for nr, rad_hash, letter in session().execute(columns.where(*sent).order_by(Utsendingsrad.radnr)):
        digest.update(nr.to_bytes(4, "big") + rad_hash + letter)
    assert service.compute_digest(mailing.id) == digest.digest()
