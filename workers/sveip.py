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

from config import metrics
from config.broker import LANES, listener, ringer
from config.settings import Settings
from fiks.core import audit, audit_retention, doorbell, jobs
from fiks.core.counters import from_nought
from fiks.core.db import session
from fiks.drift import measures, own_keys, restored
from fiks.drift.alive import HOLDER_LOCK
from fiks.edialog import service as edialog
from fiks.edialog import work as edialog_work
from fiks.edialog.models import EdialogFil
from fiks.edialog.not_arrived import tell_of_lost
from fiks.epost import service as epost
from fiks.konfigurasjon import grants, reviews, sessions
from fiks.print import alarms, packing
from fiks.print import recovery as printing
from fiks.sms import work as sms
from fiks.svarinn import expiry
from fiks.svarut import control, deletion, forsendelsesfil, recovery, signing_feed, unheard, waiting, waking
from fiks.svarut.own_letters import count_lost, tell_of_signed_copies
from fiks.svarut.svarinn import warnings as svarinn_warnings
from fiks.utsending import checks, cleaning, feeder, objects, production, retry, work
from workers import health, lost_rings, rule_checks
from workers.housekeeping import Housekeeper
from workers.process import Process

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
SWEPT = Gauge("fiks_sweep_found", "What the last run of a planned job found", ["jobb"])
FAILED = Counter("fiks_sweep_failures_total", "Runs of a planned job that ended in an error", ["jobb"])
TAKEN_BACK = Counter(
    "fiks_work_taken_back_total", "Runs of a planned job that found work whose worker is no more", ["jobb"]
)
WAITING = (
    recovery.ready_lanes,
    printing.ready_lanes,
    work.ready_lanes,
    epost.ready_lanes,
    sms.ready_lanes,
    edialog_work.ready_lanes,
)
"""Who knows of lanes with ready rows."""
ELSEWHERE = (EdialogFil.objekt,)
"""What refers to stored objects in rooms that `utsending.objects` does not know."""


def ring_ready() -> int:
    """Ring every lane with ready rows; return how many. Those that nobody had rung for are told of as lost rings."""
    ringing = doorbell.ringing()
    ready = [lane for lane in {lane for ready_lanes in WAITING for lane in ready_lanes()} if lane in LANES]
    lost_rings.count(ready, ringing)
    for lane in ready:
        doorbell.ring_now(lane)
    return len(ready)


def ring_incoming() -> int:
    """Let somebody ask the outside world for receipts and for unknown outcomes."""
    doorbell.ring_now("inn")
    return 0


def delete_strays() -> int:
    """Delete stored objects that no row of any room refers to; return how many.

    Never before it is known that the database is no older one, which has yet to hear of the newest objects.
    """
    restored.check()
    return objects.delete_strays(ELSEWHERE)


JOBS: dict[str, tuple[int, Callable[[], int]]] = {
    "mat_utsendinger": (1, feeder.feed_all),
    "gjor_ferdig_produksjon": (1, production.settle_all),
    "gjor_ferdig_utsendinger": (2, feeder.finish_all),
    "vekk_ventende": (2, waking.wake_waiting),
    "vekk_ved_apning": (2, waking.wake_at_opening),
    "ta_tilbake_foreldrelose": (5, recovery.recover_orphans),
    "lag_printpakker": (2, packing.pack_all),
    "vekk_printpakker": (5, printing.wake_waiting),
    "ta_tilbake_printpakker": (5, printing.recover_orphans),
    "ta_tilbake_arbeid": (5, work.recover_parts),
    "lesefrist": (5, recovery.expire_lesefrist),
    "avslutt_papir_som_feilet": (60, retry.end_failed_paper),
    "lukk_utlopte_signeringer": (60, signing_feed.expire),
    "hent_kvitteringer": (2, ring_incoming),
    "ring_klare_baner": (2, ring_ready),
    "mal_mottak": (15, control.measure),
    "mal_originaler": (60, forsendelsesfil.measure),
    "ta_tilbake_sms": (60, sms.recover),
    "mal_sms": (60, sms.measure),
    "mal_epost": (60, epost.measure),
    "advar_om_brev_som_venter": (300, svarinn_warnings.warn_waiting),
    "varsle_om_sertifikater": (3600, expiry.warn_expiring),
    "mal_edialog": (60, edialog_work.measure),
    "meld_tapte_signerte": (60, tell_of_signed_copies),
    "meld_tapte_henvendelser": (60, tell_of_lost),
    "mal_drift": (15, measures.measure),
    "tell_epoken": (15, restored.advance),
    "tell_print_uten_kvittering": (600, alarms.count_print_overdue),
    "tell_ventende_pakker": (600, alarms.count_held_packages),
    "tell_digitalt_uten_kvittering": (600, unheard.count_digital_overdue),
    "tell_lenge_ventende": (600, waiting.count_waiting_long),
    "tell_egne_tapte_brev": (600, count_lost),
    "tell_manuell_print": (600, alarms.count_manual_print),
    "tell_trykkerier_uten_adresse": (600, alarms.count_unreachable_houses),
    "varsle_om_trykkerisertifikater": (86_400, alarms.count_expiring_certificates),
    "forsegl_revisjonslogg": (60, lambda: jobs.in_portions(audit.seal)),
    "slett_utlopt_innhold": (3600, cleaning.clean_all),
    "slett_utlopte_brev": (60, deletion.expire_content),
    "slett_ubrukte_ider": (86_400, deletion.delete_unused_ids),
    "slett_herrelose_filer": (3600, delete_strays),
    "slett_innhold_i_sms": (3600, sms.forget_content),
    "slett_gammel_epost": (86_400, epost.delete_old),
    "slett_gamle_henvendelser": (3600, edialog.delete_old),
    "slett_gamle_sesjoner": (3600, lambda: jobs.in_portions(sessions.delete_old)),
    "kontroller_regler": (60, rule_checks.check_minute),
    "kontroller_regler_i_dybden": (60, rule_checks.check_in_turn),
    "se_etter_misbruk": (3600, rule_checks.look_for_misuse),
    "lukk_utlopte_tilganger": (300, grants.close_expired),
    "start_gjennomganger": (3600, reviews.start_due),
    "minn_om_gjennomganger": (3600, reviews.remind),
    "slett_gammel_revisjon": (3600, audit_retention.delete_old),
    "kontroller_revisjonslogg": (60, rule_checks.check_audit_log),
}
"""Name to (seconds between runs, what to run). Each returns how much it found."""
RESCUES = frozenset({"ta_tilbake_foreldrelose", "ta_tilbake_printpakker", "ta_tilbake_arbeid"})
"""What these find was left behind by a worker that died."""
MOVES_WORK_ON = RESCUES | {
    "mat_utsendinger",
    "gjor_ferdig_produksjon",
    "gjor_ferdig_utsendinger",
    "vekk_ventende",
    "vekk_ved_apning",
    "lag_printpakker",
    "vekk_printpakker",
    "lesefrist",
    "avslutt_papir_som_feilet",
    "lukk_utlopte_signeringer",
    "ta_tilbake_sms",
}
"""What gives the lanes work, or ends it: all that `fiks drain` runs, which works the lanes itself and needs no ring."""
from_nought(FAILED, JOBS)
from_nought(doorbell.RINGS_FAILED, LANES)
from_nought(TAKEN_BACK, RESCUES)
ONLY_LOOKING = frozenset(
    {
        "hent_kvitteringer",
        "ring_klare_baner",
        "mal_mottak",
        "mal_originaler",
        "mal_epost",
        "mal_sms",
        "mal_edialog",
        "mal_drift",
        "tell_epoken",
        "tell_print_uten_kvittering",
        "tell_ventende_pakker",
        "tell_digitalt_uten_kvittering",
        "tell_lenge_ventende",
        "tell_egne_tapte_brev",
        "tell_manuell_print",
        "tell_trykkerier_uten_adresse",
        "varsle_om_trykkerisertifikater",
        "kontroller_regler",
        "kontroller_regler_i_dybden",
        "kontroller_revisjonslogg",
        "se_etter_misbruk",
    }
)
"""What these find is not work done, and is not counted as such."""
KEEPS_HOUSE = frozenset(
    {
        "slett_utlopt_innhold",
        "slett_utlopte_brev",
        "slett_ubrukte_ider",
        "slett_herrelose_filer",
        "slett_innhold_i_sms",
        "slett_gammel_epost",
        "slett_gamle_henvendelser",
        "slett_gamle_sesjoner",
        "slett_gammel_revisjon",
        "se_etter_misbruk",
        "kontroller_revisjonslogg",
        "kontroller_regler_i_dybden",
        "tell_print_uten_kvittering",
        "tell_ventende_pakker",
        "tell_digitalt_uten_kvittering",
        "tell_lenge_ventende",
        "varsle_om_sertifikater",
        "start_gjennomganger",
        "minn_om_gjennomganger",
    }
)
"""What may take minutes where much has been sent: done in a thread of its own, so that no letter waits for it."""
TELLS = ONLY_LOOKING - {"hent_kvitteringer", "ring_klare_baner", "tell_epoken", "mal_drift"}
"""What sets gauges. They lie in the memory of who works: a sweeper that takes over runs these before it tells any."""


def sweep_once(
    process: Process, *, everything: bool = False, among: Callable[[str], bool] = lambda name: True
) -> int:
    """Run the planned jobs that are due (or all of them), of those `among` says yes to, and return how much they found
    together.
    """
    chosen = [name for name in JOBS if among(name)]
    with process.app.app_context():
        return sum(_run(name) for name in (chosen if everything else jobs.due_jobs(chosen)))


def move_work_on(process: Process) -> int:
    """Run the jobs that move work on, due or not, and no others; return how much they found together."""
    with process.app.app_context():
        return sum(_run(name) for name in JOBS if name in MOVES_WORK_ON)


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
    if found and name in RESCUES:
        TAKEN_BACK.labels(name).inc()
        log.warning("work_taken_back", extra={"jobb": name, "antall": found})
    return 0 if name in ONLY_LOOKING else found


class Holder:
    """Whether this sweeper is the one that works. The other's gauges are old, or nought, and are not told."""

    def __init__(self) -> None:
        self.works = False


def main() -> None:
    """Sweep until TERM, holding the lock; without it, wait for it."""
    settings = Settings.from_env()
    doorbell.install(ringer(settings.redis_url), listener(settings.redis_url))
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    process, holder = Process(settings), Holder()
    metrics.listen(settings, measures=lambda: holder.works, pages=health.pages(process))
    url = settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)
    while not stopped:
        try:
            _hold_and_sweep(process, url, stopped, holder)
        except (psycopg.Error, DBAPIError) as error:
            log.warning("sweeper_lost_database", extra={"error": type(error).__name__})
            time.sleep(TICK_SECONDS)
        finally:
            holder.works = False


def _hold_and_sweep(process: Process, url: str, stopped: list[int], holder: Holder) -> None:
    with process.app.app_context():
        own_keys.require_ours()  # a process never gets others: this one ends, and another sweeps
    with psycopg.connect(url, autocommit=True) as lock:
        while not stopped:
            row = lock.execute("SELECT pg_try_advisory_lock(%s)", (HOLDER_LOCK,)).fetchone()
            if row and row[0]:
                break
            time.sleep(TICK_SECONDS)
        if stopped:
            return
        with process.app.app_context():
            jobs.ensure_jobs({name: seconds for name, (seconds, _) in JOBS.items()})
            checks.go_on_with_chain()
            restored.advance()
            for name in JOBS:
                if name in TELLS:
                    _run(name)
            measures.measure()
        holder.works = True
        with Housekeeper(lambda: sweep_once(process, among=_keeps_house), TICK_SECONDS):
            while not stopped:
                lock.execute("SELECT 1")
                sweep_once(process, among=lambda name: not _keeps_house(name))
                time.sleep(TICK_SECONDS)


def _keeps_house(name: str) -> bool:
    return name in KEEPS_HOUSE


if __name__ == "__main__":
    main()
