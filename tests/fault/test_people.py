"""F28, F29: the stop button in the middle of everything, and people who press twice, in two tabs, or both at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

import pytest
import requests
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import session
from fiks.print.models import Ordre
from fiks.svarut.models import Forsendelse, Levering, Leveringsforsok, SvarinnMottak
from fiks.svarut.rules import Leveringsstatus
from fiks.utsending.approval import service
from fiks.utsending.models import Utsendingshendelse
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import stop_report
from testmiljo import mailing
from tests.fault.conftest import Chance
from tests.fault.crew import SENDERS, Crew
from tests.fault.platform import Platform, assert_all_well
from tests.fault.visitor import Visitor

pytestmark = pytest.mark.slow

ROWS, MOMENTS, ALL_MOMENTS = 15, 3, 200
NEXT_LETTER = 0.2
"""Seconds within which the stop comes when the hand-over is as far as it shall be."""
TABS = 4


@pytest.mark.parametrize("moments", [MOMENTS, pytest.param(ALL_MOMENTS, marks=pytest.mark.full)])
def test_f28_a_stop_at_any_moment_says_exactly_who_got_the_letter(
    platform: Platform, chance: Chance, moments: int
) -> None:
    platform.world(delay_ms=100, only=["send"])
    stopped = 0
    with Crew(platform.stack, SENDERS):
        for moment in range(moments):
            utsending_id = platform.mailing(ROWS)
            far = int((moment + chance.random.random()) / moments * ROWS)
            platform.wait(f"{far} letters are handed over", partial(is_so_far, utsending_id, far))
            time.sleep(chance.random.uniform(0, NEXT_LETTER))
            stopped += stop(platform, utsending_id)
            pressed = clock.database_now()
            platform.settle([utsending_id])
            assert_answer_is_what_they_received(platform, utsending_id, chance.seed)
            assert not calls_after(utsending_id, pressed), (
                f"FAULT_SEED={chance.seed}: a call began after the stop"
            )
    assert stopped, f"FAULT_SEED={chance.seed}: no stop came in time, nothing was tried"


def is_so_far(utsending_id: UUID, letters: int) -> bool:
    """Whether so many of the mailing's hand-overs are over, or all are that will be by themselves."""
    session().rollback()
    waiting = Levering.status.in_([Leveringsstatus.KLAR, Leveringsstatus.SENDER])
    there, left = (
        session()
        .execute(
            select(func.count(), func.count().filter(waiting)).where(Levering.utsending_id == utsending_id)
        )
        .one()
    )
    return there - left >= letters or (there == ROWS and left == 0)


def stop(platform: Platform, utsending_id: UUID) -> bool:
    """Press the button; False when the mailing was finished before."""
    if mailing.status(utsending_id) == Utsendingstatus.FULLFORT:
        return False
    service.stop(utsending_id, actor=mailing.actor(platform.seeded, "Saksbehandler"))
    return True


def calls_after(utsending_id: UUID, pressed: datetime) -> int:
    """How many calls for letters of the mailing began after the stop had been answered."""
    begun = select(func.count()).where(
        Leveringsforsok.levering_id.in_(select(Levering.id).where(Levering.utsending_id == utsending_id)),
        Leveringsforsok.startet > pressed,
    )
    return session().execute(begun).scalar_one()


def assert_answer_is_what_they_received(platform: Platform, utsending_id: UUID, seed: int) -> None:
    """What the answer says of who got it against the channels' own logs; paper counts when it is at the print house."""
    broken = platform.breaches([utsending_id])
    assert not broken, f"FAULT_SEED={seed}: {broken}"
    answer = stop_report.count_groups(utsending_id, actor=mailing.actor(platform.seeded, "Saksbehandler"))
    log = {line.referanse for line in platform.log()}
    received = letters_outside(utsending_id, log)
    told = f"FAULT_SEED={seed}: {answer}, {stories(utsending_id, log)}"
    assert answer.avklares == 0, told
    assert answer.fikk == received, told
    assert answer.fikk_ikke == answer.rader - received, told


def letters_outside(utsending_id: UUID, log: set[str]) -> int:
    """How many of the mailing's letters the world outside has, or may fetch from us with a mottakersystem."""
    rows = session().execute(
        select(Levering.id, Levering.forsendelse_id).where(Levering.utsending_id == utsending_id)
    )
    outside = {forsendelse_id for levering_id, forsendelse_id in rows if str(levering_id) in log}
    offered = select(SvarinnMottak.forsendelse_id).join(
        Forsendelse, Forsendelse.id == SvarinnMottak.forsendelse_id
    )
    return len(outside.union(session().scalars(offered.where(Forsendelse.utsending_id == utsending_id))))


def stories(utsending_id: UUID, log: set[str]) -> list[tuple[str, ...]]:
    """Letter, hand-over and order of every hand-over that the world outside does not have."""
    rows = session().execute(
        select(
            Forsendelse.status,
            Levering.kanal,
            Levering.status.label("levering"),
            Ordre.status.label("ordre"),
            Levering.id,
        )
        .join(Levering, Levering.forsendelse_id == Forsendelse.id)
        .outerjoin(Ordre, Ordre.id == Levering.id)
        .where(Forsendelse.utsending_id == utsending_id)
    )
    return [tuple(map(str, row)) for row in rows if str(row.id) not in log]


@pytest.fixture
def portal(platform: Platform) -> Iterator[Platform]:
    """The platform with its portal running."""
    platform.stack.start_portal()
    yield platform
    platform.stack.stop_product()


def test_f29_pressing_twice_in_two_tabs_and_two_people_at_once_is_done_once(
    portal: Platform, chance: Chance
) -> None:
    platform = portal
    utsending_id = platform.produced(ROWS)
    where = f"/utsendinger/{utsending_id}"
    base = platform.stack.base_url
    two = [Visitor(base, platform.people[who]) for who in ("Godkjenner", "Saksbehandler og godkjenner")]
    approve = [
        one.ready(f"{where}/godkjenn", page=f"{where}/godkjenning") for one in two for _ in range(TABS // 2)
    ]
    told = press(approve)
    assert count(told, ">Godkjent<") == len(told), "each tab ends where it sees that the mailing is approved"
    assert steps(utsending_id, Utsendingstatus.GODKJENT) == 1, f"FAULT_SEED={chance.seed}"

    maker = Visitor(base, platform.people["Saksbehandler"])
    release = [maker.ready(f"{where}/frigi", {"nar": "na"}) for _ in range(TABS)]
    press([*release, *release])
    assert steps(utsending_id, Utsendingstatus.FRIGITT) == 1, f"FAULT_SEED={chance.seed}"
    late = release[0]()
    assert late.url.endswith(where), "back and once more leads to the mailing, which says how it stands"

    platform.wait("all is out", lambda: platform.sweep_and_work() and platform.at_rest([utsending_id]))
    assert_all_well(platform, [utsending_id], chance.seed)


def press(buttons: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    """Press all of them at the same time."""
    start, answers = threading.Barrier(len(buttons)), list[requests.Response]()

    def one(button: Callable[[], requests.Response]) -> None:
        start.wait(30)
        answers.append(button())

    threads = [threading.Thread(target=one, args=(button,)) for button in buttons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(answers) == len(buttons), "every press is answered by a page"
    return answers


def count(answers: list[requests.Response], words: str) -> int:
    return sum(words in answer.text for answer in answers)


def steps(utsending_id: UUID, til: Utsendingstatus) -> int:
    """How often the mailing's history has this step."""
    session().rollback()
    counted = select(func.count()).where(
        Utsendingshendelse.utsending_id == utsending_id, Utsendingshendelse.til == til
    )
    return session().execute(counted).scalar_one()
