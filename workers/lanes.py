"""The work of each lane, one portion at a time: the same for an actor, for `fiks drain` and for a test."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

from prometheus_client import Counter, Histogram

from fiks.core.db import session
from fiks.core.errors import KanalFeil
from fiks.core.telemetry.counters import start_at_zero
from fiks.edialog import work as edialog
from fiks.epost import service as epost
from fiks.print.handover import deliver, packing
from fiks.print.handover import receipts as print_receipts
from fiks.print.handover import recovery as print_recovery
from fiks.print.operations import reconciliation
from fiks.sms import work as sms
from fiks.svarut.delivery import circuit_breaker, unknown_outcomes
from fiks.svarut.delivery import deliver as delivery_deliver
from fiks.svarut.mottak import inspection
from fiks.svarut.receipts import feed as receipts_feed
from fiks.svarut.receipts import reconciliation as channel_books
from fiks.svarut.retention import combined_pdf
from fiks.svarut.rules import Bane
from fiks.svarut.signing import copies, orders
from fiks.svarut.signing import feed as signing_feed
from fiks.utsending.filer.workers import check, unzip
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.letters import preview, test_letter
from fiks.utsending.production import rendering, service
from fiks.utsending.receivers import list_import
from fiks.utsending.rules import Delart
from fiks.utsending.samlet.workers import cut
from fiks.utsending.samlet.workers import open_file as big_file
from workers.covers import Forsideprover
from workers.messages import Meldingstegner
from workers.process import Process

log = logging.getLogger(__name__)
FAILED = Counter(
    "fiks_incoming_failures_total", "Times that a part of the incoming lane ended in an error", ["del"]
)
READ = Counter("fiks_incoming_read_total", "Times that a part of the incoming lane was done", ["del"])
AWAY = Counter(
    "fiks_incoming_away_total",
    "Times that whom a part of the incoming lane asks was away or refused",
    ["del"],
)
DONE = Counter("fiks_lane_done_total", "Pieces of work that were found and done", ["bane"])
BROKEN = Counter("fiks_lane_failures_total", "Portions of work that ended in an error", ["bane"])
SECONDS = Histogram(
    "fiks_lane_portion_seconds",
    "How long a portion in which there was work took",
    ["bane"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


def _deliver(bane: Bane) -> Callable[[Process], int]:
    def portion(process: Process) -> int:
        return delivery_deliver.deliver(bane, process.owner, process.world, leaving=process.leaving.is_set)

    return portion


def _control(process: Process) -> int:
    register, forside = process.world.registers.heeding, Forsideprover(process.printer)
    looked_at = inspection.inspect_letter(register, process.reader, forside)
    return looked_at + combined_pdf.replace_originals(process.merger)


def _claim(process: Process, *arter: Delart) -> Del | None:
    with process.owner.claiming() as eier:
        return queue.claim_piece(arter, eier)


def _read_list(process: Process) -> int:
    part = _claim(process, Delart.LES, Delart.PAKK_UT)
    if part is None:
        big_file.release_file()
        return 0
    with queue.tolerate_lost_piece(part):
        if part.art is Delart.PAKK_UT:
            unzip.unpack_part(part)
            return 1
        try:
            list_import.read_upload(part, process.world.registers.port, process.patience)
        except KanalFeil as error:
            log.warning("register_away", extra={"kode": error.kode, "detalj": error.detalj})
            list_import.fail_reading(part, "REGISTER_SVARER_IKKE")
    return 1


def _render(process: Process) -> int:
    """CPU-bound work: drawing letters, and checking or cutting PDFs made elsewhere."""
    part = _claim(process, Delart.RENDER, Delart.FIL, Delart.KUTT)
    if part is None:
        big_file.release_file()
        return 0
    with queue.tolerate_lost_piece(part):
        if part.art is Delart.FIL:
            check.check_part(part, process.checker)
        elif part.art is Delart.KUTT:
            cut.cut_part(part)
        else:
            rendering.render_part(part, process.printer)
    if part.art is Delart.RENDER:
        service.end_production(part.utsending_id)
    return 1


def _preview(process: Process) -> int:
    part = _claim(process, Delart.FORHANDSVISNING, Delart.PROVEBREV)
    if part is None:
        return 0
    with queue.tolerate_lost_piece(part):
        if part.art is Delart.PROVEBREV:
            test_letter.send_test_letter(part, process.printer)
        else:
            preview.make_preview(part, process.printer, process.pages)
    return 1


def _incoming(process: Process) -> int:
    """Unknown outcomes, every feed, and signing; a failure in one part stops none of the others.

    One thread at a time reads a feed, while others read other feeds; the same goes for the print houses'
    lists, which are long.
    """
    parts: dict[str, Callable[[], int | None]] = {
        "OPPSLAG": partial(unknown_outcomes.resolve_unknown_outcomes, process.world)
    }
    parts["PRINTPAKKER"] = partial(print_recovery.resolve_unknown_outcomes, process.houses)
    parts["AVSTEMMING"] = partial(
        channel_books.compare_due, process.world.kanaler, leaving=process.leaving.is_set
    )
    parts["PRINTLISTER"] = partial(reconciliation.compare_due, process.houses)
    for kode, house in process.houses.items():
        parts[kode] = partial(print_receipts.read_house_receipts, kode, house)
    told = {
        kilde: partial(receipts_feed.read_feed, kanal, source, kilde)
        for kanal, feed in process.feeds.items()
        for kilde, source in receipts_feed.sources(kanal, feed).items()
    }
    parts |= told
    parts[sms.KILDE] = partial(sms.read_receipts, process.gateway)
    parts["SIGNERINGSORDRER"] = partial(orders.register_orders, process.signing)
    parts[signing_feed.KILDE] = partial(signing_feed.read_feed, process.signing)
    parts["SIGNERTE_KOPIER"] = partial(copies.send_signed_copies, process.signing)
    feeds = {*process.houses, *told, sms.KILDE, signing_feed.KILDE}
    parts |= {name: partial(process.alone, name, parts[name]) for name in {*feeds, "PRINTPAKKER"}}
    start_at_zero(FAILED, parts)
    return sum(_try(name, part) for name, part in parts.items())


def _try(name: str, part: Callable[[], int | None]) -> int:
    """Do one part of the incoming lane; a failure is logged and counted, and the part is repeated next time.

    A part returns None when another thread is doing it; that thread reports the result.
    """
    try:
        found = part()
        if found is not None:
            READ.labels(name).inc()
        return found or 0
    except KanalFeil as error:
        log.warning("feed_away", extra={"kanal": name, "kode": error.kode})
        AWAY.labels(name).inc()
    except Exception:
        log.exception("incoming_broken", extra={"kanal": name})
        FAILED.labels(name).inc()
        session().rollback()
    return 0


def _print(process: Process) -> int:
    packing.pack_all()
    return deliver.deliver(
        process.owner, process.houses, lambda: process.merger, circuit_breaker.is_frozen, process.vern
    )


def _mail(process: Process) -> int:
    return 0 if circuit_breaker.is_frozen() else epost.send_next(process.mail)


def _write(process: Process) -> int:
    return edialog.send_next(Meldingstegner(process.printer), process.world.registers.heeding)


def _text(process: Process) -> int:
    return (
        0 if circuit_breaker.is_frozen() else sms.send_next(process.gateway, process.world.registers.heeding)
    )


WORK: dict[str, Callable[[Process], int]] = {
    "mottak": _control,
    "enkelt": _deliver(Bane.ENKELT),
    "masse": _deliver(Bane.MASSE),
    "liste": _read_list,
    "render": _render,
    "forhandsvisning": _preview,
    "inn": _incoming,
    "epost": _mail,
    "sms": _text,
    "edialog": _write,
    "print": _print,
}


def do_portion(lane: str, process: Process) -> int:
    """Do one portion of a lane's work inside the process's app; return how much was found (0: nothing to do)."""
    begun = time.perf_counter()
    with process.app.app_context():
        try:
            process.ask_guard()
            found = WORK[lane](process)
        except BaseException:
            BROKEN.labels(lane).inc()
            raise
    if found:
        DONE.labels(lane).inc(found)
        SECONDS.labels(lane).observe(time.perf_counter() - begun)
    return found
