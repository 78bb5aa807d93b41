"""A konto that is closed: what is released from it is seen, counted and can be stopped; nothing new begins there."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.konto import service
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.sender import statistics
from fiks.utsending.approval import service as approval_service
from fiks.utsending.draft.service import Fakta, create_utsending
from fiks.utsending.models import Utsending
from fiks.utsending.overview import dashboard, mailings
from fiks.utsending.overview.tasks import Oppgaveslag
from fiks.utsending.rules import Art, Utsendingstatus
from fiks.utsending.sending.copy_unsent import new_from_unsent
from tests.integration.houses import HOUSE
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    make_kommune,
    make_mailing,
    release,
    send_all,
    today,
)

pytestmark = pytest.mark.usefixtures("house")


def being_sent(owner: Owner) -> tuple[Kommune, Mailing]:
    """Ten letters: six in mailboxes, three on paper, and one that waits for a person."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 10, parkert=1)
    send_all(kommune, mailing, owner, Postkasser(set(list(mailing.fnr.values())[:6])))
    with transaction() as tx:
        letter = select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id).limit(1)
        failed = update(Levering).where(Levering.forsendelse_id == letter.scalar_subquery())
        tx.execute(failed.values(status="TIL_BEHANDLING"))
        running = update(Utsending).where(Utsending.id == mailing.id)
        tx.execute(running.values(status=Utsendingstatus.SENDES))
    return kommune, mailing


def test_closing_a_konto_hides_nothing_that_is_on_its_way(owner: Owner) -> None:
    kommune, _ = being_sent(owner)
    reader, sender = kommune.aktor("leser"), kommune.aktor("saksbehandler")

    def told() -> tuple[object, ...]:
        session().rollback()
        figures = dashboard.key_figures(actor=reader)
        return (
            (figures.sendt, figures.pagaende, figures.feil),
            [(one.nr, one.sendt, one.feil) for one in mailings.mailings(actor=reader)],
            dashboard.tasks_for(actor=sender),
            sum(row.antall for row in statistics.statistics(today().year, actor=reader)),
        )

    before = told()
    service.deactivate_konto(kommune.konto_id, actor=HOUSE)
    assert told() == before
    assert before[0] == (10, 1, 1)


def test_a_mailing_of_a_closed_konto_is_found_and_stopped(owner: Owner) -> None:
    kommune, mailing = being_sent(owner)
    service.deactivate_konto(kommune.konto_id, actor=HOUSE)
    [found] = mailings.mailings(actor=kommune.aktor("stopper"), status=Utsendingstatus.SENDES)
    assert found.id == mailing.id
    approval_service.stop(found.id, actor=kommune.aktor("stopper"))
    [stopped] = mailings.mailings(actor=kommune.aktor("stopper"))
    assert stopped.status is Utsendingstatus.STOPPET


def test_nobody_is_asked_to_approve_release_or_correct_what_can_not_be_released() -> None:
    kommune = make_kommune()
    make_mailing(kommune, 1)
    make_mailing(kommune, 1, status=Utsendingstatus.GODKJENT)
    approver = kommune.aktor("godkjenner")
    asked = {one.slag for one in dashboard.tasks_for(actor=approver)}
    assert asked == {Oppgaveslag.GODKJENN, Oppgaveslag.FRIGI}
    service.deactivate_konto(kommune.konto_id, actor=HOUSE)
    assert dashboard.tasks_for(actor=approver) == []


def test_nothing_new_begins_on_a_closed_konto() -> None:
    kommune = make_kommune()
    approved, stopped = make_mailing(kommune, 1), make_mailing(kommune, 1)
    approval_service.stop(stopped.id, actor=kommune.aktor("stopper"))
    service.deactivate_konto(kommune.konto_id, actor=HOUSE)
    sender = kommune.aktor("saksbehandler")
    fakta = Fakta("Vann 2027", Art.FLETTEBREV, today())
    with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
        create_utsending(kommune.konto_id, fakta, actor=sender)
    with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
        release(kommune, approved)
    with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
        new_from_unsent(stopped.id, actor=sender)
