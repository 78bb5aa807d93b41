"""What each lane does, one portion at a time: the same for an actor, for `fiks drain` and for a test."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fiks.core.db import transaction
from fiks.core.errors import KanalFeil
from fiks.print.pdf import page_png
from fiks.svarut import (
    control,
    delivery,
    forsendelsesfil,
    receipts,
    recovery,
    signed_copies,
    signing,
    signing_feed,
)
from fiks.svarut.rules import Bane
from fiks.utsending import preview, production, reading, work
from fiks.utsending.rules import Delart
from workers.process import Process

log = logging.getLogger(__name__)


def _deliver(bane: Bane) -> Callable[[Process], int]:
    def portion(process: Process) -> int:
        return delivery.deliver(bane, process.owner, process.world)

    return portion


def _control(process: Process) -> int:
    looked_at = control.control_letter(process.world.register, process.reader)
    return looked_at or forsendelsesfil.replace_originals(process.merger)


def _read_list(process: Process) -> int:
    part = work.claim_part([Delart.LES], process.owner.ensure())
    if part is None:
        return 0
    try:
        with work.unless_gone(part):
            reading.read_upload(part, process.world.register)
    except KanalFeil as error:
        log.warning("register_away", extra={"kode": error.kode})
        with transaction():
            work.fail_part(part, "REGISTER_SVARER_IKKE")
        reading.fail_upload(part, "REGISTER_SVARER_IKKE")
    return 1


def _render(process: Process) -> int:
    part = work.claim_part([Delart.RENDER], process.owner.ensure())
    if part is None:
        return 0
    with work.unless_gone(part):
        production.render_part(part, process.printer)
    production.settle(part.utsending_id)
    return 1


def _preview(process: Process) -> int:
    part = work.claim_part([Delart.FORHANDSVISNING, Delart.PROVEBREV], process.owner.ensure())
    if part is None:
        return 0
    with work.unless_gone(part):
        if part.art is Delart.PROVEBREV:
            preview.send_test_letter(part, process.printer)
        else:
            preview.make_preview(part, process.printer, lambda pdf, page: page_png(pdf, page, preview.DPI))
    return 1


def _incoming(process: Process) -> int:
    read = recovery.resolve_unclear(process.world)
    for kanal, feed in process.feeds.items():
        try:
            read += receipts.read_feed(kanal, feed)
        except KanalFeil as error:
            log.warning("feed_away", extra={"kanal": str(kanal), "kode": error.kode})
    return read + _sign(process)


def _sign(process: Process) -> int:
    """Orders to the signing service, what it tells, and the copies that were signed."""
    done = signing.register(process.signing)
    try:
        done += signing_feed.read_feed(process.signing)
    except KanalFeil as error:
        log.warning("feed_away", extra={"kanal": signing_feed.KILDE, "kode": error.kode})
    return done + signed_copies.send_back(process.signing)


WORK: dict[str, Callable[[Process], int]] = {
    "mottak": _control,
    "enkelt": _deliver(Bane.ENKELT),
    "masse": _deliver(Bane.MASSE),
    "liste": _read_list,
    "render": _render,
    "forhandsvisning": _preview,
    "inn": _incoming,
}


def do_portion(lane: str, process: Process) -> int:
    """Do one portion of a lane's work inside the process's app; return how much was found (0: nothing to do)."""
    with process.app.app_context():
        return WORK[lane](process)
