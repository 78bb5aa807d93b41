"""Lesefrist, reading and paper: exactly one of them wins, whoever comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, IkkeFunnet, IkkeTilgang, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import packing
from fiks.svarut.delivery import unknown_outcomes
from fiks.svarut.inbox import access
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Bane, Kanal, Status
from fiks.svarut.sender import actions
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.newer import widened
from tests.integration.print.orders import orders_of
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    levering,
    leveringer,
    make_letter,
    statuses,
)
from tests.integration.svarut.test_held_letters import while_waited_for
from tests.integration.worlds import Receipt, World
from workers.process import Process

CITIZEN = Aktor(Aktortype.PERSON, "Kari Fjellstad", acr=4)
NOBODY: frozenset[str] = frozenset()


def in_altinn(hus: Hus, eier: Owner, world: World, **options: object) -> tuple[UUID, str]:
    """A person's letter that lies unread in Altinn, and the person's number."""
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number, **options)  # type: ignore[arg-type]
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    return made, number


def read(letter_id: UUID, number: str) -> bool:
    return access.mark_read(letter_id, pid=number, orgnrs=NOBODY, actor=CITIZEN)


def test_before_lesefrist_nothing_happens_to_unread_post(hus: Hus, eier: Owner, world: World) -> None:
    made, _ = in_altinn(hus, eier, world)
    assert lesefrist.expire_lesefrist() == 0
    assert letter(made).lesefrist_utlopt is None


def test_unread_post_goes_on_paper_once(hus: Hus, eier: Owner, world: World) -> None:
    made, _ = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    assert [lesefrist.expire_lesefrist() for _ in range(3)] == [1, 0, 0]
    assert letter(made).status == Status.SENDT_ALTINN
    assert hand_over(eier, world) == 1
    assert statuses(made)[-2:] == [Status.SENDT_ALTINN, Status.SENDT_PRINT]
    assert lesefrist.expire_lesefrist() == 0
    assert world.antall == (0, 1, 1)
    assert letter(made).kanalregel == "2b"


def test_a_receiver_of_a_kind_that_only_a_newer_release_knows_holds_up_nobodys_lesefrist(
    database: Database, hus: Hus, eier: Owner, world: World
) -> None:
    theirs, ours = (in_altinn(hus, eier, world)[0] for _ in range(2))
    session().rollback()
    with widened(database, "ck_forsendelse_mottakertype"):
        with transaction() as tx:
            tx.execute(update(Forsendelse).where(Forsendelse.id == theirs).values(mottakertype="HUSSTAND"))
        let_lesefrist_pass()
        assert lesefrist.expire_lesefrist() == 1
        assert (letter(theirs).lesefrist_utlopt, letter(ours).lesefrist_utlopt is None) == (None, False)
        with transaction() as tx:
            tx.execute(update(Forsendelse).where(Forsendelse.id == theirs).values(mottakertype="PERSON"))
    assert lesefrist.expire_lesefrist() == 1


def test_a_letter_read_before_the_deadline_is_never_printed(hus: Hus, eier: Owner, world: World) -> None:
    made, number = in_altinn(hus, eier, world)
    assert read(made, number)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 0
    assert hand_over(eier, world) == 0
    assert letter(made).status == Status.LEST
    assert world.print.antall == 0


def test_a_letter_read_after_the_deadline_but_before_paper_is_never_printed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    assert read(made, number)
    assert levering(made).status == "STOPPET"
    assert hand_over(eier, world) == 0
    assert letter(made).status == Status.LEST
    assert world.print.antall == 0


def test_a_letter_read_while_the_paper_hand_over_is_claimed_is_not_printed(
    hus: Hus, eier: Owner, world: World
) -> None:
    first, first_number = in_altinn(hus, eier, world)
    second, second_number = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    numbers = {first: first_number, second: second_number}

    def read_the_other(referanse: str, brev: Brev) -> None:
        world.print.under = None
        other = second if brev.id == first else first
        read(other, numbers[other])

    world.print.under = read_the_other
    hand_over(eier, world)
    assert sorted([letter(first).status, letter(second).status]) == [Status.LEST, Status.SENDT_PRINT]
    assert world.print.antall == 1


def test_a_letter_read_while_its_print_file_is_made_is_not_ordered_and_leaves_no_file(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    world.print.under = lambda referanse, brev: _read_quietly(made, number)
    hand_over(eier, world)
    assert letter(made).status == Status.LEST
    assert (levering(made).status, world.print.antall) == ("STOPPET", 0)
    assert codes(made)[-1] == "STOPPET_FOR_KALL"


def _read_quietly(letter_id: UUID, number: str) -> None:
    read(letter_id, number)


def meanwhile(process: Process, act: Callable[[], object]) -> Callable[[], object]:
    """Begin `act` on another connection; what is returned waits for it and gives its answer."""
    answers: list[object] = []

    def run() -> None:
        with process.app.app_context():
            answers.append(act())

    thread = threading.Thread(target=run)
    thread.start()

    def finish() -> object:
        thread.join(20)
        assert answers, "the other connection never came through"
        return answers[0]

    thread.join(0.3)
    return finish


def test_the_read_waits_for_a_deadline_that_came_first_and_then_stops_the_paper(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    made, number = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    with transaction():
        assert lesefrist.expire_lesefrist() == 1
        reading = meanwhile(process, lambda: read(made, number))
    assert reading() is True
    session().rollback()
    hand_over(eier, world)
    assert letter(made).status == Status.LEST
    assert world.print.antall == 0


def test_the_deadline_leaves_a_letter_that_is_being_read_alone(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    made, number = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    with transaction():
        assert read(made, number)
        expiry = meanwhile(process, lesefrist.expire_lesefrist)
    assert expiry() == 0
    session().rollback()
    assert lesefrist.expire_lesefrist() == 0
    assert hand_over(eier, world) == 0
    assert letter(made).status == Status.LEST
    assert len(leveringer(made)) == 1


def test_of_two_deadline_jobs_at_once_one_takes_the_letter(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    made, _ = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    with transaction():
        assert lesefrist.expire_lesefrist() == 1
        other = meanwhile(process, lesefrist.expire_lesefrist)
    assert other() == 0
    session().rollback()
    hand_over(eier, world)
    assert world.print.antall == 1
    assert len(leveringer(made)) == 2


def test_a_letter_that_altinn_fails_with_while_the_overdue_are_found_keeps_no_other_from_paper(
    hus: Hus, eier: Owner, world: World, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement that finds them began before its next hand-over was opened, and locks it afterwards."""
    failed, other = (in_altinn(hus, eier, world)[0] for _ in range(2))
    receipt = Receipt(str(levering(failed).id), "FEILET")
    let_lesefrist_pass()
    waits = func.pg_advisory_xact_lock(17)
    overdue_by = select(clock.now_sql()).select_from(waits).scalar_subquery()

    def fail() -> None:
        session().execute(select(waits))
        feed.apply_receipt(Kanal.ALTINN, receipt)

    # The statement itself waits until the receipt is applied: no lock of the product's would hold it in its middle.
    in_its_middle = SimpleNamespace(now=lambda: overdue_by, now_sql=clock.now_sql)
    monkeypatch.setattr(lesefrist, "clock", in_its_middle)
    expired = list[int]()
    while_waited_for(process, fail, lambda: expired.append(lesefrist.expire_lesefrist()))
    assert expired == [1]
    assert [codes(one).count("LESEFRIST_UTLOPT") for one in (failed, other)] == [0, 1]
    assert [len(leveringer(one)) for one in (failed, other)] == [2, 2]
    hand_over(eier, world)
    assert {letter(one).status for one in (failed, other)} == {Status.SENDT_PRINT}


def test_of_two_reads_at_once_one_is_the_first(hus: Hus, eier: Owner, world: World, process: Process) -> None:
    made, number = in_altinn(hus, eier, world)
    with transaction():
        assert read(made, number)
        other = meanwhile(process, lambda: read(made, number))
    assert other() is False
    session().rollback()
    assert statuses(made).count(Status.LEST) == 1


def test_a_letter_read_before_our_own_record_of_the_call_is_read_when_that_is_written(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    answers: list[bool] = []
    world.altinn.under = lambda referanse, brev: answers.extend(read(made, number) for _ in range(2))
    hand_over(eier, world)
    assert answers == [True, False]
    assert statuses(made)[2:] == [Status.SENDT_ALTINN, Status.LEST]
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 0


def test_a_letter_read_while_nobody_knows_whether_it_was_sent_is_read_when_it_is_found(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    world.altinn.svar = [Uavklart("SVARET_BORTE")]
    hand_over(eier, world)
    assert read(made, number)
    assert letter(made).status == Status.AKSEPTERT
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert letter(made).status == Status.LEST
    assert hand_over(eier, world) == 0


def delivered(made: UUID) -> None:
    """Altinn says that the receiver can read it there."""
    feed.apply_receipt(Kanal.ALTINN, Receipt(str(levering(made).id), "LEVERT"))


def test_kun_digital_that_nobody_read_ends_as_sendt_digitalt_and_can_still_be_read(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world, kun_digital=True)
    delivered(made)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    assert letter(made).status == Status.SENDT_DIGITALT
    assert hand_over(eier, world) == 0
    assert read(made, number)
    assert letter(made).status == Status.LEST
    assert world.print.antall == 0


@pytest.mark.parametrize(
    ("ettersending", "status"), [(False, Status.SENDT_DIGITALT), (True, Status.SENDT_PRINT)]
)
def test_an_organisations_unread_post_goes_on_paper_only_where_the_konto_says_so(
    empty: None, eier: Owner, world: World, ettersending: bool, status: Status
) -> None:
    hus = make_hus(ettersending_virksomheter=ettersending)
    made = make_letter(hus, world.register.add_unit(new_orgnr()))
    hand_over(eier, world)
    delivered(made)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    assert letter(made).status == status
    assert world.print.antall == int(ettersending)


def test_mass_letters_go_on_paper_in_the_mass_lane_and_single_ones_in_theirs(
    hus: Hus, eier: Owner, world: World
) -> None:
    single, _ = in_altinn(hus, eier, world)
    number = world.register.add_person(new_fnr())
    mass = make_letter(hus, number, bane=Bane.MASSE, utsending_id=uuid4(), radnr=2)
    hand_over(eier, world, Bane.MASSE)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    assert (levering(single).bane, levering(mass).bane) == ("enkelt", "masse")


def test_do_not_print_keeps_unread_post_from_paper_for_good(hus: Hus, eier: Owner, world: World) -> None:
    mailing = uuid4()
    waiting, _ = in_altinn(hus, eier, world, utsending_id=mailing)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    fresh, _ = in_altinn(hus, eier, world, utsending_id=mailing)
    other, _ = in_altinn(hus, eier, world)
    assert actions.keep_unread_off_paper(mailing, hus.konto_id, actor=HOUSE) == 2
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    for bane in (Bane.ENKELT, Bane.MASSE):
        hand_over(eier, world, bane)
    assert {letter(one).status for one in (waiting, fresh)} == {Status.MANUELT_HANDTERT}
    assert letter(other).status == Status.SENDT_PRINT
    assert world.print.antall == 1


def test_paper_that_is_in_a_package_is_not_promised_away_and_what_is_in_none_is_called_off(
    hus: Hus, eier: Owner, world: World
) -> None:
    packed, _ = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    packing.pack_all()
    later, _ = in_altinn(hus, eier, world)
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    hand_over(eier, world)
    for one in (packed, later):
        actions.set_manually_handled(one, actor=HOUSE)
    assert {letter(one).status for one in (packed, later)} == {Status.MANUELT_HANDTERT}
    assert (codes(packed)[-2:], codes(later)[-1]) == (
        ["PRINTES_LIKEVEL", "MANUELT_HANDTERT"],
        "MANUELT_HANDTERT",
    )
    assert [orders_of(one) for one in (packed, later)] == [
        [("GRAFISK_DIGITAL", "MOTTATT")],
        [("GRAFISK_DIGITAL", "AVBESTILT")],
    ]


def test_a_mailbox_letter_is_never_printed_however_long_nobody_reads_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    hand_over(eier, world)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 0
    assert hand_over(eier, world) == 0
    assert letter(made).status == Status.SENDT_SDP


def test_lesefrist_waits_while_an_unread_letter_is_still_being_handed_over(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.dpi.svar, world.altinn.svar = [Avvist("MOTTAKER_UKJENT")], [Uavklart("SVARET_BORTE")]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    hand_over(eier, world)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 0
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist() == 1
    assert letter(made).status == Status.SENDT_ALTINN


# Who may read


def test_a_letter_is_read_by_its_receiver_and_to_others_there_is_no_such_letter(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world)
    assert access.readable_document(made, 1, pid=number, acr=3, orgnrs=NOBODY).filnavn == "brev.pdf"
    for letter_id, pid in ((made, new_fnr()), (uuid4(), number)):
        with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
            access.readable_document(letter_id, 1, pid=pid, acr=4, orgnrs=NOBODY)
        with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
            read(letter_id, pid)
    with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
        access.readable_document(made, 2, pid=number, acr=4, orgnrs=NOBODY)
    assert letter(made).status == Status.SENDT_ALTINN


def test_an_organisations_letter_is_read_by_one_who_holds_its_post(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    pid = new_fnr()
    with pytest.raises(IkkeFunnet):
        access.readable_document(made, 1, pid=pid, acr=4, orgnrs=frozenset({new_orgnr()}))
    assert access.readable_document(made, 1, pid=pid, acr=4, orgnrs=frozenset({orgnr}))
    assert access.mark_read(made, pid=pid, orgnrs=frozenset({orgnr}), actor=CITIZEN)


def test_a_letter_of_the_highest_level_asks_for_the_highest_login(
    hus: Hus, eier: Owner, world: World
) -> None:
    made, number = in_altinn(hus, eier, world, sikkerhetsniva="HOYESTE")
    with pytest.raises(IkkeTilgang, match="HOYERE_NIVA"):
        access.readable_document(made, 1, pid=number, acr=3, orgnrs=NOBODY)
    assert access.readable_document(made, 1, pid=number, acr=4, orgnrs=NOBODY)


def test_reading_again_changes_nothing(hus: Hus, eier: Owner, world: World) -> None:
    made, number = in_altinn(hus, eier, world)
    assert [read(made, number) for _ in range(3)] == [True, False, False]
    assert statuses(made).count(Status.LEST) == 1
