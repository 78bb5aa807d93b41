"""What a citizen has sent is its receiver's: the konto that pays neither takes it off its way nor ends it unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.calendar import OSLO
from fiks.edialog import service, work
from fiks.edialog.loss_notice import notify_of_lost_letters
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.queries import Framdrift, own_rows, skjema
from fiks.edialog.rules import letter_id
from fiks.konfigurasjon.models import Konto
from fiks.pdf import Pdfleser
from fiks.svarut.lifecycle import failure_notices, lesefrist
from fiks.svarut.retention import deletion
from fiks.svarut.rules import Kanal, Leveringsstatus, Opphav, Slettetype, Status
from fiks.svarut.sender import actions
from fiks.svarut.svarinn.acknowledgement import confirm, report_failure
from fiks.svarut.svarinn.queue import waiting_letters
from fiks.svarut.transitions import move_levering
from tests.integration.avsender.senders import put
from tests.integration.edialog.sent import mails, send
from tests.integration.edialog.skjemaer import Innbygger, Penn, draft
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    levering,
    make_letter,
)
from tests.integration.svarut.submitted import control_all
from tests.integration.svarut.test_receipts import receive
from tests.integration.systems import System, make_system
from tests.integration.worlds import World


@pytest.fixture
def world() -> World:
    return World()


class Sendt:
    """What somebody has sent, taken in and ready to be handed over."""

    def __init__(self, hus: Hus, world: World, penn: Penn, leser: Pdfleser) -> None:
        self.who = Innbygger()
        self.skjema_id = draft(hus, self.who)
        self.id: UUID = letter_id(self.skjema_id)
        world.register.add_unit(hus.orgnr)
        send(self.skjema_id, self.who, penn, world.register)
        control_all(world, leser)
        assert letter(self.id).status == Status.AKSEPTERT
        session().rollback()

    @property
    def told(self) -> Framdrift:
        """What its page tells the citizen, and their list."""
        session().rollback()
        page = skjema(self.skjema_id, actor=self.who.actor).framdrift
        assert [row.framdrift for row in own_rows(actor=self.who.actor)] == [page]
        return page

    def let_a_person_act(self) -> None:
        with transaction():
            move_levering(
                levering(self.id).id,
                fra=Leveringsstatus.KLAR,
                til=Leveringsstatus.TIL_BEHANDLING,
                kode="PROVE",
                aktor="test",
                feilkode="PROVE",
            )


@pytest.fixture
def sendt(hus: Hus, world: World, penn: Penn, leser: Pdfleser) -> Sendt:
    return Sendt(hus, world, penn, leser)


@pytest.fixture
def system(hus: Hus) -> System:
    return make_system(hus.orgnr)


def mark_read(own: UUID) -> None:
    actions.mark_read_externally(own, fnr=new_fnr(), tidspunkt=clock.now(), systemnavn="Arkivet", actor=HOUSE)


ACTS: dict[str, Callable[[UUID], object]] = {
    "delete": lambda one: actions.delete_documents(one, alt=Slettetype.ALLE, actor=HOUSE),
    "delete originals": lambda one: actions.delete_documents(
        one, alt=Slettetype.ORIGINALDOKUMENTER, actor=HOUSE
    ),
    "delete many": lambda one: actions.delete_letters([one], actor=HOUSE),
    "mark read": mark_read,
    "close": lambda one: actions.set_manually_handled(one, actor=HOUSE),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_waits_for_its_system_stays_in_the_queue_whatever_the_konto_wants(
    eier: Owner, world: World, system: System, sendt: Sendt, act: str
) -> None:
    hand_over(eier, world)
    assert letter(sendt.id).status == Status.KLAR_FOR_MOTTAK
    before = codes(sendt.id)
    session().rollback()
    with pytest.raises(Konflikt, match="HENVENDELSE_IKKE_MOTTATT") as refused:
        ACTS[act](sendt.id)
    assert refused.value.params == {"forsendelse_id": str(sendt.id)}, "which of many it is"
    session().rollback()
    assert (letter(sendt.id).status, codes(sendt.id)) == (Status.KLAR_FOR_MOTTAK, before)
    assert [one.id for one in waiting_letters(system.id, actor=HOUSE)] == [sendt.id]


def test_whoever_gets_it_and_whoever_wrote_it_are_told_when_it_was_sent_not_when_a_worker_took_it(
    eier: Owner, hus: Hus, world: World, penn: Penn, leser: Pdfleser, system: System
) -> None:
    who, pressed = Innbygger(), datetime(2026, 2, 28, 23, 58, tzinfo=OSLO)
    skjema_id = draft(hus, who)
    world.register.add_unit(hus.orgnr)
    service.send(skjema_id, spraak="nb", actor=who.actor)
    with transaction() as tx:
        tx.execute(update(EdialogSkjema).values(innsendt=pressed))
    assert work.send_next(penn, world.register) == 1
    control_all(world, leser)
    hand_over(eier, world)

    assert penn.tegnet[-1].sendt.isoformat() == "2026-02-28T23:58:00+01:00"
    assert [one.dato for one in waiting_letters(system.id, actor=HOUSE)] == [pressed]
    assert letter(letter_id(skjema_id)).opprettet > pressed, "which order and retention go by"
    assert [row.tid for row in own_rows(actor=who.actor)] == [pressed]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "status", [Status.AKSEPTERT, Status.LEVERT_ALTINN, Status.SENDT_DIGITALT, Status.SENDT_PRINT]
)
def test_nor_is_it_taken_from_any_other_channel_before_it_is_received(
    sendt: Sendt, act: str, status: Status
) -> None:
    put(sendt.id, status=status)
    refusals = "HENVENDELSE_IKKE_MOTTATT|KAN_IKKE_HANDTERES" if act == "close" else "HENVENDELSE_IKKE_MOTTATT"
    with pytest.raises(Konflikt, match=refusals):
        ACTS[act](sendt.id)
    session().rollback()
    assert letter(sendt.id).status == status


def test_a_letter_of_a_fagsystem_is_the_kontos_as_before(
    hus: Hus, eier: Owner, world: World, system: System
) -> None:
    world.register.add_unit(hus.orgnr)
    made = make_letter(hus, hus.orgnr)
    hand_over(eier, world)
    actions.set_manually_handled(made, actor=HOUSE)
    assert (letter(made).status, failure_notices.unreported_letters(Opphav.EDIALOG)) == (
        Status.MANUELT_HANDTERT,
        [],
    )


def test_once_received_it_may_be_deleted_and_has_arrived(
    eier: Owner, world: World, system: System, sendt: Sendt
) -> None:
    hand_over(eier, world)
    assert sendt.told is Framdrift.FRAMME
    confirm(sendt.id, system_id=system.id, actor=HOUSE)
    mark_read(sendt.id)
    for _ in range(2):
        ACTS["delete"](sendt.id)
    assert (letter(sendt.id).status, sendt.told) == (Status.SLETTET, Framdrift.LEST)
    assert notify_of_lost_letters() == 0


def test_one_that_never_left_and_is_closed_by_a_person_did_not_arrive_and_its_citizen_is_told_once(
    sendt: Sendt,
) -> None:
    sendt.let_a_person_act()
    ACTS["close"](sendt.id)
    assert (letter(sendt.id).status, sendt.told) == (Status.MANUELT_HANDTERT, Framdrift.IKKE_FRAMME)
    assert failure_notices.count_lost() == 1
    session().rollback()
    assert [notify_of_lost_letters(), notify_of_lost_letters()] == [1, 0]
    assert sorted(mail[0] for mail in mails()) == ["EDIALOG_FEILET", "EDIALOG_KVITTERING"]
    assert codes(sendt.id)[-1] == "MELDT_IKKE_FRAMME"


def test_one_that_its_system_refused_and_nobody_else_took_did_not_arrive(
    eier: Owner, world: World, system: System, sendt: Sendt
) -> None:
    hand_over(eier, world)
    report_failure(sendt.id, feilmelding="Ikke vår", permanent=True, system_id=system.id, actor=HOUSE)
    sendt.let_a_person_act()
    assert letter(sendt.id).status == Status.KLAR_FOR_MOTTAK
    session().rollback()
    ACTS["close"](sendt.id)
    assert (sendt.told, notify_of_lost_letters()) == (Framdrift.IKKE_FRAMME, 1)


def test_one_that_lies_in_altinn_has_arrived_though_its_paper_was_given_up(
    hus: Hus, eier: Owner, world: World, sendt: Sendt
) -> None:
    with transaction() as tx:
        tx.execute(update(Konto).values(ettersending_virksomheter=True))
    hand_over(eier, world)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 1
    sendt.let_a_person_act()
    ACTS["close"](sendt.id)
    assert (letter(sendt.id).status, letter(sendt.id).kanal) == (Status.MANUELT_HANDTERT, "ALTINN")
    assert (sendt.told, notify_of_lost_letters()) == (Framdrift.FRAMME, 0)


def test_what_did_not_arrive_is_kept_until_its_citizen_is_told_and_did_not_arrive_after_that(
    sendt: Sendt,
) -> None:
    sendt.let_a_person_act()
    ACTS["close"](sendt.id)
    clock.move(timedelta(days=400))
    assert (deletion.expire_content(), deletion._expire(sendt.id)) == (0, False)
    assert notify_of_lost_letters() == 1
    assert deletion.expire_content() == 1
    assert (letter(sendt.id).status, sendt.told) == (Status.SLETTET, Framdrift.IKKE_FRAMME)


def test_what_has_reached_its_receiver_and_is_deleted_when_its_time_is_over_has_arrived(
    eier: Owner, world: World, sendt: Sendt
) -> None:
    hand_over(eier, world)
    receive(Kanal.ALTINN, "LEVERT", letter_id=sendt.id)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 1
    assert letter(sendt.id).status == Status.SENDT_DIGITALT
    session().rollback()
    clock.move(timedelta(days=400))
    assert deletion.expire_content() == 1
    assert (letter(sendt.id).status, sendt.told, notify_of_lost_letters()) == (
        Status.SLETTET,
        Framdrift.FRAMME,
        0,
    )
