"""The platform's own processes for as long as asked, with mailings that keep coming and faults that never end.

    .venv/bin/python -m tests.fault.soak --minutes 30

Each minute the ten rules are held against the world's logs, and every ten seconds the memory of each process is read.
Half of the processes are never killed, so that their memory can be compared from the first quarter to the last. Exit 1
on a breach of a rule, a letter lost or doubled, or memory that grows. `--seed n` repeats the chances.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from fiks.core.db import session
from fiks.core.errors import FiksError, Konflikt
from fiks.utsending.approval import service
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Utsendingstatus
from testmiljo import accounting, mailing
from testmiljo.stack import name_no_servers
from tests.fault.crew import SWEEPER, Crew, dramatiq
from tests.fault.memory import Memory
from tests.fault.platform import Platform, simple_letter
from tests.fault.soaking import breaches_under_way, faults

U = Utsendingstatus
LANES = "enkelt masse print liste inn"
STEADY = ("send-1", "pdf-1", "sveip-1")
VICTIMS = ("send-2", "pdf-2", "sveip-2")
MEMBERS = {
    **dict.fromkeys(("send-1", "send-2"), dramatiq(LANES, 4)),
    **dict.fromkeys(("pdf-1", "pdf-2"), dramatiq("render", 1)),
    **dict.fromkeys(("sveip-1", "sveip-2"), SWEEPER),
}
IN_FLIGHT = 3
LIST_ROWS = 2_000
SAME_LIST = 0.3
"""How often somebody prepares the list that somebody else began with last: only one of the two may go unasked."""
MINUTE, SAMPLE_SECONDS, WARM_UP_SECONDS = 60.0, 10.0, 60.0
WAIT_SECONDS = 20.0
"""How much of a wait before the next try goes by in a second: else most of a soak would be waiting."""
LONG = 900.0


@dataclass
class Soak:
    """What is going on: mailings by state of mind of the people who make them, and what has been seen."""

    platform: Platform
    crew: Crew
    chance: random.Random
    rows: int
    open: list[UUID] = field(default_factory=list)
    done: list[UUID] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    minutes: int = 0
    after: int = 0

    def people_work(self) -> None:
        """Begin mailings, and take each a step on; whoever meets a server that is away tries again later."""
        try:
            while len(self.open) < IN_FLIGHT:
                self.open.append(self._begin())
            self.take_steps()
        except (DBAPIError, FiksError) as error:
            self.faults[f"person met {type(error).__name__}"] += 1
            session().invalidate() if isinstance(error, DBAPIError) else session().rollback()

    def take_steps(self) -> None:
        """What is next for each mailing that is not out yet."""
        for utsending_id in list(self.open):
            self._one_step(utsending_id)

    def _begin(self) -> UUID:
        quick = replace(self.platform.seeded, mal_eiendomsskatt=simple_letter())
        if self.chance.random() >= SAME_LIST:
            self.after = self.chance.randrange(0, LIST_ROWS - self.rows)
        return mailing.prepare(quick, self.platform.list_of(self.rows, self.after), mailing.Valg())

    def _one_step(self, utsending_id: UUID) -> None:
        status = mailing.status(utsending_id)
        if status in (U.UTKAST, U.KONTROLLERT):
            self._next_for_the_list(utsending_id)
        elif status in (U.TIL_GODKJENNING, U.GODKJENT):
            self._let_go(utsending_id, approved=status == U.GODKJENT)
        elif status in (U.SENDES, U.FULLFORT):
            self.platform.act_for_people([utsending_id])
            if self.platform.at_rest([utsending_id]):
                self.open.remove(utsending_id)
                self.done.append(utsending_id)

    def _let_go(self, utsending_id: UUID, *, approved: bool) -> None:
        """Approve and release, or take back what has receivers of a mailing that was released since its control."""
        seeded = self.platform.seeded
        maker = mailing.actor(seeded, "Saksbehandler")
        try:
            if approved:
                service.release(utsending_id, actor=maker)
            else:
                mailing.approve_and_release(seeded, utsending_id)
        except Konflikt as conflict:
            if conflict.kode != "SENDT_SIDEN_KONTROLLEN":
                raise
            service.withdraw(utsending_id, actor=maker)
            self.faults["taken back, released elsewhere"] += 1

    def _next_for_the_list(self, utsending_id: UUID) -> None:
        """Control the list that is read; have one read again that the registers said nothing about."""
        seeded, (state, code) = self.platform.seeded, mailing.list_state(utsending_id)
        if state == "LEST":
            mailing.control_and_produce(seeded, utsending_id)
        elif code == "REGISTER_SVARER_IKKE":
            uploads.read_again(utsending_id, actor=mailing.actor(seeded, "Saksbehandler"))

    def check(self) -> None:
        """The rules, of all there is; what only the moment made look wrong is not wrong twice."""
        self.minutes += 1
        found = breaches_under_way(self.platform, [*self.done, *self.open])
        self.broken += [str(one) for one in found]
        say(
            f"{self.minutes} min: {len(self.done)} utsendinger ute, {len(self.open)} underveis, "
            f"{sum(self.faults.values())} feil gjort, {len(found)} brudd",
        )


class Again:
    """Something done now and again. `pause`: seconds until the next time."""

    def __init__(self, act: Callable[[], object], pause: Callable[[], float], first: float = 0) -> None:
        self.act, self.pause = act, pause
        self.next = time.monotonic() + first

    def if_due(self) -> None:
        if time.monotonic() >= self.next:
            without_server(self.act)
            self.next = time.monotonic() + self.pause()


def soak(platform: Platform, minutes: float, rows: int, seed: int) -> int:
    chance = random.Random(seed)
    with Crew(platform.stack, MEMBERS) as crew:
        memory = Memory(crew)
        state = Soak(platform, crew, chance, rows)
        acts = faults(platform, crew, chance, VICTIMS)

        def something_breaks() -> None:
            name, act = chance.choice(acts)
            state.faults[name] += 1
            act()

        goes_on = (
            Again(state.people_work, lambda: 0.2),
            Again(something_breaks, lambda: chance.uniform(2, 6)),
            Again(lambda: platform.let_waits_pass(WAIT_SECONDS), lambda: 1),
            Again(memory.sample, lambda: SAMPLE_SECONDS, first=WARM_UP_SECONDS),
            Again(state.check, lambda: MINUTE, first=MINUTE),
        )
        end = time.monotonic() + minutes * MINUTE
        while time.monotonic() < end:
            for one in goes_on:
                one.if_due()
            time.sleep(0.1)
        finish(platform, state)
        return tell(state, memory, seed)


def without_server(act: Callable[[], object]) -> None:
    """What a server that is just being restarted interrupts is done next time."""
    try:
        act()
    except DBAPIError:
        session().invalidate()


def finish(platform: Platform, state: Soak) -> None:
    """The faults are over: everything that was begun comes to its end."""
    end = time.monotonic() + LONG
    platform.world()
    while state.open and time.monotonic() < end:
        platform.let_waits_pass(WAIT_SECONDS)
        without_server(state.take_steps)
        time.sleep(1)
    state.broken += [f"never at rest: {one}" for one in sorted(state.open)]
    state.broken += [str(one) for one in platform.breaches(state.done)]
    for utsending_id in state.done:
        account = accounting.account(utsending_id, platform.stack.sim)
        if (account.doblet, account.tapt) != (0, 0):
            state.broken.append(f"{utsending_id}: {account}")


def tell(state: Soak, memory: Memory, seed: int) -> int:
    say(f"\nFAULT_SEED={seed}. Utsendinger: {len(state.done)}, {state.rows} rader hver.")
    say("Feil: " + ", ".join(f"{name} {times}" for name, times in sorted(state.faults.items())))
    say(f"Drept og startet igjen: {dict(state.crew.started)}\n")
    say(memory.table())
    grown = memory.grown(STEADY)
    say("\n".join(f"BRUDD {one}" for one in state.broken) or "\nIngen brudd på I1-I10.")
    say(f"Vokser: {', '.join(grown)}" if grown else "Minnet er flatt.")
    return int(bool(state.broken or grown))


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fault.soak")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rows", type=int, default=100, help="rows of each mailing (100)")
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if asked.seed is None else asked.seed
    say(f"FAULT_SEED={seed}")
    name_no_servers()  # they are stopped and emptied on purpose
    with (
        tempfile.TemporaryDirectory(prefix="fiks-soak-") as folder,
        Platform(Path(folder), LIST_ROWS) as platform,
        platform.inside(),
    ):
        platform.begin()
        return soak(platform, asked.minutes, asked.rows, seed)


if __name__ == "__main__":
    sys.exit(main())
