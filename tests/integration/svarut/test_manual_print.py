"""Letters that the sender prints itself: in its queue, never at the print house, and marked once."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import db, session, transaction
from fiks.core.errors import Avvist, IkkeFunnet, IkkeTilgang, KanalFeil, Konflikt, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.audit import access_log
from fiks.konfigurasjon.models import Konto, Person
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.service import create_konto, grant_privilegium, register_person
from fiks.print.handover import packing
from fiks.print.models import Ordre
from fiks.print.operations import alarms
from fiks.registeroppslag.errors import RegisterSvarerIkke
from fiks.registeroppslag.rules import Adressebeskyttelse, Registernavn
from fiks.svarut import invariants
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.cancellation import lock_letters
from fiks.svarut.delivery.claims import claim
from fiks.svarut.delivery.deliver import hand_over
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse
from fiks.svarut.operations import external_invariants
from fiks.svarut.paper import cancellation, manual_opening, manual_queue
from fiks.svarut.paper.manual_opening import open_letter
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Bane, Kanal, Slettetype, Status
from fiks.svarut.sender import actions, statistics
from fiks.svarut.transitions import open_levering
from fiks.utsending.rows.address_protection import mask_row
from tests.integration.databases import statements
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, staff_of
from tests.integration.print.orders import orders_of
from tests.integration.svarut import letters
from tests.integration.svarut.letters import (
    codes,
    let_lesefrist_pass,
    letter,
    levering,
    leveringer,
    make_letter,
    make_letters,
    statuses,
)
from tests.integration.worlds import Receipt, World
from workers.process import Process


@pytest.fixture
def own(hus: Hus) -> Hus:
    """The kommune, whose konto prints its letters itself."""
    let_print(hus, "MANUELL_PRINT")
    return hus


def let_print(hus: Hus, leverandor: str) -> None:
    with transaction() as tx:
        tx.execute(update(Konto).where(Konto.id == hus.konto_id).values(printleverandor=leverandor))


def waiting(hus: Hus, **page: object) -> list[UUID]:
    found = [row.id for row in manual_queue.waiting_letters(hus.konto_id, actor=HOUSE, **page)]  # type: ignore[arg-type]
    session().rollback()
    return found


def queued(hus: Hus, eier: Owner, world: World) -> UUID:
    made = make_letter(hus)
    letters.hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
    session().rollback()
    return made


def test_a_letter_for_paper_lies_in_its_kontos_queue_and_never_goes_to_the_print_house(
    own: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(own, konteringskode="K-7", tosidig=True)
    letters.hand_over(eier, world)
    assert (letter(made).status, letter(made).kanal, world.print.antall) == (Status.SENDT_PRINT, "PRINT", 0)
    assert (levering(made).status, orders_of(made)) == ("OVERLEVERT", [("MANUELL_PRINT", "MOTTATT")])
    assert codes(made)[-2:] == ["OVERLEVERT_MANUELL_PRINT", "SENDT_MANUELL_PRINT"]
    [row] = manual_queue.waiting_letters(own.konto_id, actor=HOUSE)
    assert (row.id, row.tittel, row.konteringskode, row.tosidig) == (made, "Skatteseddel", "K-7", True)
    assert letters.hand_over(eier, world) == 0
    assert packing.pack_all() == 0


def test_the_other_channels_are_as_for_everybody(own: Hus, eier: Owner, world: World) -> None:
    made = make_letter(own, world.register.add_person(new_fnr()))
    letters.hand_over(eier, world)
    assert (letter(made).status, waiting(own)) == (Status.SENDT_ALTINN, [])
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    letters.hand_over(eier, world)
    assert (waiting(own), world.print.antall) == ([made], 0)
    assert statuses(made)[-2:] == [Status.SENDT_ALTINN, Status.SENDT_PRINT]


def test_the_address_of_a_protected_person_is_not_in_the_queue(own: Hus, eier: Owner, world: World) -> None:
    number = world.register.add_person(
        new_fnr(), registrert=False, beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    made = make_letter(own, number)
    letters.hand_over(eier, world)
    assert (levering(made).status, levering(made).bane, waiting(own)) == ("TIL_BEHANDLING", Bane.SPERRET, [])


def test_what_was_asked_to_stop_or_was_read_meanwhile_is_not_in_the_queue(
    own: Hus, eier: Owner, world: World
) -> None:
    mailing, number = uuid4(), world.register.add_person(new_fnr(), reservert=True)
    stopped = make_letter(own, utsending_id=mailing, radnr=1)
    claims = claim(Bane.ENKELT, eier.ensure())
    actions.stop_unsent(mailing, actor=HOUSE)
    hand_over(claims, eier, world.verden)
    read = make_letter(own, number)
    actions.mark_read_externally(read, fnr=number, tidspunkt=clock.now(), systemnavn="P", actor=HOUSE)
    letters.hand_over(eier, world)
    assert {letter(one).status for one in (stopped, read)} == {Status.MANUELT_HANDTERT}
    assert waiting(own) == []


def test_who_has_printed_says_so_once_and_it_is_in_the_log_with_the_person(
    own: Hus, eier: Owner, world: World
) -> None:
    made, other = queued(own, eier, world), queued(own, eier, world)
    staff = staff_of(own, P.SENDE)
    assert [manual_queue.mark_printed([made], actor=staff) for _ in range(3)] == [1, 0, 0]
    assert (letter(made).status, codes(made).count("PRINTET_MANUELT")) == (Status.PRINTET, 1)
    assert waiting(own) == [other]
    acts = session().scalars(select(Audit).where(Audit.handling == "BREV_SKREVET_UT")).all()
    assert [(act.objekt_id, act.ressurs_id) for act in acts] == [(str(made), own.konto_id)]
    session().rollback()
    assert manual_queue.mark_printed([made, other], actor=staff) == 1


def test_two_who_say_so_at_once_are_told_of_once(
    own: Hus, eier: Owner, world: World, process: Process
) -> None:
    ids = [queued(own, eier, world) for _ in range(5)]
    start, marked = threading.Barrier(2), list[int]()

    def mark(order: list[UUID]) -> None:
        with process.app.app_context():
            start.wait(30)
            marked.append(manual_queue.mark_printed(order, actor=HOUSE))
            db.session.remove()

    threads = [threading.Thread(target=mark, args=(order,)) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(marked) == [0, 5]
    assert [codes(one).count("PRINTET_MANUELT") for one in ids] == [1] * 5


def read_it(letter_id: UUID) -> None:
    actions.mark_read_externally(
        letter_id, fnr=new_fnr(), tidspunkt=clock.now(), systemnavn="Portal", actor=HOUSE
    )


def close_it(letter_id: UUID) -> None:
    actions.set_manually_handled(letter_id, actor=HOUSE)


def delete_it(letter_id: UUID) -> None:
    actions.delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)


@pytest.mark.parametrize("act", [read_it, close_it, delete_it])
def test_what_is_read_closed_or_deleted_leaves_the_queue_and_none_of_a_portion_is_marked_with_it(
    own: Hus, eier: Owner, world: World, act: object
) -> None:
    made, other = queued(own, eier, world), queued(own, eier, world)
    assert callable(act)
    act(made)
    session().rollback()
    assert waiting(own) == [other]
    with pytest.raises(Konflikt, match="KAN_IKKE_MERKES_SKREVET_UT"):
        manual_queue.mark_printed([made, other], actor=HOUSE)
    assert letter(other).status == Status.SENDT_PRINT


def test_what_the_print_house_has_is_not_marked_by_hand(hus: Hus, eier: Owner, world: World) -> None:
    made = queued(hus, eier, world)
    assert world.print.antall == 1
    let_print(hus, "MANUELL_PRINT")
    assert waiting(hus) == []
    for one in (made, uuid4()):
        with pytest.raises(IkkeFunnet):
            manual_queue.mark_printed([one], actor=HOUSE)
    assert letter(made).status == Status.SENDT_PRINT


def test_what_lies_in_the_queue_stays_there_when_its_konto_gets_a_print_house(
    own: Hus, eier: Owner, world: World
) -> None:
    made = queued(own, eier, world)
    let_print(own, "GRAFISK_DIGITAL")
    after = queued(own, eier, world)
    assert (waiting(own), world.print.antall) == ([made], 1)
    assert orders_of(after) == [("GRAFISK_DIGITAL", "MOTTATT")]


def test_what_the_print_house_could_not_print_goes_to_the_queue_when_it_is_tried_again(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = queued(hus, eier, world)
    first = str(levering(made).id)
    feed.apply_receipt(Kanal.PRINT, Receipt(first, "FEILET"))
    let_print(hus, "MANUELL_PRINT")
    actions.retry_failed(levering(made).id, actor=HOUSE)
    letters.hand_over(eier, world)
    assert (waiting(hus), world.print.antall) == ([made], 1)
    feed.apply_receipt(Kanal.PRINT, Receipt(first, "PRINTET"))
    assert (letter(made).status, waiting(hus)) == (Status.PRINTET, []), "it was printed after all"
    assert [ko.venter for ko in manual_queue.queues(actor=staff_of(hus, P.SENDE))] == [0]
    assert alarms.count_manual_print() == 0


def test_what_was_given_up_moved_to_the_sender_and_printed_waits_to_be_ordered_by_nobody(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = queued(hus, eier, world)
    first = levering(made).id
    feed.apply_receipt(Kanal.PRINT, Receipt(str(first), "FEILET"))
    with transaction() as tx:
        tx.get_one(Ordre, first).leverandor = "MANUELL_PRINT"
    assert levering(made).status == "TIL_BEHANDLING"
    assert manual_queue.mark_printed([made], actor=HOUSE) == 1
    assert (letter(made).status, levering(made).status) == (Status.PRINTET, "STOPPET")


def test_who_opens_a_letter_that_somebody_else_took_up_is_told_and_may_do_it_all_the_same(
    own: Hus, eier: Owner, world: World
) -> None:
    made = queued(own, eier, world)
    first, second = staff_of(own, P.SENDE), staff_of(own, P.SENDE)
    assert _opened_by(own) == [None]
    for _ in range(2):
        assert open_letter(made, world.register, mask_row, actor=first).storrelse > 0
    assert (_opened_by(own), codes(made).count("APNET_FOR_UTSKRIFT")) == ([first.ref], 1)
    with pytest.raises(Konflikt, match="APNET_FOR_UTSKRIFT") as told:
        open_letter(made, world.register, mask_row, actor=second)
    assert told.value.params["navn"] == session().get_one(Person, first.person_id).navn
    assert (_opened_by(own), len(_downloads(made))) == ([first.ref], 2)
    open_letter(made, world.register, mask_row, actor=second, again=True)
    assert (_opened_by(own), len(_downloads(made))) == ([second.ref], 3)
    with pytest.raises(Konflikt, match="APNET_FOR_UTSKRIFT"):
        open_letter(made, world.register, mask_row, actor=first)


def test_of_two_who_open_a_letter_at_once_one_is_told(
    own: Hus, eier: Owner, world: World, process: Process
) -> None:
    made = queued(own, eier, world)
    staff = [staff_of(own, P.SENDE) for _ in range(4)]
    ready, told = threading.Barrier(len(staff)), list[str]()

    def opens(actor: Aktor) -> None:
        with process.app.app_context():
            ready.wait(30)
            try:
                open_letter(made, world.register, mask_row, actor=actor)
                told.append("")
            except Konflikt as error:
                told.append(error.kode)
            db.session.remove()

    threads = [threading.Thread(target=opens, args=(actor,)) for actor in staff]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["", *["APNET_FOR_UTSKRIFT"] * 3]


def queued_person(hus: Hus, eier: Owner, world: World, **options: object) -> tuple[UUID, str]:
    """A letter in the queue to somebody who may have it on paper; and their number."""
    number = world.register.add_person(new_fnr(), registrert=False)
    made = make_letter(hus, number, **options)  # type: ignore[arg-type]
    letters.hand_over(eier, world)
    assert (letter(made).status, waiting(hus)) == (Status.SENDT_PRINT, [made])
    session().rollback()
    return made, number


def queued_beside(hus: Hus, eier: Owner, world: World) -> tuple[UUID, UUID, str]:
    """Two letters that lie in the queue: one that nothing is done with, and one to a person, with the number."""
    other = queued(hus, eier, world)
    number = world.register.add_person(new_fnr(), registrert=False)
    made = make_letter(hus, number)
    letters.hand_over(eier, world)
    return other, made, number


def protect(world: World, number: str) -> None:
    """Somebody's address has become strictly protected."""
    world.register.add_person(number, registrert=False, beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)


def test_a_letter_whose_receiver_got_a_protected_address_while_it_lay_is_not_shown_and_waits_for_the_few(
    own: Hus, eier: Owner, world: World
) -> None:
    made, number = queued_person(own, eier, world, utsending_id=uuid4(), radnr=1)
    staff, colleague = staff_of(own, P.SENDE), staff_of(own, P.SENDE)
    open_letter(made, world.register, mask_row, actor=colleague)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT_MEN_ER_APNET") as told:
        open_letter(made, world.register, mask_row, actor=staff)
    assert told.value.params["navn"] == session().get_one(Person, colleague.person_id).navn
    now = levering(made)
    assert (now.status, now.bane, now.kanal) == ("TIL_BEHANDLING", Bane.SPERRET, Kanal.PRINT)
    assert (now.feilkode, now.utsending_id) == ("ADRESSE_SPERRET", letter(made).utsending_id)
    assert (letter(made).status, orders_of(made)) == (Status.SENDT_PRINT, [("MANUELL_PRINT", "AVBESTILT")])
    assert codes(made)[-2:] == ["TATT_FRA_UTSKRIFTSKO", "MA_BEHANDLES"]
    assert (waiting(own), invariants.check_letters(select(Forsendelse.id))) == ([], [])
    assert [one.aktor for one in _downloads(made)] == [colleague.ref], "nothing was shown"
    act = session().scalars(select(Audit).where(Audit.handling == "BREV_TATT_FRA_UTSKRIFTSKO")).one()
    assert (act.aktor, act.objekt_id, act.gjelder) == (staff.ref, str(made), None)
    session().rollback()
    for again in (colleague, staff):
        with pytest.raises(IkkeFunnet):
            open_letter(made, world.register, mask_row, actor=again, again=True)


@pytest.mark.parametrize("grad", [Adressebeskyttelse.FORTROLIG, Adressebeskyttelse.STRENGT_FORTROLIG])
def test_what_the_register_says_when_a_letter_is_opened_is_told_of_as_at_hand_over(
    own: Hus, eier: Owner, world: World, grad: Adressebeskyttelse
) -> None:
    made, number = queued_person(own, eier, world, utsending_id=uuid4(), radnr=1)
    world.register.add_person(number, registrert=False, beskyttelse=grad)
    told = list[tuple[UUID, Adressebeskyttelse]]()
    strict = grad is Adressebeskyttelse.STRENGT_FORTROLIG
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT") if strict else nullcontext():
        open_letter(made, world.register, lambda *said: told.append(said), actor=HOUSE)
    assert (told, waiting(own)) == ([(made, grad)], [] if strict else [made])


def test_who_had_it_on_the_list_cannot_say_that_it_was_posted_and_the_few_can_close_it(
    own: Hus, eier: Owner, world: World
) -> None:
    other, made, number = queued_beside(own, eier, world)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    with pytest.raises(Konflikt, match="KAN_IKKE_MERKES_SKREVET_UT") as told:
        manual_queue.mark_printed([made, other], actor=HOUSE)
    assert told.value.params["forsendelser"] == [made]
    assert (levering(made).status, waiting(own)) == ("TIL_BEHANDLING", [other])
    with pytest.raises(Konflikt, match="KAN_IKKE_PROVES_IGJEN"):
        actions.retry_failed(levering(made).id, actor=HOUSE)
    actions.set_manually_handled(made, actor=HOUSE)
    assert (letter(made).status, levering(made).status) == (Status.MANUELT_HANDTERT, "STOPPET")
    assert (letter(made).kanal, letter(made).overlevert) == (None, None), "nobody had so much as opened it"
    assert invariants.check_letters(select(Forsendelse.id)) == []


def test_what_was_taken_from_the_queue_and_closed_counts_as_sent_only_if_somebody_had_opened_it(
    own: Hus, eier: Owner, world: World
) -> None:
    opened, first = queued_person(own, eier, world)
    open_letter(opened, world.register, mask_row, actor=HOUSE)
    unopened, made, second = queued_beside(own, eier, world)
    for number in (first, second):
        protect(world, number)
    for one in (opened, made):
        with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
            open_letter(one, world.register, mask_row, actor=HOUSE)
    for one in (opened, unopened, made):
        actions.set_manually_handled(one, actor=HOUSE)
    # What was only closed may have been printed some other way: nobody but its sender knows.
    assert [letter(one).kanal for one in (opened, unopened, made)] == ["PRINT", "PRINT", None]
    year = clock.now().year
    counted = {row.kanal: row.antall for row in statistics.statistics(year, actor=staff_of(own, P.LESE))}
    assert counted == {"PRINT": 2, "": 1}
    assert invariants.check_letters(select(Forsendelse.id)) == []


def test_a_stopped_mailings_letter_that_was_taken_from_the_queue_unopened_is_one_that_was_never_sent(
    own: Hus, eier: Owner, world: World
) -> None:
    mailing = uuid4()
    made, number = queued_person(own, eier, world, utsending_id=mailing, radnr=1)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert cancellation.count_failed(mailing) == (1, 1)
    with transaction():
        assert cancellation.stop_failed_paper(mailing, actor=HOUSE) == 1
    assert (letter(made).status, letter(made).overlevert) == (Status.MANUELT_HANDTERT, None)
    assert (levering(made).status, invariants.check_letters(select(Forsendelse.id))) == ("STOPPET", [])


def test_a_stop_leaves_alone_what_was_opened_before_it_was_taken_from_the_queue(
    own: Hus, eier: Owner, world: World
) -> None:
    mailing = uuid4()
    made, number = queued_person(own, eier, world, utsending_id=mailing, radnr=1)
    open_letter(made, world.register, mask_row, actor=HOUSE)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert cancellation.count_failed(mailing) == (0, 0), "it may be in the post"
    with transaction():
        assert cancellation.stop_failed_paper(mailing, actor=HOUSE) == 0
    assert levering(made).status == "TIL_BEHANDLING"


def test_who_posted_it_before_it_was_taken_from_the_queue_says_so_and_nobody_is_to_handle_it(
    own: Hus, eier: Owner, world: World
) -> None:
    other, made, number = queued_beside(own, eier, world)
    staff = staff_of(own, P.SENDE)
    open_letter(made, world.register, mask_row, actor=staff)
    protect(world, number)
    with pytest.raises(Konflikt) as told:
        open_letter(made, world.register, mask_row, actor=staff)
    assert told.value.kode == "SKAL_IKKE_SKRIVES_UT", "nobody else has opened it"
    [row] = manual_queue.taken_letters(own.konto_id, actor=staff)
    assert (row.id, row.i_ko, waiting(own)) == (made, False, [other])
    assert {one.id: one.i_ko for one in manual_queue.chosen_letters([made, other], actor=staff)} == {
        made: False,
        other: True,
    }
    session().rollback()
    assert [manual_queue.mark_printed([made, other], actor=staff) for _ in range(2)] == [2, 0]
    assert (letter(made).status, levering(made).status) == (Status.PRINTET, "STOPPET")
    assert orders_of(made) == [("MANUELL_PRINT", "AVBESTILT")]
    assert (
        manual_queue.taken_letters(own.konto_id, actor=staff),
        invariants.check_letters(select(Forsendelse.id)),
    ) == (
        [],
        [],
    )


def test_only_who_opened_it_says_that_what_was_taken_from_the_queue_is_posted(
    own: Hus, eier: Owner, world: World
) -> None:
    other, made, number = queued_beside(own, eier, world)
    first, again, colleague = (staff_of(own, P.SENDE) for _ in range(3))
    open_letter(made, world.register, mask_row, actor=first)
    open_letter(made, world.register, mask_row, actor=again, again=True)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT_MEN_ER_APNET") as told:
        open_letter(made, world.register, mask_row, actor=again)
    assert told.value.params["navn"] == session().get_one(Person, first.person_id).navn
    for actor in (colleague, HOUSE):
        assert manual_queue.taken_letters(own.konto_id, actor=actor) == []
        with pytest.raises(Konflikt, match="KAN_IKKE_MERKES_SKREVET_UT"):
            manual_queue.mark_printed([made, other], actor=actor)
    assert (levering(made).status, waiting(own)) == ("TIL_BEHANDLING", [other])
    assert [
        [one.id for one in manual_queue.taken_letters(own.konto_id, actor=a)] for a in (first, again)
    ] == [[made]] * 2
    session().rollback()
    assert manual_queue.mark_printed([made], actor=first) == 1
    assert (letter(made).status, levering(made).status) == (Status.PRINTET, "STOPPET")


def test_a_letter_taken_while_it_is_being_marked_is_marked_when_that_is_tried_again(
    own: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, number = queued_person(own, eier, world)
    open_letter(made, world.register, mask_row, actor=HOUSE)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    with monkeypatch.context() as patched:
        patched.setattr(manual_queue, "lock_letters", lambda ids: [] if lock_letters(ids) else [])
        with pytest.raises(Konflikt, match="KAN_IKKE_MERKES_SKREVET_UT"):
            manual_queue.mark_printed([made], actor=HOUSE)
    assert (letter(made).status, levering(made).status) == (Status.SENDT_PRINT, "TIL_BEHANDLING")
    session().rollback()
    assert manual_queue.mark_printed([made], actor=HOUSE) == 1
    assert levering(made).status == "STOPPET"


def test_what_the_few_have_closed_is_posted_by_nobody_afterwards(own: Hus, eier: Owner, world: World) -> None:
    made, number = queued_person(own, eier, world)
    open_letter(made, world.register, mask_row, actor=HOUSE)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    actions.set_manually_handled(made, actor=HOUSE)
    assert manual_queue.taken_letters(own.konto_id, actor=HOUSE) == []
    with pytest.raises(Konflikt, match="KAN_IKKE_MERKES_SKREVET_UT"):
        manual_queue.mark_printed([made], actor=HOUSE)
    assert letter(made).status == Status.MANUELT_HANDTERT


def test_a_hand_over_that_was_opened_while_the_letter_was_waited_for_is_its_only_one(
    own: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, number = queued_person(own, eier, world)
    protect(world, number)

    def held_late(ids: list[UUID]) -> object:
        """As `lock_letters`, when somebody opens a hand-over after the search and before the lock."""
        seen = lock_letters(ids)
        open_levering(
            made, utsending_id=None, bane=Bane.ENKELT, kanal=Kanal.PRINT, aktor="x", kode="SENDT_PRINT_IGJEN"
        )
        return seen

    monkeypatch.setattr(manual_opening, "lock_letters", held_late)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert (levering(made).status, levering(made).bane, waiting(own)) == ("KLAR", Bane.ENKELT, [])


def test_a_letter_with_another_hand_over_leaves_the_queue_and_that_one_asks_about_the_address(
    own: Hus, eier: Owner, world: World
) -> None:
    """It was given up by a print house, and the order was moved here."""
    let_print(own, "GRAFISK_DIGITAL")
    number = world.register.add_person(new_fnr(), registrert=False)
    made = make_letter(own, number)
    letters.hand_over(eier, world)
    first = levering(made).id
    feed.apply_receipt(Kanal.PRINT, Receipt(str(first), "FEILET"))
    with transaction() as tx:
        tx.get_one(Ordre, first).leverandor = "MANUELL_PRINT"
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert (levering(made).bane, len(leveringer(made)), waiting(own)) == (Bane.ENKELT, 2, [])
    actions.retry_failed(levering(made).id, actor=HOUSE)
    letters.hand_over(eier, world)
    assert (levering(made).status, levering(made).bane) == ("TIL_BEHANDLING", Bane.SPERRET)
    assert (world.print.antall, invariants.check_letters(select(Forsendelse.id))) == (0, [])


def test_when_folkeregisteret_is_away_the_letter_is_not_shown_and_lies_where_it_lay(
    own: Hus, eier: Owner, world: World
) -> None:
    made, _ = queued_person(own, eier, world)
    before = codes(made)
    session().rollback()
    world.register.tause["personer"] = ProvIgjen("HTTP_503")
    with pytest.raises(RegisterSvarerIkke, match="UTSKRIFT_UTEN_SVAR"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert (waiting(own), codes(made), _downloads(made)) == ([made], before, [])
    world.register.tause.clear()
    assert open_letter(made, world.register, mask_row, actor=HOUSE).storrelse > 0


@pytest.mark.parametrize(
    "trouble", [Avvist("HTTP_400"), ProvIgjen("HTTP_500"), ProvIgjen("UFORSTAAELIG_SVAR")]
)
def test_what_may_be_because_of_the_receiver_is_told_of_with_the_letters_id_and_logged_as_at_hand_over(
    own: Hus, eier: Owner, world: World, trouble: KanalFeil, caplog: pytest.LogCaptureFixture
) -> None:
    made, number = queued_person(own, eier, world)
    world.register.vanskelige[number] = trouble
    with pytest.raises(RegisterSvarerIkke, match="MOTTAKER_UTEN_SVAR") as told:
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert (told.value.params, waiting(own)) == ({"brev": made}, [made])
    [line] = [one for one in caplog.records if one.message == "register_failed"]
    assert (vars(line)["kode"], vars(line)["register"]) == (trouble.kode, Registernavn.FOLKEREGISTER)


def test_who_opens_a_letter_does_not_wait_for_a_register_that_is_paused(
    own: Hus, eier: Owner, world: World
) -> None:
    made, _ = queued_person(own, eier, world)
    with transaction():
        circuit_breaker.pause(Registernavn.FOLKEREGISTER, circuit_breaker.REGISTER_SILENT)
    world.register.spurt.clear()
    with pytest.raises(RegisterSvarerIkke, match="UTSKRIFT_UTEN_SVAR"):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert (world.register.spurt, waiting(own)) == ([], [made])


def test_only_persons_are_looked_up_when_a_letter_is_opened_and_only_for_who_may_open_it(
    own: Hus, eier: Owner, world: World
) -> None:
    nobodys = queued(own, eier, world)
    world.register.spurt.clear()
    open_letter(nobodys, world.register, mask_row, actor=HOUSE)
    assert world.register.spurt == []
    number = world.register.add_person(new_fnr(), registrert=False)
    made = make_letter(own, number)
    letters.hand_over(eier, world)
    world.register.spurt.clear()
    with pytest.raises(IkkeTilgang):
        open_letter(made, world.register, mask_row, actor=staff_of(own, P.LESE))
    assert world.register.spurt == []
    actions.set_manually_handled(made, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        open_letter(made, world.register, mask_row, actor=HOUSE)
    assert world.register.spurt == []


def test_whom_a_letter_is_to_finds_who_opened_it_for_printing(own: Hus, eier: Owner, world: World) -> None:
    made, number = queued_person(own, eier, world)
    person = register_person(number, navn="Kari Fjellstad", actor=HOUSE)
    open_letter(made, world.register, mask_row, actor=staff_of(own, P.SENDE))
    me = Aktor(Aktortype.PERSON, "Kari Fjellstad", person_id=person)
    [row] = access_log.views_of_own_data(actor=me)
    assert (row.handling, row.tjeneste) == ("BREV_LASTET_NED_FOR_PRINT", "SVARUT")
    assert row.organisasjon == "Lillevik kommune"


def _opened_by(hus: Hus) -> list[str | None]:
    found = [
        row.apnet.aktor if row.apnet else None
        for row in manual_queue.waiting_letters(hus.konto_id, actor=HOUSE)
    ]
    session().rollback()
    return found


def _downloads(made: UUID) -> list[Audit]:
    chosen = select(Audit).where(Audit.handling == "BREV_LASTET_NED_FOR_PRINT", Audit.objekt_id == str(made))
    return list(session().scalars(chosen.order_by(Audit.id)))


def test_only_those_who_may_send_from_the_konto_see_its_queue_and_mark(
    own: Hus, eier: Owner, world: World
) -> None:
    made = queued(own, eier, world)
    for actor in (staff_of(own, P.LESE), staff_of(make_hus("Annevik kommune"), P.SENDE)):
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            manual_queue.waiting_letters(own.konto_id, actor=actor)
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            manual_queue.taken_letters(own.konto_id, actor=actor)
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            manual_queue.mark_printed([made], actor=actor)
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            open_letter(made, world.register, mask_row, actor=actor)
    assert letter(made).status == Status.SENDT_PRINT


def test_the_queue_is_shown_oldest_first_a_page_at_a_time(own: Hus, eier: Owner, world: World) -> None:
    ids = make_letters(own, [""] * 7)
    letters.hand_over(eier, world)
    found, after = [], None
    while page := manual_queue.waiting_letters(own.konto_id, actor=HOUSE, after=after, limit=3):
        assert len(page) <= 3
        found += page
        after = page[-1].overlevert, page[-1].id
    assert sorted(row.id for row in found) == sorted(ids)
    assert found == sorted(found, key=lambda row: (row.overlevert, row.id))


def test_what_waits_is_told_of_and_is_no_order_that_a_print_house_forgot(
    own: Hus, eier: Owner, world: World
) -> None:
    made = queued(own, eier, world)
    assert alarms.count_manual_print() == 1
    clock.move(timedelta(days=5))
    assert (alarms.count_manual_print(), alarms.count_print_overdue()) == (1, 0)
    assert 4.9 < alarms.MANUAL_OLDEST._value.get() / 86_400 < 5.1
    session().rollback()
    manual_queue.mark_printed([made], actor=HOUSE)
    assert alarms.count_manual_print() == 0
    assert (alarms.MANUAL._value.get(), alarms.MANUAL_OLDEST._value.get()) == (0, 0)


def test_that_the_print_house_never_got_it_is_right_and_that_it_did_would_be_a_breach(
    own: Hus, eier: Owner, world: World
) -> None:
    made = queued(own, eier, world)
    everything = select(Forsendelse.id)
    assert invariants.check_letters(everything) == []
    assert external_invariants.exactly_once(everything, []) == []
    log = [external_invariants.Mottatt(Kanal.PRINT, str(leveringer(made)[0].id), clock.now())]
    assert [found.kode for found in external_invariants.exactly_once(everything, log)] == [
        "SENDT_TROSS_MANUELL_PRINT"
    ]


def test_a_queue_is_where_a_konto_prints_by_itself_or_something_is_left_and_only_for_who_may_send_there(
    hus: Hus, eier: Owner, world: World
) -> None:
    staff, reader = staff_of(hus, P.SENDE), staff_of(hus, P.LESE)
    stranger = staff_of(make_hus("Annevik kommune"), P.SENDE)

    def shown() -> list[list[tuple[UUID, int]]]:
        session().rollback()
        found = [manual_queue.queues(actor=one) for one in (staff, reader, stranger, HOUSE)]
        in_use = [manual_queue.is_in_use(actor=one) for one in (staff, reader, stranger, HOUSE)]
        assert in_use == [bool(koer) for koer in found]
        return [[(ko.id, ko.venter) for ko in koer] for koer in found]

    assert shown() == [[], [], [], []]
    let_print(hus, "MANUELL_PRINT")
    assert shown() == [[(hus.konto_id, 0)], [], [], []]
    made = [queued(hus, eier, world) for _ in range(2)]
    let_print(hus, "GRAFISK_DIGITAL")
    assert shown() == [[(hus.konto_id, 2)], [], [], []]
    manual_queue.mark_printed(made, actor=HOUSE)
    assert shown() == [[], [], [], []]


def test_the_queues_and_whether_there_are_any_are_one_query_each_however_many_kontoer(own: Hus) -> None:
    actor = staff_of(own, P.SENDE)
    assert actor.person_id is not None
    for n in range(5):
        more = create_konto(
            own.organisasjon_id, visningsnavn=f"Konto {n}", avsender=f"{uuid4()}", actor=HOUSE
        )
        grant_privilegium(actor.person_id, P.SENDE, more, actor=HOUSE)
    for asked in (manual_queue.queues, manual_queue.is_in_use):
        session().rollback()
        with statements() as sent:
            assert asked(actor=actor)
        assert len(sent) == 1, sent


def test_what_came_back_is_noted_once_with_who_said_so_and_the_letter_stays_posted(
    own: Hus, eier: Owner, world: World
) -> None:
    made, staff = queued(own, eier, world), staff_of(own, P.SENDE)
    with pytest.raises(IkkeFunnet):
        manual_queue.mark_returned(made, actor=staff)
    manual_queue.mark_printed([made], actor=staff)
    for actor in (staff_of(own, P.LESE), staff_of(make_hus("Annevik kommune"), P.SENDE)):
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            manual_queue.mark_returned(made, actor=actor)
    assert [manual_queue.mark_returned(made, actor=staff) for _ in range(2)] == [True, False]
    assert (letter(made).status, orders_of(made)) == (Status.PRINTET, [("MANUELL_PRINT", "RETUR")])
    assert codes(made).count("RETUR_PRINT") == 1
    noted = select(Audit.aktor).where(Audit.handling == "BREV_KOM_I_RETUR")
    assert session().scalars(noted).all() == [staff.ref]


def test_what_was_posted_after_it_was_taken_from_the_queue_may_come_back_too(
    own: Hus, eier: Owner, world: World
) -> None:
    made, number = queued_person(own, eier, world)
    staff = staff_of(own, P.SENDE)
    open_letter(made, world.register, mask_row, actor=staff)
    protect(world, number)
    with pytest.raises(Konflikt, match="SKAL_IKKE_SKRIVES_UT"):
        open_letter(made, world.register, mask_row, actor=staff)
    with pytest.raises(IkkeFunnet):
        manual_queue.mark_returned(made, actor=staff)
    manual_queue.mark_printed([made], actor=staff)
    assert [manual_queue.mark_returned(made, actor=staff) for _ in range(2)] == [True, False]
    assert (letter(made).status, orders_of(made)) == (Status.PRINTET, [("MANUELL_PRINT", "AVBESTILT")])
    assert (codes(made).count("RETUR_PRINT"), invariants.check_letters(select(Forsendelse.id))) == (1, [])
    noted = select(Audit.aktor).where(Audit.handling == "BREV_KOM_I_RETUR")
    assert session().scalars(noted).all() == [staff.ref]


def test_what_two_say_at_once_has_come_back_is_noted_once(
    own: Hus, eier: Owner, world: World, process: Process
) -> None:
    made = queued(own, eier, world)
    manual_queue.mark_printed([made], actor=HOUSE)
    start, told = threading.Barrier(2), list[bool]()

    def mark() -> None:
        with process.app.app_context():
            start.wait(30)
            told.append(manual_queue.mark_returned(made, actor=HOUSE))
            db.session.remove()

    threads = [threading.Thread(target=mark) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(told), codes(made).count("RETUR_PRINT")) == ([False, True], 1)


def test_what_a_print_house_posted_is_not_said_to_be_back_by_hand(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = queued(hus, eier, world)
    feed.apply_receipt(Kanal.PRINT, Receipt(str(levering(made).id), "PRINTET"))
    with pytest.raises(IkkeFunnet):
        manual_queue.mark_returned(made, actor=staff_of(hus, P.SENDE))
