"""What a mailing says of letters a digital channel failed with: stopped, they wait for nobody; over, it is told."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import update

from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Kanal, Leveringsstatus, Status
from fiks.svarut.transitions import move_levering
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import feeder, progress, retry
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.stop_report import Gruppe
from tests.integration.svarut.letters import let_lesefrist_pass, letter, levering
from tests.integration.svarut.test_receipts import receive
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, send_all
from tests.integration.utsending.test_late_answers import answer, fail, letters_of, stop, world_of

pytestmark = pytest.mark.usefixtures("house")


def failed_in_mailing(owner: Owner) -> tuple[Kommune, Mailing, UUID]:
    """A mailing of one letter, which its mailbox failed with, and that is to go to Altinn."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=1, altinn=0))
    fail(mailing, Kanal.DPI)
    [one] = letters_of(mailing)
    return kommune, mailing, one


def wait_for_a_person(made: UUID) -> None:
    """Altinn forbade it try after try."""
    with transaction():
        move_levering(
            levering(made).id,
            fra=Leveringsstatus.KLAR,
            til=Leveringsstatus.TIL_BEHANDLING,
            kode="FOR_MANGE_FORSOK",
            aktor="test",
            kanal=Kanal.ALTINN,
            feilkode="HTTP_403",
        )


@pytest.mark.parametrize("stopped_first", [False, True])
def test_in_a_stopped_mailing_it_waits_for_nobody_and_was_never_sent(
    owner: Owner, stopped_first: bool
) -> None:
    retry.end_failed_paper()  # what other tests have left
    kommune, mailing, one = failed_in_mailing(owner)
    if stopped_first:
        stop(kommune, mailing)
        assert answer(kommune, mailing).grupper == {Gruppe.AVKLARES: 1}
        session().rollback()
        wait_for_a_person(one)
        assert [retry.end_failed_paper() for _ in range(2)] == [1, 0]
    else:
        wait_for_a_person(one)
        assert stop(kommune, mailing) == 1
    assert answer(kommune, mailing).grupper == {Gruppe.STOPPET: 1}
    assert (letter(one).status, levering(one).status) == (Status.MANUELT_HANDTERT, "STOPPET")
    session().rollback()
    assert new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_in_a_mailing_that_goes_on_it_waits(owner: Owner) -> None:
    retry.end_failed_paper()  # what other tests have left
    _, _, one = failed_in_mailing(owner)
    wait_for_a_person(one)
    assert retry.end_failed_paper() == 0
    assert (letter(one).status, levering(one).status) == (Status.SENDT_SDP, "TIL_BEHANDLING")


def test_a_mailing_is_over_only_when_altinn_has_delivered_and_tells_of_what_it_fails_with_later(
    owner: Owner,
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2)
    send_all(kommune, mailing, owner, world_of(mailing, postkasse=0, altinn=2))
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.utsending_id == mailing.id).values(kun_digital=True))
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    assert over(mailing) == Utsendingstatus.SENDES
    for one in letters_of(mailing):
        receive(Kanal.ALTINN, "LEVERT", letter_id=one)
    assert over(mailing) == Utsendingstatus.FULLFORT
    receive(Kanal.ALTINN, "FEILET", letter_id=letters_of(mailing)[0])
    session().rollback()
    now = progress.progress(mailing.id, actor=kommune.aktor("leser"))
    assert (now.ikke_levert, now.per_status) == (1, {Status.SENDT_DIGITALT: 1, Status.IKKE_LEVERT: 1})


def over(mailing: Mailing) -> str:
    """How the mailing stands when the sweeper has seen to it."""
    session().rollback()
    feeder.finish_all()
    return session().get_one(Utsending, mailing.id, populate_existing=True).status
