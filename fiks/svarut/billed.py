"""Letters that a konto pays for but did not write: those sent with eDialog (svarut.md 8.3, ADR 0041).

The konto's users see that there is one, its progress and its cost. Subject and writer are for the receiver,
by the receiver's own right and login level; only the receiver may take the letter off its way.
"""

from __future__ import annotations

from fiks.svarut.rules import Opphav, Status

RECEIVED = (Status.LEST, Status.PRINTET, Status.SLETTET)
"""Statuses after the receiver has confirmed the letter or it was posted. None of them leads to one outside
this list.
"""


def is_only_billed(opphav: str) -> bool:
    """Whether the letter's konto pays for it without being its sender."""
    return opphav == Opphav.EDIALOG


def is_due_to_receiver(opphav: str, status: str) -> bool:
    """Whether the letter is such a one and its arrival is not confirmed yet (`RECEIVED_STATUSES`)."""
    return is_only_billed(opphav) and status not in RECEIVED
