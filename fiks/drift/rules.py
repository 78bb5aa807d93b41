"""The state of a lane, and how many workers it wants. All pure.

The formula, for one lane:

    work    = jobs that are ready now or claimed x seconds a job takes one worker
    workers = work / the seconds within which the lane should be empty, rounded up

and never more than can be busy at once; while all sending is stopped, none for the lanes that stop. A worker
is a thread of `send` or `inn`, or a process of `pdf` or `vis`. A process does one job at a time, so at least
as many are wanted as jobs are claimed: the number replaces the present one, and a process that is ended would
start its list again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

CALLS_TO_MEASURE = 20
"""From this many calls on, the measured time of a call replaces the expected one."""
ANSWERED = frozenset({"OVERLEVERT", "AVVIST"})
"""Outcomes of answered calls. Other outcomes only measure how long an answer was waited for, and more workers
would only wait for a silent channel too.
"""
LONGEST_CALL = 5.0
"""Most seconds a call counts for: more callers do not make a slow channel faster."""
OWN_WORK_SECONDS = 0.05
"""Seconds a letter takes besides its call."""


@dataclass(frozen=True, slots=True)
class Banetall:
    """Expectations of a lane: seconds a job takes one worker, and seconds within which it should be empty."""

    sekunder: float
    tom_innen: float


@dataclass(frozen=True, slots=True)
class Prosess:
    """A process of the Procfile: its lanes, its number of workers as the Procfile starts it, and its number
    of operating system processes, each of which holds a lock.
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
"""`pdf` is counted per process: PDF_PROCESSES of them are one line of the Procfile."""

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
"""Lanes whose jobs are calls to a channel, which are measured."""
STOPPED_BY_FREEZE = frozenset({"enkelt", "masse", "print", "sms", "epost"})
"""Lanes whose jobs stay put while all sending is stopped. The other lanes go on, `inn` without orders to
sign.
"""


@dataclass(frozen=True, slots=True)
class Banestand:
    """State of one lane.

    `eldste`: seconds its oldest ready job has been ready; `i_arbeid`: claimed jobs; `venter`: waiting for a
    retry or a print house; `ufordelt`: released but not in the lane yet, of which `stengt` wait for a paused
    channel or register. `meste`: most workers that can be busy at once, None for no limit.
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
    """Recent calls to a channel with one outcome: number, and average seconds."""

    kanal: str
    utfall: str
    antall: int
    sekunder: float


def process_of(bane: str) -> str:
    """Return the process that works a lane."""
    return next(navn for navn, prosess in PROSESSER.items() if bane in prosess.baner)


def call_seconds(calls: Iterable[Kall]) -> float | None:
    """Return the seconds a letter takes by measured, answered calls; None when there are too few."""
    counted = [call for call in calls if call.utfall in ANSWERED]
    total = sum(call.antall for call in counted)
    if total < CALLS_TO_MEASURE:
        return None
    average = sum(call.antall * call.sekunder for call in counted) / total
    return OWN_WORK_SECONDS + min(average, LONGEST_CALL)


def workers_wanted(stand: Banestand, *, frozen: bool, measured: float | None = None) -> int:
    """Return how many workers the lane wants in all, busy ones included.

    `frozen`: all sending is stopped. `measured`: seconds a call takes now (`call_seconds`).
    """
    at_work = stand.i_arbeid if PROSESSER[process_of(stand.bane)].arbeidere == 1 else 0
    if frozen and stand.bane in STOPPED_BY_FREEZE:
        return at_work
    expected = BANETALL[stand.bane]
    seconds = measured if measured is not None and stand.bane in CALLING else expected.sekunder
    pieces = stand.klare + stand.ufordelt - stand.stengt + stand.i_arbeid
    wanted = ceil(pieces * seconds / expected.tom_innen)
    return max(at_work, wanted if stand.meste is None else min(wanted, stand.meste))


def processes_wanted(workers: Mapping[str, int], prosess: str) -> int:
    """Return how many of a process the wanted workers of its lanes need; at least one, since somebody must
    receive the rings.
    """
    asked = sum(workers.get(bane, 0) for bane in PROSESSER[prosess].baner)
    return max(1, ceil(asked / PROSESSER[prosess].arbeidere))


def processes_alive(locks: int, prosess: str) -> float:
    """Return how many of a process hold this many locks, in the unit of `processes_wanted`; one that is half
    started is a half.
    """
    return locks / PROSESSER[prosess].laser if prosess in PROSESSER else locks
