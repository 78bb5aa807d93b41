"""Stopping a whole mailing: as few statements for many letters as for few, and never both stopped and handed over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select, text, update

from fiks.core.audit import Audit
from fiks.core.db import db, session, transaction
from fiks.core.errors import Avvist, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.print.models import Ordre
from fiks.svarut.delivery.claims import claim
from fiks.svarut.delivery.deliver import hand_over as hand_over_claims
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Bane, Leveringsstatus, Status
from fiks.svarut.sender import actions
from fiks.svarut.transitions import move_levering
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    levering,
    leveringer,
    make_letters,
)
from tests.integration.worlds import World
from workers.process import Process


def mailing_of(hus: Hus, world: World, n: int, *, postkasse: str | None = None) -> tuple[UUID, list[UUID]]:
    """A mailing of `n` letters to persons with Altinn, or with this mailbox."""
    mailing = uuid4()
    numbers = [world.register.add_person(new_fnr(), postkasse=postkasse) for _ in range(n)]
    return mailing, make_letters(hus, numbers, utsending_id=mailing)


def on_their_way_to_paper(hus: Hus, eier: Owner, world: World, n: int) -> tuple[UUID, list[UUID]]:
    """A mailing whose letters were not read in Altinn in time: each has a hand-over to paper ready."""
    mailing, made = mailing_of(hus, world, n)
    hand_over(eier, world)
    let_lesefrist_pass()
    assert lesefrist.expire_lesefrist(n) == n
    return mailing, made


def stop(mailing: UUID) -> int:
    return actions.stop_unsent(mailing, actor=HOUSE)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL this thread's engine is sent meanwhile; one that is executed for many rows counts once for each."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        many = bool(rest[-1])
        seen.extend([statement] * (len(parameters) if many and isinstance(parameters, list) else 1))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def blocked_meanwhile(process: Process, act: Callable[[], int]) -> Callable[[], int]:
    """Begin `act` on another connection and wait until a lock of ours holds it; what is returned gives its answer."""

    def run() -> int:
        with process.app.app_context():
            return act()

    pool = ThreadPoolExecutor(1)
    answer = pool.submit(run)
    pool.shutdown(wait=False)
    held = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(400):
        # What others do is looked up once in a transaction, and we are in the middle of one.
        session().execute(text("SELECT pg_stat_clear_snapshot()"))
        if answer.done() or session().execute(held).scalar_one():
            break
        time.sleep(0.05)
    assert not answer.done(), "the other connection was not held by our lock"
    return lambda: answer.result(30)


def test_a_stop_takes_as_many_statements_for_two_hundred_letters_as_for_ten(
    hus: Hus, eier: Owner, world: World
) -> None:
    taken = []
    for n in (10, 200):
        mailing, made = mailing_of(hus, world, n)
        with counted_statements() as seen:
            assert stop(mailing) == n
        taken.append(len(seen))
        assert {letter(one).status for one in made} == {Status.MANUELT_HANDTERT}
    assert taken[0] == taken[1]


@pytest.mark.slow
def test_keeping_letters_off_paper_takes_as_many_statements_for_two_hundred_letters_as_for_ten(
    hus: Hus, eier: Owner, world: World
) -> None:
    taken = []
    for n in (10, 200):
        mailing, made = on_their_way_to_paper(hus, eier, world, n)
        with counted_statements() as seen:
            assert actions.keep_unread_off_paper(mailing, hus.konto_id, actor=HOUSE) == n
        taken.append(len(seen))
        assert {levering(one).status for one in made} == {"STOPPET"}
    assert taken[0] == taken[1]
    assert hand_over(eier, world) == 0
    audited = select(func.count()).where(Audit.handling == "IKKE_SKRIV_UT")
    assert session().execute(audited).scalar_one() == 2


def test_more_letters_than_a_portion_are_all_stopped(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STOP_PORTION", 2)
    mailing, _ = mailing_of(hus, world, 5)
    assert stop(mailing) == 5
    unread, _ = on_their_way_to_paper(hus, eier, world, 5)
    assert actions.keep_unread_off_paper(unread, hus.konto_id, actor=HOUSE) == 5


def test_every_hand_over_nobody_is_in_the_middle_of_is_stopped_and_says_so(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing, [waits, ready, failed] = mailing_of(hus, world, 3)
    _, [other] = mailing_of(hus, world, 1)
    with transaction():
        for one in (ready, failed, other):
            move_levering(
                levering(one).id,
                fra=Leveringsstatus.KLAR,
                til=Leveringsstatus.TIL_BEHANDLING,
                kode="PROVE",
                aktor="test",
            )
    world.altinn.svar = [ProvIgjen("IKKE_NAADD")]
    hand_over(eier, world)
    with transaction():
        move_levering(
            levering(ready).id,
            fra=Leveringsstatus.TIL_BEHANDLING,
            til=Leveringsstatus.KLAR,
            kode="PROVE",
            aktor="test",
        )
    assert [levering(one).status for one in (waits, ready, failed)] == ["VENTER", "KLAR", "TIL_BEHANDLING"]
    assert stop(mailing) == 3
    for one in (waits, ready, failed):
        assert (letter(one).status, levering(one).status) == (Status.MANUELT_HANDTERT, "STOPPET")
        assert codes(one)[-2:] == ["STOPPET", "STOPPET"]
    assert (letter(other).status, levering(other).status) == (Status.AKSEPTERT, "TIL_BEHANDLING")


def test_a_stop_that_is_repeated_changes_nothing(hus: Hus, world: World) -> None:
    mailing, made = mailing_of(hus, world, 3)
    assert stop(mailing) == 3
    before = [codes(one) for one in made]
    assert stop(mailing) == 0
    assert [codes(one) for one in made] == before


def test_two_stops_at_once_stop_each_letter_once(hus: Hus, world: World, process: Process) -> None:
    mailing, made = mailing_of(hus, world, 20)
    with transaction():
        first = stop(mailing)
        second = blocked_meanwhile(process, lambda: stop(mailing))
    assert (first, second()) == (20, 0)
    session().rollback()
    assert {codes(one).count("STOPPET") for one in made} == {2}


def test_a_letter_claimed_while_the_stop_waits_for_it_is_asked_to_stop_and_never_sent(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    mailing, made = mailing_of(hus, world, 7)
    with transaction():
        claims = claim(Bane.ENKELT, eier.ensure())
        stopping = blocked_meanwhile(process, lambda: stop(mailing))
    assert (len(claims), stopping()) == (5, 2)
    session().rollback()
    hand_over_claims(claims, eier, world.verden)
    assert hand_over(eier, world) == 0
    assert {letter(one).status for one in made} == {Status.MANUELT_HANDTERT}
    assert {levering(one).status for one in made} == {"STOPPET"}
    assert world.antall == (0, 0, 0)


def test_a_claim_that_comes_to_nothing_while_the_stop_waits_leaves_the_letter_to_the_stop(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    mailing, _ = mailing_of(hus, world, 7)
    with pytest.raises(RuntimeError, match="killed"), transaction():
        claim(Bane.ENKELT, eier.ensure())
        stopping = blocked_meanwhile(process, lambda: stop(mailing))
        raise RuntimeError("killed")
    assert stopping() == 7
    assert hand_over(eier, world) == 0


def test_a_letter_whose_call_begins_while_the_stop_waits_is_handed_over_and_not_stopped(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    mailing, made = mailing_of(hus, world, 2)
    waiting: list[Callable[[], int]] = []

    def hold(_: object) -> None:
        """At the commit of the mark that the first call begins: the stop comes now, and must wait."""
        begun = select(Levering.id).where(Levering.kall_startet.is_not(None))
        if not waiting and session().execute(begun).first():
            waiting.append(blocked_meanwhile(process, lambda: stop(mailing)))

    event.listen(session(), "before_commit", hold)
    try:
        hand_over(eier, world)
    finally:
        event.remove(session(), "before_commit", hold)
    assert waiting[0]() == 0
    session().rollback()
    states = sorted(letter(one).status for one in made)
    assert states == [Status.MANUELT_HANDTERT, Status.SENDT_ALTINN]
    assert world.antall == (0, 1, 0)


def test_a_channel_that_refuses_a_letter_asked_to_stop_does_not_lead_to_the_next_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing, [made] = mailing_of(hus, world, 1, postkasse="EBOKS")
    world.dpi.under = lambda referanse, brev: _stop_quietly(mailing)
    world.dpi.svar = [Avvist("POSTKASSE_SPERRET")]
    hand_over(eier, world)
    assert letter(made).status == Status.MANUELT_HANDTERT
    assert [one.status for one in leveringer(made)] == ["AVVIST"]
    assert world.antall == (0, 0, 0)


def test_a_last_try_that_fails_while_the_letter_is_asked_to_stop_ends_it_and_asks_nobody(
    hus: Hus, eier: Owner, world: World
) -> None:
    mailing, [made] = mailing_of(hus, world, 1, postkasse="EBOKS")
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made).values(forsok=99))
    world.dpi.under = lambda referanse, brev: _stop_quietly(mailing)
    world.dpi.svar = [ProvIgjen("HTTP_503")]
    hand_over(eier, world)
    assert letter(made).status == Status.MANUELT_HANDTERT
    assert [one.status for one in leveringer(made)] == ["STOPPET"]
    assert world.antall == (0, 0, 0)


def _stop_quietly(mailing: UUID) -> None:
    stop(mailing)


def test_a_refusal_that_opens_the_next_channel_while_the_stop_waits_is_stopped_there(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    mailing, [made] = mailing_of(hus, world, 1, postkasse="EBOKS")
    world.dpi.svar = [Avvist("POSTKASSE_SPERRET")]
    waiting: list[Callable[[], int]] = []

    def hold(_: object) -> None:
        refused = select(Levering.id).where(Levering.status == Leveringsstatus.AVVIST)
        if not waiting and session().execute(refused).first():
            waiting.append(blocked_meanwhile(process, lambda: stop(mailing)))

    event.listen(session(), "before_commit", hold)
    try:
        hand_over_claims(claim(Bane.ENKELT, eier.ensure()), eier, world.verden)
    finally:
        event.remove(session(), "before_commit", hold)
    assert waiting[0]() == 1
    session().rollback()
    assert [one.status for one in leveringer(made)] == ["AVVIST", "STOPPET"]
    assert letter(made).status == Status.MANUELT_HANDTERT
    assert hand_over(eier, world) == 0
    assert world.antall == (0, 0, 0)


def test_a_print_order_that_begins_while_somebody_says_do_not_print_is_not_promised_away(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    mailing, made = on_their_way_to_paper(hus, eier, world, 2)
    waiting: list[Callable[[], int]] = []

    def hold(_: object) -> None:
        if not waiting and session().execute(select(Ordre.id)).first():
            waiting.append(
                blocked_meanwhile(
                    process, lambda: actions.keep_unread_off_paper(mailing, hus.konto_id, actor=HOUSE)
                )
            )

    event.listen(session(), "before_commit", hold)
    try:
        for bane in Bane:
            hand_over(eier, world, bane)
    finally:
        event.remove(session(), "before_commit", hold)
    assert waiting[0]() == 1
    session().rollback()
    states = sorted(letter(one).status for one in made)
    assert states == [Status.MANUELT_HANDTERT, Status.SENDT_PRINT]
    assert world.print.antall == 1


def test_a_deadline_that_passes_while_somebody_says_do_not_print_prints_nothing(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    mailing, made = mailing_of(hus, world, 2)
    hand_over(eier, world)
    let_lesefrist_pass()
    with transaction():
        assert lesefrist.expire_lesefrist() == 2
        keeping = blocked_meanwhile(
            process, lambda: actions.keep_unread_off_paper(mailing, hus.konto_id, actor=HOUSE)
        )
    assert keeping() == 2
    session().rollback()
    for bane in Bane:
        hand_over(eier, world, bane)
    assert {letter(one).status for one in made} == {Status.MANUELT_HANDTERT}
    assert {levering(one).status for one in made} == {"STOPPET"}
    assert world.print.antall == 0


def test_what_was_stopped_and_what_was_sent_add_up(hus: Hus, eier: Owner, world: World) -> None:
    mailing, made = mailing_of(hus, world, 12)
    hand_over_claims(claim(Bane.ENKELT, eier.ensure()), eier, world.verden)
    stopped = stop(mailing)
    counted = {
        row[0]: row[1]
        for row in session().execute(
            select(Forsendelse.status, func.count())
            .where(Forsendelse.utsending_id == mailing)
            .group_by(Forsendelse.status)
        )
    }
    assert counted == {Status.MANUELT_HANDTERT: stopped, Status.SENDT_ALTINN: world.altinn.antall}
    assert sum(counted.values()) == len(made)
