"""Registers that do not answer: who waits, who need not, and who is a person's to look at."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.delivery import circuit_breaker, wakeup
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.delivery.register_lookup import FAILURES_IN_A_ROW
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, new_fnr, new_orgnr
from tests.integration.svarut.letters import (
    hand_over,
    let_wait_pass,
    letter,
    levering,
    make_letter,
    make_letters,
    tries_used,
)
from tests.integration.worlds import World

SILENT = ProvIgjen("TIDSAVBRUDD")
STRANGE = ProvIgjen("UFORSTAAELIG_SVAR")
PEOPLE, CONTACTS, UNITS = "personer", "kontakt", "virksomheter"


def person(hus: Hus, world: World) -> UUID:
    return make_letter(hus, world.register.add_person(new_fnr()))


def unit(hus: Hus, world: World) -> UUID:
    return make_letter(hus, world.register.add_unit(new_orgnr()))


def fail(hus: Hus, eier: Owner, world: World, times: int, what: str = PEOPLE) -> None:
    """The register fails for as many letters, one by one, which are then out of the way."""
    world.register.tause = {what: SILENT}
    for _ in range(times):
        person(hus, world)
        hand_over(eier, world)
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now() + timedelta(days=1)))


def is_paused(register: str) -> bool:
    found = circuit_breaker.state(register) is not circuit_breaker.State.OPEN
    session().rollback()
    return found


def let_a_minute_pass() -> None:
    with transaction() as tx:
        tx.execute(update(Banestatus).values(apnes=func.now()))


def waits_for(letter_id: UUID) -> str | None:
    row = levering(letter_id)
    return row.feilkode if row.status == "VENTER" else row.status


@pytest.mark.parametrize(("what", "register"), [(PEOPLE, "FOLKEREGISTER"), (CONTACTS, "KRR")])
def test_a_register_that_fails_five_times_running_is_paused_and_asked_no_more(
    hus: Hus, eier: Owner, world: World, what: str, register: str
) -> None:
    fail(hus, eier, world, FAILURES_IN_A_ROW - 1, what)
    assert not is_paused(register)
    fail(hus, eier, world, 1, what)
    assert is_paused(register)
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    asked = world.register.spurt.count(what)
    for _ in range(3):
        hand_over(eier, world)
        assert wakeup.wake_waiting() + wakeup.wake_when_open() == 0
    assert [waits_for(one) for one in made] == [f"STENGT_{register}"] * 3
    assert world.register.spurt.count(what) == asked
    assert tries_used(made) == 0


def test_what_answers_in_between_is_not_paused(hus: Hus, eier: Owner, world: World) -> None:
    for _ in range(3):
        fail(hus, eier, world, FAILURES_IN_A_ROW - 1)
        world.register.tause = {}
        sent = person(hus, world)
        hand_over(eier, world)
        assert letter(sent).status == Status.SENDT_ALTINN
    assert not is_paused("FOLKEREGISTER")


def test_only_letters_that_need_the_silent_register_wait(hus: Hus, eier: Owner, world: World) -> None:
    world.register.tause = {PEOPLE: SILENT}
    waits, goes, paper = person(hus, world), unit(hus, world), make_letter(hus)
    hand_over(eier, world)
    assert waits_for(waits) == "REGISTRE_SVARER_IKKE"
    assert (letter(goes).status, letter(paper).status) == (Status.SENDT_ALTINN, Status.SENDT_PRINT)
    world.register.tause = {UNITS: SILENT}
    let_wait_pass(waits)
    waits_now = unit(hus, world)
    hand_over(eier, world)
    assert waits_for(waits_now) == "REGISTRE_SVARER_IKKE"
    assert letter(waits).status == Status.SENDT_ALTINN


def set_channel(letter_id: UUID, kanal: Kanal) -> None:
    """As the deadline, or an earlier try, leaves it."""
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == letter_id).values(kanal=kanal))


def test_a_channel_that_is_chosen_needs_no_register_but_paper_asks_who_is_protected(
    hus: Hus, eier: Owner, world: World
) -> None:
    retried, paper = person(hus, world), person(hus, world)
    set_channel(retried, Kanal.ALTINN)
    set_channel(paper, Kanal.PRINT)
    world.register.tause = {CONTACTS: SILENT, PEOPLE: SILENT}
    hand_over(eier, world)
    assert letter(retried).status == Status.SENDT_ALTINN
    assert waits_for(paper) == "REGISTRE_SVARER_IKKE", "its address may be protected by now"
    world.register.tause = {CONTACTS: SILENT}
    let_wait_pass(paper)
    hand_over(eier, world)
    assert letter(paper).status == Status.SENDT_PRINT


def test_paper_of_one_who_is_protected_meanwhile_goes_nowhere(hus: Hus, eier: Owner, world: World) -> None:
    fnr = world.register.add_person(new_fnr(), beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    paper = make_letter(hus, fnr)
    set_channel(paper, Kanal.PRINT)
    hand_over(eier, world)
    assert (levering(paper).status, levering(paper).feilkode) == ("TIL_BEHANDLING", "ADRESSE_SPERRET")
    assert world.antall == (0, 0, 0)


def test_one_letter_a_minute_asks_and_the_first_answer_opens_the_register_for_all(
    hus: Hus, eier: Owner, world: World
) -> None:
    fail(hus, eier, world, FAILURES_IN_A_ROW)
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    hand_over(eier, world)
    let_a_minute_pass()
    assert wakeup.wake_when_open() == 1
    asked = world.register.spurt.count(PEOPLE)
    hand_over(eier, world)
    assert world.register.spurt.count(PEOPLE) == asked + 1
    assert is_paused("FOLKEREGISTER")
    world.register.tause = {}
    let_a_minute_pass()
    assert wakeup.wake_when_open() == 1
    hand_over(eier, world)
    assert not is_paused("FOLKEREGISTER")
    assert wakeup.wake_when_open() == 1, "the third failed as a probe, and waits a minute"
    hand_over(eier, world)
    assert sorted(letter(one).status for one in made) == ["AKSEPTERT", "SENDT_ALTINN", "SENDT_ALTINN"]


def test_a_process_that_has_seen_no_failure_heeds_the_pause_and_may_end_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    fail(hus, eier, world, FAILURES_IN_A_ROW)
    world.registers.forget()
    world.register.tause = {}
    made = person(hus, world)
    hand_over(eier, world)
    assert waits_for(made) == "STENGT_FOLKEREGISTER"
    let_a_minute_pass()
    wakeup.wake_when_open()
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    assert not is_paused("FOLKEREGISTER")


def test_a_register_that_asks_for_peace_has_it(hus: Hus, eier: Owner, world: World) -> None:
    world.register.tause = {CONTACTS: ProvIgjen("HTTP_429", after=120.0, throttled=True)}
    first, second = person(hus, world), person(hus, world)
    deliver(Bane.ENKELT, eier, world.verden, limit=1)
    assert is_paused("KRR")
    asked = world.register.spurt.count(CONTACTS)
    hand_over(eier, world)
    assert (waits_for(first), waits_for(second)) == ("REGISTRE_SVARER_IKKE", "STENGT_KRR")
    assert world.register.spurt.count(CONTACTS) == asked
    row = session().execute(select(Banestatus.grunn, Banestatus.apnes - func.now())).one()
    assert row[0] == "BEDT_OM_A_VENTE"
    assert timedelta(seconds=100) < row[1] <= timedelta(seconds=120)


@pytest.mark.parametrize("error", [STRANGE, Avvist("HTTP_400"), ProvIgjen("HTTP_500")])
def test_a_receiver_of_whom_nothing_can_be_said_holds_nobody_else_up(
    hus: Hus, eier: Owner, world: World, error: KanalFeil
) -> None:
    hard = new_fnr()
    world.register.vanskelige = {world.register.add_person(hard): error}
    others = [world.register.add_person(new_fnr()) for _ in range(4)]
    made = make_letters(hus, [*others[:2], hard, *others[2:]])
    hand_over(eier, world)
    assert [letter(one).status for one in made].count(Status.SENDT_ALTINN) == 4
    row = levering(made[2])
    assert (row.status, row.feilkode, row.frie_forsok) == ("VENTER", "OPPSLAG_FEILER", 0)
    assert row.neste_forsok > clock.database_now() + timedelta(seconds=40)


def test_a_receiver_of_whom_nothing_is_ever_said_is_a_persons_to_look_at_and_pauses_nobody(
    hus: Hus, eier: Owner, world: World
) -> None:
    hard = new_fnr()
    world.register.vanskelige = {world.register.add_person(hard): STRANGE}
    made = make_letter(hus, hard)
    for _ in range(8):
        sent = person(hus, world)
        hand_over(eier, world)
        assert letter(sent).status == Status.SENDT_ALTINN
        let_wait_pass(made)
    row = levering(made)
    assert (row.status, row.feilkode) == ("TIL_BEHANDLING", "OPPSLAG_FEILER")
    assert not is_paused("FOLKEREGISTER")
    world.register.vanskelige = {}


def test_a_register_that_says_it_of_everybody_is_paused_before_the_letters_tries_are_used_up(
    hus: Hus, eier: Owner, world: World
) -> None:
    world.register.nede = Avvist("HTTP_404")
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(40)])
    while hand_over(eier, world):
        pass
    assert is_paused("FOLKEREGISTER")
    waiting = [waits_for(one) for one in made]
    assert waiting.count("OPPSLAG_FEILER") == 5 * FAILURES_IN_A_ROW
    assert waiting.count("STENGT_FOLKEREGISTER") == 40 - 5 * FAILURES_IN_A_ROW
    for one in made:
        let_wait_pass(one)
    while hand_over(eier, world):
        pass
    assert {waits_for(one) for one in made} == {"STENGT_FOLKEREGISTER"}, "no try is used while it is paused"
    assert max(tries_used([one]) for one in made) == 1


def test_a_register_that_goes_silent_while_numbers_are_asked_for_one_by_one_is_not_asked_for_each(
    hus: Hus, eier: Owner, world: World
) -> None:
    numbers = sorted(world.register.add_person(new_fnr()) for _ in range(5))
    world.register.vanskelige = {numbers[0]: STRANGE, numbers[2]: SILENT}
    made = make_letters(hus, numbers)
    hand_over(eier, world)
    assert world.register.spurt.count(PEOPLE) == 4, "all, and the first three"
    waiting = [waits_for(one) for one in made]
    assert waiting == ["OPPSLAG_FEILER", "OVERLEVERT", *["REGISTRE_SVARER_IKKE"] * 3]
    assert letter(made[1]).status == Status.SENDT_ALTINN


def test_who_asks_about_one_receiver_is_told_at_once_that_a_register_is_paused(
    hus: Hus, eier: Owner, world: World
) -> None:
    known, unknown = world.register.add_person(new_fnr()), new_fnr()
    asking = world.registers.heeding
    assert list(asking.personer([known, unknown])) == [known]
    assert asking.kontakt([]) == {}
    fail(hus, eier, world, FAILURES_IN_A_ROW)
    asked = len(world.register.spurt)
    with pytest.raises(ProvIgjen) as told:
        asking.personer([known])
    assert told.value.kode == "STENGT_FOLKEREGISTER"
    assert len(world.register.spurt) == asked
    assert list(asking.kontakt([known])) == [known], "KRR is another"


def test_half_an_answer_is_none_to_one_who_needs_all(hus: Hus, world: World) -> None:
    known, hard = world.register.add_person(new_fnr()), new_fnr()
    world.register.vanskelige = {hard: STRANGE}
    with pytest.raises(ProvIgjen) as told:
        world.registers.heeding.personer([known, hard])
    assert told.value is STRANGE
    assert list(world.registers.heeding.personer([known])) == [known]
