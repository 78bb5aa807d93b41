"""Letters that a konto is billed for and has not written: what somebody sends with eDialog (svarut.md 8.3). Pure.

Who holds the konto sees that there is one, how it goes and what it costs (ADR 0041). What it is about and whom it is
from is for its receiver, by its own right and login level; and nobody but the receiver takes it off its way.
"""

from __future__ import annotations

from fiks.svarut.rules import Opphav, Status

RECEIVED = (Status.LEST, Status.PRINTET, Status.SLETTET)
"""What a letter is from when its receiver has confirmed it, or it has been posted. None of these is left for another
that is not among them.
"""


def is_only_billed(opphav: str) -> bool:
    """Whether the letter's konto pays for it and is not its sender."""
    return opphav == Opphav.EDIALOG


def is_due_to_receiver(opphav: str, status: str) -> bool:
    """Whether it is such a letter, and nobody has confirmed that its receiver has it (`RECEIVED`)."""
    return is_only_billed(opphav) and status not in RECEIVED
