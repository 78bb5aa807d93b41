"""`fiks reconcile`: hold every channel's books against ours now, and after a restored backup adopt what was sent."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sqlalchemy import select

from fiks.core.actor import system
from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.drift import restored as restored_database
from fiks.drift import service as drift
from fiks.print import comparison as print_lists
from fiks.print import queries as printing
from fiks.print import restored as print_restored
from fiks.svarut import circuit, comparison, restored
from fiks.svarut.channel_models import Kanalavvik
from workers.process import Process

ACTOR = system("kommando")
MOST = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what can be asked for."""
    parser.add_argument(
        "--gjenopprettet",
        action="store_true",
        help="etter en gjenopprettet sikkerhetskopi: ta det kanalene alt har, som sendt",
    )


def run(process: Process, options: argparse.Namespace) -> int:
    """Compare, and say what the books differ on; 1 when they do."""
    with process.app.app_context():
        if options.gjenopprettet:
            print("\n".join(adopt(process)))
        for kanal, port in process.world.kanaler.items():
            comparison.compare(kanal, port)
        for kode, house in process.houses.items():
            print_lists.compare(kode, house)
        if options.gjenopprettet:
            drift.mark_reconciled(actor=ACTOR)
        found = list(_disagreements())
    print("\n".join(found) or "Bøkene stemmer med alle kanaler og trykkerier.")
    return int(bool(found))


def adopt(process: Process) -> Iterator[str]:
    """Look up all that is unsent, by our own references; a line for what was found. Only while sending is stopped."""
    if not circuit.frozen():
        raise Konflikt("stans sendingen først: fiks freeze «gjenopprettet»")
    restored_database.check()
    session().rollback()
    packages = print_restored.look_up_unsent(process.owner, process.houses)
    yield (
        f"Pakker: {packages.pakker} slått opp, {packages.adoptert} var overlevert. "
        f"{packages.ordrer} ordrer sto i trykkerienes lister."
    )
    printed = print_restored.unknown_references()
    letters = restored.look_up_unsent(process.owner, process.world.kanaler, printed)
    yield (
        f"Overleveringer: {letters.sett} slått opp, {letters.adoptert} var sendt, "
        f"{letters.til_behandling} må behandles fordi trykkeriet har dem."
    )


def _disagreements() -> Iterator[str]:
    rows = session().scalars(select(Kanalavvik).order_by(Kanalavvik.funnet).limit(MOST)).all()
    for row in rows:
        yield f"{row.funnet.isoformat(timespec='seconds')}  {row.kanal:<16}  {row.art:<18}  {row.referanse}"
    for one in printing.disagreements():
        yield f"{one.funnet.isoformat(timespec='seconds')}  {one.leverandor:<16}  {one.art:<18}  {one.referanse}"
