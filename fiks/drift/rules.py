"""How a lane stands, and how many workers it wants. All pure.

The formula, for one lane:

    work    = pieces that can be done now or are claimed x seconds a piece takes one worker
    workers = work / the seconds within which the lane should be empty, rounded up

and never more than can be busy at once; while all sending is stopped, nobody for the lanes that it stops. A worker is
a thread of `send` or `inn`, or a process of `pdf` or `vis`; of these each is at one piece at a time, and as many are
wanted as there are pieces claimed: the number is taken for all there shall be, and who is ended begins its list anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

CALLS_TO_MEASURE = 20
"""From so many calls on is what they took better than what we think a call takes."""
ANSWERED = frozenset({"OVERLEVERT", "AVVIST"})
"""Calls that were answered. Another tells how long an answer was waited for, and of a channel that gives none more
workers would only wait for it too."""
LONGEST_CALL = 5.0
"""Seconds a call counts for at most: a channel that takes longer is not made faster by more who call it."""
OWN_WORK_SECONDS = 0.05
"""What a letter takes beside its call."""


@dataclass(frozen=True, slots=True)
class Banetall:
    """What we expect of a lane: seconds a piece takes one worker, and seconds within which it should be empty."""

    sekunder: float
    tom_innen: float


@dataclass(frozen=True, slots=True)
class Prosess:
    """A process of the Procfile: its lanes, how many workers one of it is as the Procfile starts it, and how many
    processes of the machine, each of which holds a lock.
    """

    baner: tuple[str, ...]
    arbeidere: int
    laser: int = 1


PROSESSER: Mapping[str, Prosess] = {
    "send": Prosess(("enkelt", "masse", "sms", "print"), 16, laser=2),
    "pdf": Prosess(("mottak", "edialog", "render", "liste"), 1),
    "vis": Prosess(("forhandsvisning",), 1),
    "inn": Prosess(("inn", "epost"), 4),
}
"""`pdf` is counted by the process: PDF_PROCESSES of them are one line of the Procfile."""

BANETALL: Mapping[str, Banetall] = {
    "enkelt": Banetall(0.5, 30),
    "masse": Banetall(0.5, 1_800),
    "sms": Banetall(0.5, 60),
    "print": Banetall(10, 600),
    "mottak": Banetall(1, 60),
    "edialog": Banetall(2, 120),
    "render": Banetall(0.5, 600),
    "forhandsvisning": Banetall(1, 5),
    "liste": Banetall(20, 120),
    "inn": Banetall(1, 60),
    "epost": Banetall(0.5, 300),
}
CALLING = frozenset({"enkelt", "masse"})
"""Lanes whose pieces are calls to a channel, which are measured."""
STOPPED_BY_FREEZE = frozenset({"enkelt", "masse", "print", "sms", "epost"})
"""Lanes whose pieces stay where they are while all sending is stopped. The others are worked as ever, and of `inn` all
but the orders to sign."""


@dataclass(frozen=True, slots=True)
class Banestand:
    """How one lane stands. `eldste` is for how many seconds its oldest ready piece has been ready; `i_arbeid` pieces
    are claimed; `venter` wait for a time to be tried again, or for a print house; `ufordelt` are released and not laid
    in the lane yet, and of those `stengt` wait for a channel or register that is paused. `meste`: no more workers than
    this can be busy at once, None for any number.
    """

    bane: str
    klare: int = 0
    eldste: float = 0.0
    i_arbeid: int = 0
    venter: int = 0
    uavklarte: int = 0
    til_behandling: int = 0
    ufordelt: int = 0
    stengt: int = 0
    meste: int | None = None


@dataclass(frozen=True, slots=True)
class Kall:
    """Calls to a channel in the last minutes: how many there were, how they went, and seconds one took on average."""

    kanal: str
    utfall: str
    antall: int
    sekunder: float


def process_of(bane: str) -> str:
    """The process that works a lane."""
    return next(navn for navn, prosess in PROSESSER.items() if bane in prosess.baner)


def call_seconds(calls: Iterable[Kall]) -> float | None:
    """What a letter takes by what calls that were answered have taken, None when there are too few to tell."""
    counted = [call for call in calls if call.utfall in ANSWERED]
    total = sum(call.antall for call in counted)
    if total < CALLS_TO_MEASURE:
        return None
    average = sum(call.antall * call.sekunder for call in counted) / total
    return OWN_WORK_SECONDS + min(average, LONGEST_CALL)


def workers_wanted(stand: Banestand, *, frozen: bool, measured: float | None = None) -> int:
    """How many workers the lane wants in all, those at work among them. `frozen`: all sending is stopped. `measured`:
    seconds a call takes now (`call_seconds`)."""
    at_work = stand.i_arbeid if PROSESSER[process_of(stand.bane)].arbeidere == 1 else 0
    if frozen and stand.bane in STOPPED_BY_FREEZE:
        return at_work
    expected = BANETALL[stand.bane]
    seconds = measured if measured is not None and stand.bane in CALLING else expected.sekunder
    pieces = stand.klare + stand.ufordelt - stand.stengt + stand.i_arbeid
    wanted = ceil(pieces * seconds / expected.tom_innen)
    return max(at_work, wanted if stand.meste is None else min(wanted, stand.meste))


def processes_wanted(workers: Mapping[str, int], prosess: str) -> int:
    """How many of a process the wanted workers of its lanes are; never none, since one must be there to be rung for."""
    asked = sum(workers.get(bane, 0) for bane in PROSESSER[prosess].baner)
    return max(1, ceil(asked / PROSESSER[prosess].arbeidere))


def processes_alive(locks: int, prosess: str) -> float:
    """How many of a process hold so many locks, as `processes_wanted` counts them; one that is half there is a half."""
    return locks / PROSESSER[prosess].laser if prosess in PROSESSER else locks
