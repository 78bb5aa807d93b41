"""`fiks signering`: manual acts of operations on letters to be signed."""

from __future__ import annotations

import argparse
from uuid import UUID

from fiks.core.actor import KOMMANDO
from fiks.core.errors import Konflikt
from fiks.svarut.signing import copies
from workers.process import Process

NONE_WAITED_FOR = (
    "det ventes ikke på noen signert kopi av brevet: det er ikke signert, eller kopien er kommet"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `fiks signering`."""
    acts = parser.add_subparsers(dest="handling", required=True)
    lost = acts.add_parser("gi-opp", help="signeringstjenesten har mistet den signerte kopien av et brev")
    lost.add_argument("forsendelse", type=UUID, metavar="FORSENDELSE")
    lost.add_argument("--grunn", required=True, help="hvem som har sagt det, og når; står i revisjonsloggen")


def run(process: Process, options: argparse.Namespace) -> int:
    """Do the act and print the result."""
    with process.app.app_context():
        try:
            copies.give_up_lost_copy(options.forsendelse, grunn=options.grunn, actor=KOMMANDO)
        except Konflikt as error:
            raise ValueError(f"{error.kode}: {NONE_WAITED_FOR}") from error
    print(
        f"Den signerte kopien av {options.forsendelse} hentes ikke lenger. Brevets logg sier at den er mistet."
    )
    return 0
