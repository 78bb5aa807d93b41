"""The sweeper: finds what is ready, stuck or due, and rings for it. It sends nothing and calls nobody.

Run two of them; an advisory lock decides which one works, and two at once would be harmless. Everything here is state
and age, never a window, so a sweeper that slept for an hour skips nothing.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

import psycopg
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import DBAPIError

from config.broker import LANES, ringer
from config.settings import Settings
from fiks.core import audit, audit_retention, doorbell, jobs
from fiks.core.db import session
from fiks.konfigurasjon import grants, misuse, reviews, sessions
from fiks.svarut import alarms, control, deletion, recovery, signing_feed
from fiks.svarut.invariants import Brudd
from fiks.utsending import cleaning, feeder, invariants, objects, production, work
from workers.process import Process

log = logging.getLogger(__name__)
HOLDER_LOCK = 7_340_002
TICK_SECONDS = 1.0
SWEPT = Gauge("fiks_sweep_found", "What the last run of a planned job found", ["jobb"])
FAILED = Counter("fiks_sweep_failures_total", "Runs of a planned job that ended in an error", ["jobb"])
BREACHES = Gauge(
    "fiks_invariant_breaches",
    "Breaches of a rule that its last check found (0 is right)",
    ["kontroll", "regel"],
)
SUSPICIONS = Gauge("fiks_misuse_suspicions", "Persons or machines that show a sign of misuse", ["tegn"])
MINUTE_RULES, HOUR_RULES, NIGHT_RULES = ("I2", "I3", "I4", "I5", "I6", "I9"), ("I9", "I10"), ("I10",)


def ring_ready() -> int:
    """Ring every lane with ready rows; return how many, which is near 0 when the broker's bells work."""
    ready = [lane for lane in {*recovery.ready_lanes(), *work.ready_lanes()} if lane in LANES]
    for lane in ready:
        doorbell.ring_now(lane)
    return len(ready)


def ring_incoming() -> int:
    """Let somebody ask the outside world for receipts and for unknown outcomes."""
    doorbell.ring_now("inn")
    return 0


def check_minute() -> int:
    """Ask the database whether what must always hold still does (I2-I6, I9)."""
    return _tell("minutt", MINUTE_RULES, invariants.check_minute())


def check_hour() -> int:
    """As `check_minute`, for the rules that read more (I9's digest, I10 but for the chain)."""
    return _tell("time", HOUR_RULES, invariants.check_hour())


def check_audit_log() -> int:
    """Walk the whole chain of the audit log (I10); its rows of five years are too many to read each hour."""
    return _tell("natt", NIGHT_RULES, invariants.check_night())


def look_for_misuse() -> int:
    """Tell operations of those who look up, export or try far more than work asks for."""
    found = misuse.suspicions()
    for tegn in misuse.TEGN:
        SUSPICIONS.labels(tegn.navn).set(sum(one.tegn == tegn.navn for one in found))
    for one in found:
        log.warning("misuse_suspected", extra={"tegn": one.tegn, "hvem": one.hvem, "antall": one.antall})
    return len(found)


def _tell(kontroll: str, rules: tuple[str, ...], found: list[Brudd]) -> int:
    for rule in rules:
        BREACHES.labels(kontroll, rule).set(sum(breach.regel == rule for breach in found))
    for breach in found:
        log.error("invariant_broken", extra={"regel": breach.regel, "kode": breach.kode, "id": breach.id})
    return len(found)


JOBS: dict[str, tuple[int, Callable[[], int]]] = {
    "mat_utsendinger": (1, feeder.feed_all),
    "gjor_ferdig_produksjon": (1, production.settle_all),
    "gjor_ferdig_utsendinger": (2, feeder.finish_all),
    "vekk_ventende": (5, recovery.wake_waiting),
    "ta_tilbake_foreldrelose": (5, recovery.recover_orphans),
    "ta_tilbake_arbeid": (5, work.recover_parts),
    "lesefrist": (5, recovery.expire_lesefrist),
    "lukk_utlopte_signeringer": (60, signing_feed.expire),
    "hent_kvitteringer": (2, ring_incoming),
    "ring_klare_baner": (2, ring_ready),
    "mal_mottak": (15, control.measure),
    "tell_print_uten_kvittering": (600, alarms.count_print_overdue),
    "forsegl_revisjonslogg": (60, audit.seal),
    "slett_utlopt_innhold": (3600, cleaning.clean_all),
    "slett_utlopte_brev": (600, deletion.expire_content),
    "slett_ubrukte_ider": (86_400, deletion.delete_unused_ids),
    "slett_herrelose_filer": (3600, objects.delete_strays),
    "slett_gamle_sesjoner": (3600, sessions.delete_old),
    "kontroller_regler": (60, check_minute),
    "kontroller_regler_i_dybden": (3600, check_hour),
    "se_etter_misbruk": (3600, look_for_misuse),
    "lukk_utlopte_tilganger": (300, grants.close_expired),
    "start_gjennomganger": (3600, reviews.start_due),
    "minn_om_gjennomganger": (3600, reviews.remind),
    "slett_gammel_revisjon": (86_400, audit_retention.delete_old),
    "kontroller_revisjonslogg": (86_400, check_audit_log),
}
"""Name to (seconds between runs, what to run). Each returns how much it found."""
ONLY_LOOKING = frozenset(
    {
        "hent_kvitteringer",
        "ring_klare_baner",
        "mal_mottak",
        "tell_print_uten_kvittering",
        "kontroller_regler",
        "kontroller_regler_i_dybden",
        "kontroller_revisjonslogg",
        "se_etter_misbruk",
    }
)
"""What these find is not work done, and would keep `fiks drain` going for ever."""


def sweep_once(process: Process, *, everything: bool = False) -> int:
    """Run the planned jobs that are due (or all of them) and return how much they found together."""
    with process.app.app_context():
        names = list(JOBS) if everything else jobs.take_due_jobs()
        return sum(_run(name) for name in names if name in JOBS)


def _run(name: str) -> int:
    """Run one job; what goes wrong in it is logged and counted, and never stops the others."""
    try:
        found = JOBS[name][1]()
    except DBAPIError as error:
        log.warning("job_failed", extra={"jobb": name, "error": type(error).__name__})
        FAILED.labels(name).inc()
        session().rollback()
        return 0
    except Exception:
        log.exception("job_broken", extra={"jobb": name})
        FAILED.labels(name).inc()
        session().rollback()
        return 0
    SWEPT.labels(name).set(found)
    return 0 if name in ONLY_LOOKING else found


def main() -> None:
    """Sweep until TERM, holding the lock; without it, wait for it."""
    settings = Settings.from_env()
    doorbell.install(ringer(settings.redis_url))
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    process = Process(settings)
    url = settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)
    while not stopped:
        try:
            _hold_and_sweep(process, url, stopped)
        except (psycopg.Error, DBAPIError) as error:
            log.warning("sweeper_lost_database", extra={"error": type(error).__name__})
            time.sleep(TICK_SECONDS)


def _hold_and_sweep(process: Process, url: str, stopped: list[int]) -> None:
    with psycopg.connect(url, autocommit=True) as holder:
        while not stopped:
            row = holder.execute("SELECT pg_try_advisory_lock(%s)", (HOLDER_LOCK,)).fetchone()
            if row and row[0]:
                break
            time.sleep(TICK_SECONDS)
        with process.app.app_context():
            jobs.ensure_jobs({name: seconds for name, (seconds, _) in JOBS.items()})
        while not stopped:
            holder.execute("SELECT 1")
            sweep_once(process)
            time.sleep(TICK_SECONDS)


if __name__ == "__main__":
    main()
