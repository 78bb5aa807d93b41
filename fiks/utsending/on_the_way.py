"""Where a letter is on its way from one channel to the next, and whether anybody got it, as SQL over it.

What the pages, the list and the report of a mailing count a letter as, each once, is said here.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import GOES_ON, OPEN, UNREAD_ALTINN, Kanal, Status

NOT_DELIVERED = (Status.IKKE_LEVERT, Status.AVVIST, Status.FEILET_UNDER_MOTTAK)


def has_been_handed() -> ColumnElement[bool]:
    """Of a letter: whether a channel has had it, and it may still go on to the next one."""
    return Forsendelse.status.in_([str(s) for s in GOES_ON])


def lies_unread() -> ColumnElement[bool]:
    """Of a letter that goes on: whether its receiver has it in Altinn, where it was unread when lesefrist was out.

    Not if Altinn has said since that it failed. That takes a look at the letter's events, only of one whose lesefrist
    is out: there are none such while a mailing begins to be sent, and its page asks every other second.
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


def failed_and_goes_on() -> ColumnElement[bool]:
    """Of a hand-over and its letter (joined): whether it is open after a channel had the letter and failed with it.

    Not that of a letter which no channel has had yet, nor that to paper of a letter which lies unread in Altinn.
    """
    is_open = Levering.status.in_([str(s) for s in OPEN])
    return and_(is_open, has_been_handed(), not_(lies_unread()))


def undelivered() -> ColumnElement[bool]:
    """Whether a letter is settled and nobody got it; one that is erased since, as it was before."""
    last = func.coalesce(Forsendelse.status_for_sletting, Forsendelse.status)
    never_left = and_(last == Status.MANUELT_HANDTERT, Forsendelse.overlevert.is_(None))
    found_by_index = Forsendelse.status.in_([*NOT_DELIVERED, Status.MANUELT_HANDTERT, Status.SLETTET])
    return and_(found_by_index, or_(last.in_(NOT_DELIVERED), never_left))


def is_closed_by_hand() -> ColumnElement[bool]:
    """Of a letter: whether a person closed it. A stop, or "ikke skriv ut", closes it with a code of its own."""
    by_hand = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id,
        Hendelse.til == Status.MANUELT_HANDTERT,
        Hendelse.kode == "MANUELT_HANDTERT",
    )
    # A value and not "exists": as in `lies_unread`.
    return by_hand.correlate(Forsendelse).limit(1).scalar_subquery().is_not(None)
