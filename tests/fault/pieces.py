"""The pieces of work on a letter's way from the file to the receipt, for those who die in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import deliver, packing
from fiks.print.handover import outcomes as print_outcomes
from fiks.print.handover import receipts as print_receipts
from fiks.print.handover import recovery as print_recovery
from fiks.print.models import Leverandor
from fiks.svarut.delivery import claims, outcomes, unknown_outcomes, wakeup
from fiks.svarut.delivery import deliver as delivery_deliver
from fiks.svarut.delivery.register_lookup import FAILURES_IN_A_ROW
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Forsendelse
from fiks.svarut.operations import recovery
from fiks.svarut.receipts import feed as receipts_feed
from fiks.svarut.rules import Bane, Status
from fiks.utsending.jobs import queue
from fiks.utsending.rules import Delart
from fiks.utsending.sending import feeder
from testmiljo import mailing
from tests.fault.platform import QUARANTINE, Platform
from tests.fault.stand_ins import AT_ONCE, Silent
from workers.lanes import do_portion

ROWS, AFTER, PAPER_ROWS = 5, 9, 16
"""Rows of the generated list, the everyday and the long one, among which are both digital channels and paper, and
among the PAPER_ROWS four on paper."""
RECEIPTS_SECONDS = 1.0
WAIT = 90.0
"""Longer than a letter waits for registers before it asks them again, and they for a probe."""
HANDED_OVER = (Status.SENDT_SDP, Status.SENDT_ALTINN, Status.SENDT_PRINT)


def begun(platform: Platform) -> UUID:
    """A list that is uploaded and not read."""
    path = platform.list_of(ROWS, AFTER, other_property=True)
    return mailing.prepare(platform.seeded, path, mailing.Valg())


def ordered(platform: Platform) -> UUID:
    """Letters that are to be drawn."""
    utsending_id = begun(platform)
    platform.work("liste")
    mailing.control_and_produce(platform.seeded, utsending_id)
    return utsending_id


def released(platform: Platform) -> UUID:
    """A mailing of which no letter has been made."""
    return platform.mailing(ROWS, AFTER)


def fed(platform: Platform) -> UUID:
    """Letters that are to be handed over."""
    utsending_id = released(platform)
    feeder.feed_all()
    return utsending_id


def printed(platform: Platform) -> UUID:
    """Letters on paper that lie in the print room."""
    utsending_id = fed(platform)
    platform.work("masse")
    return utsending_id


def sent(platform: Platform) -> UUID:
    """Letters whose receipts have come."""
    utsending_id = printed(platform)
    platform.work("print")
    platform.wait_for_pick_up([utsending_id])
    return utsending_id


def left_behind(platform: Platform) -> UUID:
    """Letters that a dead owner held, one of them in the middle of its call, and one that waits."""
    platform.work("masse")
    utsending_id = fed(platform)
    dead = Owner(platform.process.settings.sqlalchemy_url)
    first, *rest = claims.claim(Bane.MASSE, dead.number)
    assert rest
    outcomes.postpone(first.claim, ProvIgjen("OPPTATT", after=AT_ONCE), counts=False)
    valg = delivery_deliver.Kanalvalg(delivery_deliver.Kanal.DPI, "2a", "POSTKASSE")
    assert delivery_deliver._begin_call(rest[0].claim, valg)
    dead.release()
    return utsending_id


def pack_one_by_one() -> None:
    """A package for each order, however many the agreement lets one hold."""
    agreed = {row[0]: row[1] for row in session().execute(select(Leverandor.kode, Leverandor.brev_per_pakke))}
    with transaction() as tx:
        tx.execute(update(Leverandor).values(brev_per_pakke=1))
    packing.pack_all()
    with transaction() as tx:
        for kode, brev in agreed.items():
            tx.execute(update(Leverandor).where(Leverandor.kode == kode).values(brev_per_pakke=brev))


def ask_silent_registers(platform: Platform) -> None:
    """The registers are away until nobody asks them any more; then the one letter that asks has its answer."""
    platform.world(registers={"status": {"503": 1.0}})
    for _ in range(FAILURES_IN_A_ROW):
        platform.work("masse")
        platform.let_waits_pass(WAIT)
        wakeup.wake_waiting()
    platform.world()
    platform.work("masse")
    platform.let_waits_pass(WAIT)
    wakeup.wake_when_open()
    platform.work("masse")


def packages_left_behind(platform: Platform) -> UUID:
    """Packages: one the house has though nobody was told, one a dead owner held in its call, one that waits."""
    platform.work("print")
    utsending_id = platform.mailing(PAPER_ROWS)
    feeder.feed_all()
    platform.work("masse")
    pack_one_by_one()
    house, own = list(platform.process.houses), platform.process.owner.ensure()
    platform.stack.sim.set_switches(print={"disconnect_after_rename": 1})
    do_portion("print", platform.process)
    platform.stack.sim.set_switches(print={})
    waits = deliver.claim(own, house, lambda: False)
    assert waits is not None, "too few packages"
    print_outcomes.postpone(waits, ProvIgjen("OPPTATT", after=AT_ONCE, throttled=True), of_house=False)
    dead = Owner(platform.process.settings.sqlalchemy_url)
    held = deliver.claim(dead.number, house, lambda: False)
    assert held is not None and deliver._begin_call(held), "too few packages"
    dead.release()
    return utsending_id


def rescue_packages(platform: Platform) -> None:
    """As `rescue`, for packages."""
    print_recovery.recover_orphans()
    print_recovery.resolve_unknown_outcomes(dict.fromkeys(platform.process.houses, Silent()))
    for _ in range(3):
        platform.let_time_pass(QUARANTINE)
        print_recovery.wake_waiting()
        print_recovery.resolve_unknown_outcomes(platform.process.houses)


def half_read(platform: Platform) -> UUID:
    """A list whose reader is dead."""
    utsending_id = begun(platform)
    dead = Owner(platform.process.settings.sqlalchemy_url)
    assert queue.claim_piece([Delart.LES], dead.number) is not None
    dead.release()
    return utsending_id


def unread(platform: Platform) -> UUID:
    """Letters that nobody has read when their lesefrist is over."""
    utsending_id = sent(platform)
    receive(platform)
    clock.move(timedelta(days=20))
    return utsending_id


def go_on_paper(platform: Platform) -> None:
    """The deadline's job, what it leads to, and the end of the mailing."""
    lesefrist.expire_lesefrist()
    platform.work("masse", "print")
    receive(platform)
    feeder.finish_all()


def rescue(platform: Platform) -> None:
    """What the sweeper and the incoming lane do for what was left behind, until nothing is unknown.

    Nobody answers the first look-ups.
    """
    recovery.recover_orphans()
    world = platform.process.world
    unknown_outcomes.resolve_unknown_outcomes(replace(world, kanaler=dict.fromkeys(world.kanaler, Silent())))
    for _ in range(3):
        platform.let_time_pass(QUARANTINE)
        wakeup.wake_waiting()
        wakeup.wake_when_open()
        unknown_outcomes.resolve_unknown_outcomes(platform.process.world)


def receive(platform: Platform) -> None:
    """Read every feed until no letter waits for its receipt, or none has come for a while."""
    process, last = platform.process, time.monotonic()
    while time.monotonic() < last + RECEIPTS_SECONDS and waits_for_receipt():
        read = sum(receipts_feed.read_feed(kanal, feed) for kanal, feed in process.feeds.items())
        read += sum(print_receipts.read_house_receipts(kode, house) for kode, house in process.houses.items())
        last = time.monotonic() if read else last


def waits_for_receipt() -> bool:
    session().rollback()
    waiting = select(Forsendelse.id).where(Forsendelse.status.in_([str(s) for s in HANDED_OVER])).limit(1)
    return session().scalar(waiting) is not None


def lanes(*names: str) -> Callable[[Platform], None]:
    return lambda platform: platform.work(*names)


@dataclass(frozen=True)
class Arbeid:
    """A piece of work: what it finds, what it does, and how the world is meanwhile.

    `moves_clock`: what is not released before it has letters of another day.
    """

    make: Callable[[Platform], UUID]
    do: Callable[[Platform], None]
    world: Mapping[str, Any] = field(default_factory=dict)
    print_house: Mapping[str, Any] = field(default_factory=dict)
    moves_clock: bool = False


ONLY_SENDING = {"only": ["send"]}
ARBEID: dict[str, Arbeid] = {
    "lesing": Arbeid(begun, lanes("liste")),
    "tegning": Arbeid(ordered, lanes("render")),
    "mating": Arbeid(released, lambda platform: void(feeder.feed_all())),
    "overlevering": Arbeid(fed, lanes("masse")),
    "avvist": Arbeid(fed, lanes("masse"), {"refuse": 1} | ONLY_SENDING),
    "opptatt": Arbeid(fed, lanes("masse"), {"status": {"503": 1}} | ONLY_SENDING),
    "registrene tier": Arbeid(fed, ask_silent_registers),
    "svaret borte": Arbeid(fed, lanes("masse"), {"accept_then_drop": 1} | ONLY_SENDING),
    "papir": Arbeid(printed, lanes("print")),
    "trykkeriet er fullt": Arbeid(printed, lanes("print"), print_house={"full": True}),
    "trykkeriet brøt": Arbeid(printed, lanes("print"), print_house={"disconnect_after_rename": 1}),
    "gjenopptak": Arbeid(left_behind, rescue),
    "gjenopptak av pakker": Arbeid(packages_left_behind, rescue_packages),
    "gjenopptak av lesing": Arbeid(half_read, lambda platform: void(queue.recover_pieces())),
    "lesefrist": Arbeid(unread, go_on_paper, moves_clock=True),
    "kvitteringer": Arbeid(sent, receive),
}
MODULES = [
    "svarut.delivery.claims",
    "svarut.delivery.deliver",
    "svarut.delivery.outcomes",
    "svarut.paper.address_check",
    "svarut.delivery.address_protection",
    "svarut.delivery.register_lookup",
    "svarut.delivery.print_ordering",
    "svarut.operations.recovery",
    "svarut.delivery.unknown_outcomes",
    "svarut.lifecycle.lesefrist",
    "svarut.delivery.wakeup",
    "svarut.receipts.feed",
    "core.queue.feed_markers",
    "utsending.receivers.list_import",
    "utsending.jobs.upload_lock",
    "utsending.jobs.queue",
    "utsending.production.service",
    "utsending.production.rendering",
    "utsending.sending.feeder",
    "print.handover.packing",
    "print.handover.deliver",
    "print.handover.blocked_files",
    "print.handover.outcomes",
    "print.handover.address_check",
    "print.handover.recovery",
    "print.handover.receipts",
]
"""Claim, call and record; feed; render; ingest; receipts."""
NO_CALL = "no call comes before it: a death there is one after the claim, whose end is passed"
OTHER_END = "another end of the same reading: a death before it is one after `_begin`, which is passed"
LIVING = "what a process does that lives on; a dead one leaves it to those who recover"
ONLY_READS = "it writes nothing"
NOT_HERE = {
    "print.handover.deliver._settle_answered": NO_CALL,
    "print.handover.blocked_files._may_be_split": NO_CALL,
    "print.handover.blocked_files._split_package": NO_CALL,
    "print.handover.outcomes.ask_a_person": "one transaction after a refusal, as `postpone`, which is passed",
    "print.handover.outcomes.dissolve_broken": NO_CALL,
    "print.handover.outcomes.give_back": LIVING,
    "print.handover.address_check._note_asked": NO_CALL,
    "print.handover.receipts._fail_portion": "a receipt read again, for those left: as `apply`, which is passed",
    "svarut.delivery.outcomes.give_back": LIVING,
    "svarut.delivery.outcomes.return_unbegun": "a process that ends: unbegun work is taken back as from any lost owner",
    "svarut.delivery.outcomes.record_broken": NO_CALL,
    "svarut.delivery.outcomes.record_svarinn": NO_CALL,
    "svarut.delivery.outcomes.record_undeliverable": NO_CALL,
    "svarut.delivery.outcomes.move_to_restricted_lane": NO_CALL,
    "svarut.paper.address_check._call_off": NO_CALL,
    "svarut.delivery.address_protection.mask_if_protected": NO_CALL,
    "svarut.receipts.feed._age": ONLY_READS,
    "svarut.receipts.feed._begin": "once for each feed, before anything of it is read: the next reading does it",
    "svarut.receipts.feed.apply_receipt": "of a letter that is none of ours; ours are `_applied`, which is passed",
    "utsending.sending.feeder.feed_now": "a restore: one transaction as `feed`, which is passed",
    "utsending.production.service.handle_stamping_mismatch": "as `_store_letters`, which is passed",
    "utsending.production.service.start_production": "a person's one transaction, who sees what became of it",
    "utsending.receivers.list_import._missing_file_column": ONLY_READS,
    "utsending.receivers.list_import._refuse": OTHER_END,
    "utsending.receivers.list_import._remembered_mapping": ONLY_READS,
    "utsending.receivers.list_import.fail_reading": OTHER_END,
    "utsending.jobs.upload_lock.record_pdf": OTHER_END,
    "utsending.jobs.queue.release_claim": LIVING,
    "utsending.jobs.queue.release_all_claims": "a process that ends: the rest is taken back as before",
    "utsending.jobs.queue.tolerate_lost_piece": ONLY_READS,
}
"""Transactions of these modules that nobody dies at here, and why."""


def void(_: object) -> None:
    return None
