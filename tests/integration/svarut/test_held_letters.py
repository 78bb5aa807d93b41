"""What happens to a letter's hand-over while somebody waits for its row is seen by whoever waited."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from fiks.core.db import db, session, transaction
from fiks.core.errors import Avvist, Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import claims, outcomes
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Kanal, Slettetype, Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import hand_over, let_lesefrist_pass, letter, leveringer, make_letter
from tests.integration.worlds import World
from workers.process import Process

MAX_SECONDS = 30


def while_waited_for(process: Process, change: Callable[[], object], act: Callable[[], object]) -> None:
    """Do `change` in a transaction that ends when `act`, begun after it, waits for one of its rows."""
    changed = threading.Event()

    def run() -> None:
        with process.app.app_context():
            with transaction():
                change()
                changed.set()
                _until_somebody_waits()
            db.session.remove()

    other = threading.Thread(target=run)
    other.start()
    assert changed.wait(MAX_SECONDS)
    try:
        act()
    finally:
        other.join(MAX_SECONDS)


def _until_somebody_waits() -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(MAX_SECONDS * 20):
        if session().execute(waiting).scalar_one():
            return
        time.sleep(0.05)
    raise AssertionError("nobody waited")


def test_a_letter_read_while_its_channel_refuses_it_is_known_as_read_to_the_next(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    [krav] = claims.claim(Bane.ENKELT, eier.ensure(), 1)
    brev = load_letters([made])[made]
    session().rollback()

    def refuse() -> None:
        outcomes.record_refused(krav.claim, brev, Kanal.ALTINN, Avvist("UKJENT_MOTTAKER"))

    def read() -> None:
        assert actions.mark_read_externally(
            made, fnr=number, tidspunkt=datetime.now(UTC), systemnavn="Portal", actor=HOUSE
        )

    while_waited_for(process, refuse, read)
    hand_over(eier, world)
    assert (letter(made).status, world.print.antall) == (Status.MANUELT_HANDTERT, 0)


@pytest.mark.parametrize("act", ["delete", "close"])
def test_a_letter_whose_next_hand_over_begins_meanwhile_is_not_taken_for_idle(
    hus: Hus, eier: Owner, world: World, process: Process, act: str
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    let_lesefrist_pass()

    def do(letter_id: UUID = made) -> None:
        with pytest.raises(Konflikt, match="BREVET_SENDES_NA"):
            if act == "delete":
                actions.delete_documents(letter_id, alt=Slettetype.ALLE, actor=HOUSE)
            else:
                actions.set_manually_handled(letter_id, actor=HOUSE)

    while_waited_for(process, lesefrist.expire_lesefrist, do)
    assert [row.status for row in leveringer(made)] == ["OVERLEVERT", "KLAR"]
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
    assert session().scalar(select(func.count()).select_from(Forsendelse)) == 1
