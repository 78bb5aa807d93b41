"""Delivery state of a letter between its channels, as SQL conditions: waiting, failed, undelivered.

Pages, lists and reports of a mailing count each letter once by these conditions.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import GOES_ON, OPEN, UNREAD_ALTINN, Kanal, Status

NOT_DELIVERED = (Status.IKKE_LEVERT, Status.AVVIST, Status.FEILET_UNDER_MOTTAK)


def was_handed_to_channel() -> ColumnElement[bool]:
    """SQL: a channel has had the letter, and it may still go on to the next."""
    return Forsendelse.status.in_([str(s) for s in GOES_ON])


def is_unread_in_altinn() -> ColumnElement[bool]:
    """SQL: the letter lies unread in Altinn past lesefrist, and Altinn has not reported failure since.

    The failure is looked up in the events only for letters past lesefrist: a mailing that starts has none of
    these, and its page polls every other second.
    """
    said_later = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == f"FEILET_{Kanal.ALTINN}"
    )
    # A value and not "exists", which might be answered by reading every event that there is.
    never_failed = said_later.correlate(Forsendelse).limit(1).scalar_subquery().is_(None)
    return and_(
        Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
        Forsendelse.lesefrist_utlopt.is_not(None),
        never_failed,
    )


def is_open_after_failure() -> ColumnElement[bool]:
    """SQL on a levering and its letter: it is open, after a channel had the letter and failed.

    Not for a letter that no channel has had yet, nor for paper of a letter that lies unread in Altinn.
    """
    is_open = Levering.status.in_([str(s) for s in OPEN])
    return and_(is_open, was_handed_to_channel(), not_(is_unread_in_altinn()))


def is_undelivered() -> ColumnElement[bool]:
    """SQL: the letter is settled and nobody received it; a deleted letter counts as before its deletion."""
    last = func.coalesce(Forsendelse.status_for_sletting, Forsendelse.status)
    never_left = and_(last == Status.MANUELT_HANDTERT, Forsendelse.overlevert.is_(None))
    found_by_index = Forsendelse.status.in_([*NOT_DELIVERED, Status.MANUELT_HANDTERT, Status.SLETTET])
    return and_(found_by_index, or_(last.in_(NOT_DELIVERED), never_left))


def is_closed_manually() -> ColumnElement[bool]:
    """SQL: a person closed the letter. A stop or "ikke skriv ut" closes it with a code of its own."""
    by_hand = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id,
        Hendelse.til == Status.MANUELT_HANDTERT,
        Hendelse.kode == "MANUELT_HANDTERT",
    )
    # A value and not "exists": as in `lies_unread`.
    return by_hand.correlate(Forsendelse).limit(1).scalar_subquery().is_not(None)
