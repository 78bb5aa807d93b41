"""`fiks reconcile`: compare every channel's books with ours now, and after a restored backup adopt what had
been sent.

With `--avgjor` a person decides the outcome of one hand-over whose channel can no longer be asked.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import KOMMANDO
from fiks.core.db import session
from fiks.core.errors import KanalFeil, Konflikt, Utilgjengelig
from fiks.drift import reconciliation_mark
from fiks.drift import restore_guard as restored_database
from fiks.drift import service as drift
from fiks.print import queries as printing
from fiks.print.handover.deliver import Husene
from fiks.print.operations import reconciliation as print_lists
from fiks.print.operations import restore as print_restored
from fiks.sms import after_restore as sms_restored
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.models import Kanalavvik
from fiks.svarut.operations import manual_decision, restore
from fiks.svarut.receipts import reconciliation
from fiks.svarut.rules import Leveringsstatus
from fiks.utsending.sending import feeder
from workers.process import Process

MOST = 500
LOCKS_HELD = 60.0
"""Seconds that the lock of a dead process may outlive it."""
SMS_GIVEN_UP = "SMS: {} SMS kan være sendt etter kopien, og sendes ikke. {} er tatt imot etterpå, og venter."
SMS_WAIT = (
    "SMS: {} venter, og sendes når sendingen startes, for databasen er ikke notert som gjenopprettet. Er den lest inn "
    "fra en sikkerhetskopi, kjør «fiks freeze --gjenopprettet» og så dette på nytt, før sendingen startes."
)
DECIDE = "skriv «fiks reconcile --avgjor LEVERING», og --har eller --har-ikke, med --grunn"
REFUSED = {
    "LEVERINGEN_ER_IKKE_UAVKLART": "Det er ikke tvil om hva det ble av leveringen, eller den sendes nå.",
    "LEVERINGEN_ER_I_KARANTENE": "Kallet kan være underveis ennå. Prøv igjen om en halv time.",
    "KANALEN_KAN_SPORRES": (
        "Kanalen har en adresse i innstillingene, og blir spurt om brevet av seg selv hvert minutt. "
        "Er den borte for godt, tar du bort adressen først."
    ),
}
"""Explanations for refused decisions that a person may believe are the last way out."""
DECIDED = {
    Leveringsstatus.OVERLEVERT: "Brevet står nå som sendt: kanalen har det.",
    Leveringsstatus.STOPPET: "Brevet er ikke sendt, og leveringen er stoppet, slik noen har bedt om.",
    Leveringsstatus.TIL_BEHANDLING: (
        "Brevet er ikke sendt, og venter på avsenderen, som velger «Prøv igjen» eller «Sett som håndtert»."
    ),
}
A_MOMENT = timedelta(seconds=10)
"""A letter is dated when its transaction begins but becomes visible when it ends; this margin covers the
difference.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--gjenopprettet",
        action="store_true",
        help="ta det kanalene og trykkeriene alt har, som sendt. SMS som kan være sendt, gis opp når databasen er "
        "notert som lest inn fra en sikkerhetskopi",
    )
    parser.add_argument(
        "--avgjor",
        type=UUID,
        metavar="LEVERING",
        help="si hva det ble av en uavklart levering i en kanal som er borte",
    )
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--har", action="store_true", help="kanalen har brevet: det står som sendt")
    answer.add_argument(
        "--har-ikke", action="store_true", help="kanalen har det ikke: avsenderen må behandle det"
    )
    parser.add_argument("--grunn", help="hvem som har svart for kanalen, og når; står i revisjonsloggen")


def run(process: Process, options: argparse.Namespace) -> int:
    """Compare; print the differences and who could not be asked; return 1 when there is anything to print."""
    if options.avgjor or options.har or options.har_ikke or options.grunn is not None:
        return _decide(process, options)
    with process.app.app_context():
        if options.gjenopprettet:
            for line in adopt_sent(process):
                print(line, flush=True)
        sms = _sms_kept() if options.gjenopprettet else []
        unanswered, unread = list(_unanswered(process.world)), list(_lists_unread(process.houses))
        if options.gjenopprettet:
            _call_reconciled(unread)
        told = [*sms, *unanswered, *unread, *_disagreements()]
    print("\n".join(told) or "Bøkene stemmer med alle kanaler og trykkerier.")
    return int(bool(told))


def _decide(process: Process, options: argparse.Namespace) -> int:
    """Record a person's finding about one hand-over, and print its new status."""
    if options.gjenopprettet or not (options.avgjor and options.grunn and (options.har or options.har_ikke)):
        raise ValueError(DECIDE)
    said = {"grunn": options.grunn, "world": process.world, "actor": KOMMANDO}
    with process.app.app_context():
        try:
            if options.har:
                manual_decision.decide_delivered(options.avgjor, **said)
                now = Leveringsstatus.OVERLEVERT
            else:
                now = manual_decision.decide_not_delivered(options.avgjor, **said)
        except Konflikt as error:
            if error.kode not in REFUSED:
                raise
            raise ValueError(f"{error.kode}: {REFUSED[error.kode]}") from error
    print(DECIDED[now])
    return 0


def _unanswered(world: Verden) -> Iterator[str]:
    """Compare with each channel; yield a line for one that did not answer for all hand-overs, or is no longer
    set up.
    """
    for kanal in reconciliation.UNCONFIRMED_STATUS:
        went = reconciliation.compare(kanal, world.port(kanal))
        if went.kode:
            yield f"{kanal}: ikke sammenlignet ({went.kode}), {went.ubesvart} overleveringer gjenstår"


def _lists_unread(houses: Husene) -> Iterator[str]:
    """Compare with each print house; yield a line for one whose list could not be read."""
    for kode, house in houses.items():
        try:
            print_lists.compare(kode, house)
        except KanalFeil as error:
            yield f"{kode}: ikke sammenlignet ({error.kode})"


def _call_reconciled(unread: list[str]) -> None:
    """Mark the database reconciled. Konflikt when a print house's list was not read or sending goes on."""
    if unread:
        raise Konflikt(f"{'; '.join(unread)}: kjør dette på nytt")
    if not _stopped():
        raise Konflikt("sendingen ble startet underveis: stans den (fiks freeze), og kjør dette på nytt")
    drift.mark_reconciled(actor=KOMMANDO)


def adopt_sent(process: Process) -> Iterator[str]:
    """Look up everything unsent by our own references; yield result lines. Only while sending is stopped.

    SMS cannot be looked up; those of a restored database are given up. Konflikt when a living process holds
    anything to be sent, or a channel that had letters is not set up.
    """
    if not _stopped():
        raise Konflikt("stans sendingen først: fiks freeze")
    restored_database.check_for_restore()
    session().rollback()
    # First, and asking nobody: whatever breaks off what follows, no SMS goes twice.
    if reconciliation_mark.is_marked():
        given_up = sms_restored.give_up_unsent(reconciliation_mark.marked_since())
        yield SMS_GIVEN_UP.format(given_up, sms_restored.count_unsent())
    if unknown := restore.unaskable_channels(process.world):
        raise Konflikt(f"sett adressen til {', '.join(unknown)}: brev er sendt dit, og det må kunne slås opp")
    _take_back()
    packages = print_restored.look_up_unsent(process.owner, process.houses)
    yield (
        f"Pakker: {packages.pakker} slått opp, {packages.adoptert} var overlevert. "
        f"{packages.ordrer} ordrer sto i trykkerienes lister."
    )
    printed = print_restored.unknown_references()
    look_up = partial(restore.look_up_unsent, process.owner, process.world, printed)
    begun, mailings = clock.database_now(), feeder.mailings_to_feed()
    letters, made = look_up(), 0
    # Also those that the sweeper came to the end of meanwhile, and those whose time came.
    for utsending_id in dict.fromkeys([*mailings, *feeder.mailings_to_feed()]):
        fed, found = _feed(utsending_id, begun - A_MOMENT, look_up)
        made += fed
        letters += found
    yield f"Utsendinger som er frigitt: {made} brev laget."
    yield (
        f"Overleveringer: {letters.sett} slått opp, {letters.adoptert} var sendt, "
        f"{letters.hos_trykkeriet} var hos trykkeriet."
    )


def _sms_kept() -> list[str]:
    """Return a line when SMS wait in a database not marked as restored: they are all still to be sent."""
    waiting = 0 if reconciliation_mark.is_marked() else sms_restored.count_unsent()
    session().rollback()
    return [SMS_WAIT.format(waiting)] if waiting else []


def _stopped() -> bool:
    frozen = circuit_breaker.is_frozen()
    session().rollback()
    return frozen


def _take_back() -> None:
    """Take back what the backup's processes had claimed; Konflikt when a living process still holds anything."""
    end = time.monotonic() + LOCKS_HELD
    while held := restore.take_back() + print_restored.take_back_orphans():
        if time.monotonic() > end:
            raise Konflikt(
                f"{held} overleveringer er hos prosesser som lever: stans send, inn og sveip først"
            )
        time.sleep(1)


def _feed(
    utsending_id: UUID, since: datetime, look_up: Callable[..., restore.Gjennomgang]
) -> tuple[int, restore.Gjennomgang]:
    """Make a mailing's letters up to the last one that was sent, and one portion beyond; return (letters
    made, look-up result).

    Letters made since `since`, by us and by the sweeper running beside us, are looked up.
    """
    made, letters = 0, restore.Gjennomgang()
    while True:
        made += _portion(utsending_id)
        begun = clock.database_now()
        found = look_up(since=since, utsending_id=utsending_id)
        letters += found
        if not found.funnet:
            return made, letters
        since = begun - A_MOMENT


def _portion(utsending_id: UUID) -> int:
    """Make letters of the mailing's next rows; return how many, 0 also for a mailing that cannot be fed (nor
    by the sweeper).

    Utilgjengelig when another process could feed it, one that has what this process lacks: then it was not
    looked up.
    """
    try:
        return feeder.feed_now(utsending_id)
    except Utilgjengelig:
        raise
    except feeder.CANNOT_BE_FED as error:
        feeder.skip_mailing(utsending_id, error)
        return 0


def _disagreements() -> Iterator[str]:
    rows = session().scalars(select(Kanalavvik).order_by(Kanalavvik.funnet).limit(MOST)).all()
    for row in rows:
        yield f"{row.funnet.isoformat(timespec='seconds')}  {row.kanal:<16}  {row.art:<18}  {row.referanse}"
    for one in printing.disagreements():
        yield f"{one.funnet.isoformat(timespec='seconds')}  {one.leverandor:<16}  {one.art:<18}  {one.referanse}"
