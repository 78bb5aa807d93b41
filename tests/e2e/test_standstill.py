"""Letters stand still through no fault of the kommune's: its people see why on the mailing's own page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, func, insert, select, update

from fiks.core.actor import system
from fiks.core.db import session, transaction
from fiks.drift import service
from fiks.svarut.models import Banestatus, Levering
from fiks.utsending.models import Utsending
from testmiljo import mailing
from testmiljo.staff import OPERATOR
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

pytestmark = pytest.mark.slow

SECONDS = 60
STOPPED = "All sending er stanset for en stund"
SILENT = "Registrene som sier hvem mottakerne er, svarer ikke nå"
CLOSED = "Digital postkasse tar ikke imot brev nå"
PAUSED = {"KRR": "REGISTER_SVARER_IKKE", "DPI": "MANGE_FEIL"}


@pytest.fixture
def standing_still(plattform: Plattform) -> Iterator[None]:
    """All sending is stopped, and a register and the digital mailbox paused, until the test is over."""
    with plattform.house():
        until = func.now() + timedelta(hours=1)
        with transaction() as tx:
            for navn, grunn in PAUSED.items():
                tx.execute(insert(Banestatus).values(navn=navn, stengt=True, grunn=grunn, apnes=until))
        service.freeze("flytting til nye maskiner", actor=system("test"))
    yield
    with plattform.house():
        service.thaw(actor=system("test"))
        open_again(*PAUSED)


def open_again(*names: str) -> None:
    with transaction() as tx:
        tx.execute(delete(Banestatus).where(Banestatus.navn.in_(names)))


def let_the_hold_pass(utsending_id: UUID) -> None:
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(frigis_tid=func.now()))


def wait_for_the_waiting(utsending_id: UUID, navn: str) -> None:
    waiting = select(func.count()).where(
        Levering.utsending_id == utsending_id, Levering.feilkode == f"STENGT_{navn}"
    )

    def some_wait() -> bool:
        session().rollback()
        return session().execute(waiting).scalar_one() > 0

    mailing.wait_for(f"letters wait for {navn}", some_wait, SECONDS)


@pytest.mark.usefixtures("standing_still")
def test_the_page_of_a_mailing_says_why_it_stands_still_and_when_it_no_longer_does(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, short_list: Path
) -> None:
    made = plattform.make(short_list, "Kommunale avgifter")
    plattform.approve(made)
    plattform.release(made)
    maker, runar = person("Saksbehandler"), person(OPERATOR.rolle)
    maker.log_in()
    maker.page.goto(f"/utsendinger/{made}")
    maker.sees_part(STOPPED)
    eye.look(maker.page, "13-stanset")
    with plattform.house():
        let_the_hold_pass(made)
        service.thaw(actor=system("test"))
        wait_for_the_waiting(made, "KRR")
    maker.sees_part(SILENT, SECONDS)
    eye.look(maker.page, "13-register-tier")
    runar.page.goto("/")
    runar.follow("Logg inn med ID-porten")
    runar.choose_at_idporten()
    runar.menu("Drift")
    runar.reads("Kontakt- og reservasjonsregisteret")
    eye.look(runar.page, "13-drift-register")
    with plattform.house():
        open_again("KRR")
        wait_for_the_waiting(made, "DPI")
    maker.sees_part(CLOSED, SECONDS)
    eye.look(maker.page, "13-kanal-stengt")
    maker.follow("Se brevene")
    maker.reads("Digital postkasse tar ikke imot for tiden, brevet sendes så snart det går")
    eye.look(maker.page, "13-brev-venter")
    runar.page.reload()
    runar.reads("Ti av de siste tjue kallene mislyktes.")
    runar.reads("brev venter.")
    eye.look(runar.page, "13-drift")
    maker.page.goto(f"/utsendinger/{made}")
    maker.sees_part(CLOSED)
    with plattform.house():
        open_again("DPI")
    expect(maker.page.get_by_text(CLOSED)).to_be_hidden(timeout=SECONDS * 1000)
    plattform.wait_until_handed_over(made, 7)
