"""The gauges of operations, set by the sweeper from the rows. Labels are lanes, channels and job names: no
ids.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping

from prometheus_client import Gauge

from fiks.core import clock
from fiks.core.db import session
from fiks.core.environment import current
from fiks.drift import wal_archive
from fiks.drift.rules import PROSESSER, process_of, processes_wanted
from fiks.drift.state import Driftstand, state
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.rules import Kanal

log = logging.getLogger(__name__)
CLOCK_MAY_DIFFER = 2.0
READY = Gauge("fiks_lane_ready", "Pieces of work that are ready now", ["bane"])
OLDEST_READY = Gauge(
    "fiks_lane_oldest_ready_seconds", "For how long the lane's oldest ready piece has been ready", ["bane"]
)
WORKING = Gauge("fiks_lane_working", "Pieces of work that somebody has claimed", ["bane"])
WAITING = Gauge("fiks_lane_waiting", "Pieces of work that have a time to be tried again", ["bane"])
NOT_FED = Gauge("fiks_lane_not_fed", "Released rows that are not laid in the lane yet", ["bane"])
NEEDS_PERSON = Gauge("fiks_needs_person", "Letters and packages that wait for a person to act", ["bane"])
OLDEST_RESTRICTED = Gauge(
    "fiks_restricted_oldest_seconds",
    "For how long the oldest letter to a protected person has waited for a person to act",
)
JOBS_LATE = Gauge("fiks_jobs_late", "Planned jobs that should have run five minutes ago")
UNKNOWN = Gauge("fiks_unknown_outcomes", "Hand-overs whose outcome nobody knows", ["kanal"])
OLDEST_UNKNOWN = Gauge(
    "fiks_unknown_outcome_oldest_seconds", "For how long the oldest outcome has been unknown", ["kanal"]
)
OLDEST_CALL = Gauge("fiks_call_oldest_seconds", "For how long the oldest call has been under way")
CALLS = Gauge(
    "fiks_channel_calls_recent", "Calls to a channel that ended in the last five minutes", ["kanal", "utfall"]
)
PER_MINUTE = Gauge(
    "fiks_letters_per_minute", "Letters handed over a minute, over the last five minutes", ["kanal"]
)
PAUSED = Gauge(
    "fiks_channel_paused", "1 for a channel, register or print house that is paused since it fails", ["kanal"]
)
IN_PEACE = Gauge(
    "fiks_channel_left_in_peace",
    "1 for a channel or register that has asked not to be called for now",
    ["kanal"],
)
FROZEN = Gauge("fiks_sending_frozen", "1 while all sending is stopped")
UNRECONCILED = Gauge(
    "fiks_unreconciled", "1 while the database is a restored one, and what it had sent has not been looked up"
)
ALIVE = Gauge(
    "fiks_workers_alive", "Processes that hold an owner's lock, by the Procfile's name", ["prosess"]
)
WANTED = Gauge(
    "fiks_workers_wanted",
    "Workers (threads, or processes of pdf and vis) the lane wants",
    ["prosess", "bane"],
)
PROCESSES = Gauge(
    "fiks_processes_wanted", "Processes the wanted workers are, as the Procfile starts them", ["prosess"]
)
BOOKS = Gauge("fiks_books_differ", "References a channel's books and ours do not agree on", ["kanal", "art"])
SIGNING_LATE = Gauge(
    "fiks_signing_late", "Orders to sign not given, and signed copies not fetched, for an hour"
)
CLOCK = Gauge("fiks_clock_offset_seconds", "How far this machine's clock is ahead of the database's")
ARCHIVE = Gauge(
    "fiks_database_log_not_archived", "1 while the last file of PostgreSQL's log did not get into its archive"
)
LANE_GAUGES = {
    READY: "klare",
    OLDEST_READY: "eldste",
    WORKING: "i_arbeid",
    WAITING: "venter",
    NOT_FED: "ufordelt",
    NEEDS_PERSON: "til_behandling",
}
"""Gauges per lane, each with its field in `Banestand`."""
MEASURED = Gauge("fiks_measured_timestamp_seconds", "When the rows were last counted (Unix time)")


def measure() -> int:
    """Count the rows and set the gauges; return 0, since it finds no work."""
    _set_gauges(state(current().print_houses))
    ahead = time.time() - clock.database_now().timestamp()
    unarchived = wal_archive.is_failing()
    session().rollback()
    CLOCK.set(ahead)
    if abs(ahead) > CLOCK_MAY_DIFFER:
        log.warning("clock_differs", extra={"sekunder": round(ahead, 1)})
    ARCHIVE.set(unarchived)
    if unarchived:
        log.warning("database_log_not_archived")
    MEASURED.set_to_current_time()
    return 0


def _set_gauges(found: Driftstand) -> None:
    for gauge, name in LANE_GAUGES.items():
        _set_all(gauge, {(stand.bane,): getattr(stand, name) for stand in found.baner})
    _set_channel_gauges(found)
    FROZEN.set(found.stanset is not None)
    UNRECONCILED.set(found.gjenopprettet)
    SIGNING_LATE.set(found.sene_signeringer)
    JOBS_LATE.set(len(found.sene_jobber))
    OLDEST_RESTRICTED.set(found.eldste_sperret)
    for bane, wanted in found.onskede.items():
        WANTED.labels(process_of(bane), bane).set(wanted)
    alive = Counter(one.prosess for one in found.arbeidere if one.eier is not None)
    for prosess in PROSESSER:
        PROCESSES.labels(prosess).set(processes_wanted(found.onskede, prosess))
        ALIVE.labels(prosess).set(alive[prosess])


def _set_channel_gauges(found: Driftstand) -> None:
    """Set the gauges of every channel, also to 0, so that no value outlives its cause."""
    unknown = {one.kanal: one for one in found.ukjente}
    for kanal in Kanal:
        one = unknown.get(kanal)
        UNKNOWN.labels(kanal).set(one.antall if one else 0)
        OLDEST_UNKNOWN.labels(kanal).set(one.eldste if one else 0)
        PER_MINUTE.labels(kanal).set(found.per_minutt.get(kanal, 0))
    _set_all(CALLS, {(call.kanal, call.utfall): call.antall for call in found.kall})
    none: dict[tuple[str, ...], float] = {(str(kanal),): 0 for kanal in Kanal}
    asked = {(one.navn,): 1.0 for one in found.pauser if one.grunn == circuit_breaker.ASKED_TO_WAIT}
    _set_all(IN_PEACE, none | asked)
    _set_all(PAUSED, none | {(one.navn,): 1 for one in found.pauser if (one.navn,) not in asked})
    _set_all(BOOKS, {(one.kanal, one.art): one.antall for one in found.uenigheter})
    OLDEST_CALL.set(found.eldste_kall)


_seen: dict[Gauge, set[tuple[str, ...]]] = {}


def _set_all(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """Set these label values, and set to 0 those that were set before and are missing now."""
    seen = _seen.setdefault(gauge, set())
    seen.update(values)
    for labels in seen:
        gauge.labels(*labels).set(values.get(labels, 0))
