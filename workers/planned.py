"""The planned jobs of the sweeper: what each runs, how often, and what kind of work it is.

Jobs find rows that are ready, stuck or due by state and age, never by a time window: a job that did not run
for an hour skips nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.broker import LANES
from fiks.core import audit, doorbell
from fiks.core.audit_upkeep import retention
from fiks.core.queue import planned_jobs
from fiks.drift import key_check, measures, restore_guard
from fiks.edialog import service as edialog
from fiks.edialog import work as edialog_work
from fiks.edialog.loss_notice import notify_of_lost_letters
from fiks.edialog.models import EdialogFil
from fiks.epost import service as epost
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.tilgang import service
from fiks.print.handover import packing
from fiks.print.handover import recovery as printing
from fiks.print.operations import alarms
from fiks.sms import work as sms
from fiks.svarinn import expiry
from fiks.svarut.delivery import wakeup
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.lifecycle.failure_notices import count_lost, report_lost_signed_copies
from fiks.svarut.mottak import inspection
from fiks.svarut.operations import alarms as operations_alarms
from fiks.svarut.operations import recovery
from fiks.svarut.retention import combined_pdf, deletion
from fiks.svarut.signing import feed
from fiks.svarut.svarinn import reminders as svarinn_warnings
from fiks.utsending import stored_objects
from fiks.utsending.deletion import cleanup
from fiks.utsending.jobs import queue
from fiks.utsending.production import service as production_service
from fiks.utsending.sending import feeder, retry
from fiks.utsending.templates import house_templates
from workers import lost_rings, own_schema, rule_checks

READY_LANE_SOURCES = (
    recovery.ready_lanes,
    printing.ready_lanes,
    queue.ready_lanes,
    epost.ready_lanes,
    sms.ready_lanes,
    edialog_work.ready_lanes,
)
"""Functions that list lanes with ready rows."""
OTHER_OBJECT_COLUMNS = (EdialogFil.objekt,)
"""Columns that refer to stored objects in rooms that `utsending.objects` does not know."""


@dataclass(frozen=True, slots=True)
class Jobb:
    """One planned job: runs every `seconds`; `run` returns how much it found."""

    seconds: int
    run: Callable[[], int]
    moves_work: bool = False
    """Whether it gives the lanes work, or ends work."""
    rescues: bool = False
    """Whether it takes back work of a dead worker; such a job also counts as moving work."""
    only_looks: bool = False
    """Whether it only observes, so that what it finds is not counted as work."""
    tells: bool = False
    """Whether it sets gauges, which live in the working sweeper's memory; such a job only observes."""
    keeps_house: bool = False
    """Whether it may take minutes where much has been sent."""


def ring_ready() -> int:
    """Ring every lane with ready rows; return how many. Lanes that nobody had rung are counted as lost rings."""
    ringing = doorbell.lanes_with_rings()
    ready = [
        lane
        for lane in {lane for ready_lanes in READY_LANE_SOURCES for lane in ready_lanes()}
        if lane in LANES
    ]
    lost_rings.count_lost_rings(ready, ringing)
    for lane in ready:
        doorbell.ring_now(lane)
    return len(ready)


def ring_incoming() -> int:
    """Ring the incoming lane, so that a worker asks for receipts and looks up unknown outcomes."""
    doorbell.ring_now("inn")
    return 0


def delete_strays() -> int:
    """Delete stored objects that no row of any room refers to; return how many.

    Only after the restore check: an older database does not know the newest objects. And only on this
    release's own schema: another release's rows may refer to objects that look like strays here.
    """
    restore_guard.check_for_restore()
    if not own_schema.is_ours():
        return 0
    return stored_objects.delete_strays(OTHER_OBJECT_COLUMNS)


JOBS: dict[str, Jobb] = {
    "mat_utsendinger": Jobb(1, feeder.feed_all, moves_work=True),
    "gjor_ferdig_produksjon": Jobb(1, production_service.end_all_productions, moves_work=True),
    "gjor_ferdig_utsendinger": Jobb(2, feeder.finish_all, moves_work=True),
    "vekk_ventende": Jobb(2, wakeup.wake_waiting, moves_work=True),
    "vekk_ved_apning": Jobb(2, wakeup.wake_when_open, moves_work=True),
    "ta_tilbake_foreldrelose": Jobb(5, recovery.recover_orphans, rescues=True),
    "lag_printpakker": Jobb(2, packing.pack_all, moves_work=True),
    "vekk_printpakker": Jobb(5, printing.wake_waiting, moves_work=True),
    "ta_tilbake_printpakker": Jobb(5, printing.recover_orphans, rescues=True),
    "ta_tilbake_arbeid": Jobb(5, queue.recover_pieces, rescues=True),
    "lesefrist": Jobb(5, lesefrist.expire_lesefrist, moves_work=True),
    "avslutt_papir_som_feilet": Jobb(60, retry.end_failed_paper, moves_work=True),
    "lukk_utlopte_signeringer": Jobb(60, feed.expire_orders, moves_work=True),
    "hent_kvitteringer": Jobb(2, ring_incoming, only_looks=True),
    "ring_klare_baner": Jobb(2, ring_ready, only_looks=True),
    "mal_mottak": Jobb(15, inspection.measure, tells=True),
    "mal_originaler": Jobb(60, combined_pdf.measure, tells=True),
    "ta_tilbake_sms": Jobb(60, sms.recover, moves_work=True),
    "mal_sms": Jobb(60, sms.measure, tells=True),
    "mal_epost": Jobb(60, epost.measure, tells=True),
    "advar_om_brev_som_venter": Jobb(300, svarinn_warnings.warn_waiting),
    "varsle_om_sertifikater": Jobb(3600, expiry.warn_expiring, keeps_house=True),
    "mal_edialog": Jobb(60, edialog_work.measure, tells=True),
    "meld_tapte_signerte": Jobb(60, report_lost_signed_copies),
    "meld_tapte_henvendelser": Jobb(60, notify_of_lost_letters),
    "mal_drift": Jobb(15, measures.measure, only_looks=True),
    "tell_epoken": Jobb(15, restore_guard.advance_epoch, only_looks=True),
    "tell_print_uten_kvittering": Jobb(600, alarms.count_print_overdue, tells=True, keeps_house=True),
    "tell_ventende_pakker": Jobb(600, alarms.count_held_packages, tells=True, keeps_house=True),
    "tell_digitalt_uten_kvittering": Jobb(
        600, operations_alarms.count_digital_overdue, tells=True, keeps_house=True
    ),
    "tell_lenge_ventende": Jobb(600, operations_alarms.count_stuck_leveringer, tells=True, keeps_house=True),
    "tell_egne_tapte_brev": Jobb(600, count_lost, tells=True),
    "tell_manuell_print": Jobb(600, alarms.count_manual_print, tells=True),
    "tell_trykkerier_uten_adresse": Jobb(600, alarms.count_unreachable_houses, tells=True),
    "varsle_om_trykkerisertifikater": Jobb(86_400, alarms.count_expiring_certificates, tells=True),
    "varsle_om_avsendersertifikat": Jobb(86_400, key_check.count_expiring_certificate, tells=True),
    "forsegl_revisjonslogg": Jobb(60, lambda: planned_jobs.in_portions(audit.seal)),
    "slett_utlopt_innhold": Jobb(300, cleanup.clean_all, keeps_house=True),
    "slett_utlopte_brev": Jobb(60, deletion.expire_content, keeps_house=True),
    "slett_ubrukte_ider": Jobb(86_400, deletion.delete_unused_ids, keeps_house=True),
    "slett_herrelose_filer": Jobb(3600, delete_strays, keeps_house=True),
    "slett_innhold_i_sms": Jobb(3600, sms.forget_content, keeps_house=True),
    "slett_gammel_epost": Jobb(86_400, epost.delete_old, keeps_house=True),
    "slett_gamle_henvendelser": Jobb(3600, edialog.delete_old, keeps_house=True),
    "slett_gamle_sesjoner": Jobb(
        3600, lambda: planned_jobs.in_portions(sessions.delete_old_sessions), keeps_house=True
    ),
    "kontroller_regler": Jobb(60, rule_checks.check_minute, tells=True),
    "kontroller_regler_i_dybden": Jobb(60, rule_checks.check_in_turn, tells=True, keeps_house=True),
    "se_etter_misbruk": Jobb(3600, rule_checks.look_for_misuse, tells=True, keeps_house=True),
    "publiser_maler": Jobb(3600, house_templates.publish_as_sweeper),
    "lukk_utlopte_tilganger": Jobb(300, service.close_expired),
    "start_gjennomganger": Jobb(3600, gjennomgang_service.start_due_reviews, keeps_house=True),
    "minn_om_gjennomganger": Jobb(3600, gjennomgang_service.remind_overdue, keeps_house=True),
    "slett_gammel_revisjon": Jobb(3600, retention.delete_old, keeps_house=True),
    "kontroller_revisjonslogg": Jobb(60, rule_checks.check_audit_log, tells=True, keeps_house=True),
}
"""The jobs by name; the rows of `planlagt_jobb` and the alarms use the same names."""
RESCUES = frozenset(name for name, job in JOBS.items() if job.rescues)
MOVES_WORK_ON = RESCUES | {name for name, job in JOBS.items() if job.moves_work}
"""All jobs that `fiks drain` runs; it works the lanes itself and needs no ring."""
TELLS = frozenset(name for name, job in JOBS.items() if job.tells)
"""Jobs that a sweeper runs when it takes over, before it exports any gauge."""
ONLY_LOOKING = TELLS | {name for name, job in JOBS.items() if job.only_looks}
KEEPS_HOUSE = frozenset(name for name, job in JOBS.items() if job.keeps_house)
"""Jobs run in a thread of their own, so that no letter waits for them."""
