"""What the konto has sent already: the same list again, or letters to the same receiver about the same property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, distinct, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status
from fiks.utsending import access
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.rules import RELEASED, REPEAT_WINDOW, RESEND_WINDOW, SENDABLE_NAMES, Utsendingstatus

WAS_SENT = or_(
    Forsendelse.overlevert.is_not(None),
    Forsendelse.status.not_in([str(Status.MANUELT_HANDTERT), str(Status.SLETTET)]),
)
"""A letter that was stopped before it left was never sent, also when it is deleted afterwards."""
NO_REASON: Mapping[str, None] = {"overstyrt_av": None, "overstyrt_grunn": None}


SHOWN = 5
"""How many earlier mailings a page names."""


@dataclass(frozen=True, slots=True)
class Tidligere:
    """An earlier mailing of the konto: `antall` of the rows that can be sent would send what it sent once more.

    `frigitt`: when its letters began to leave, or will. `samme_liste`: it has the same list, cell by cell.
    """

    utsending_id: UUID
    tittel: str
    frigitt: datetime
    antall: int
    samme_liste: bool


@dataclass(frozen=True, slots=True)
class Sendt:
    """What a konto has released that a mailing would send again: the same list within RESEND_WINDOW, or letters to the
    same receiver about the same property within REPEAT_WINDOW.

    `utsending_id` is an earlier mailing of the same list, or None. `antall` is how many of the rows that can be sent
    have a receiver and property that were sent, or are about to be. `tidligere` are the newest mailings they are in,
    the last first, and `flere` how many there are besides. A mailing that was stopped whole was never sent.

    All are of one konto: who may see the mailing may see each of them.
    """

    utsending_id: UUID | None
    antall: int
    tidligere: tuple[Tidligere, ...]
    flere: int = 0


def sent_before(utsending_id: UUID, *, actor: Aktor) -> Sendt | None:
    """What the konto has sent of this mailing's list and letters; None when nothing."""
    return _sent_beside(access.visible(utsending_id, actor))


def require_reason(row: Utsending) -> None:
    """Konflikt SENDT_FOR (utsending, antall) when something was sent and nobody has said why it is sent again.

    A konto's releases wait from here until the present transaction ends: each is either seen now, or comes after the
    control that is confirmed in it.
    """
    _wait_for_releases(row.konto_id)
    if row.overstyrt_grunn is not None:
        return
    sent = _sent_beside(row)
    if sent is not None:
        raise Konflikt(
            "SENDT_FOR", utsending=str(sent.utsending_id) if sent.utsending_id else None, antall=sent.antall
        )


def require_unsent(row: Utsending) -> None:
    """Konflikt SENDT_SIDEN_KONTROLLEN (antall) when what nobody has chosen to send again was released meanwhile.

    Of two mailings with the same list, prepared beside each other, one is released and the other is told: a konto's
    releases wait for each other from here until the present transaction ends. A reason is about what had been released
    when the control was confirmed, and not about what came after.
    """
    _wait_for_releases(row.konto_id)
    sent = _sent_beside(row) if row.overstyrt_grunn is None else _sent_since_control(row)
    if sent is not None:
        raise Konflikt("SENDT_SIDEN_KONTROLLEN", antall=sent.antall)


def outdated_reason(row: Utsending) -> Mapping[str, None]:
    """What to change in a mailing that becomes a draft again: nothing, or its reason for sending again is taken away.

    So when something was released since its control was confirmed, of which the reason says nothing.
    """
    if row.overstyrt_grunn is None or _sent_since_control(row) is None:
        return {}
    return NO_REASON


def _wait_for_releases(konto_id: UUID) -> None:
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"frigivelse|{konto_id}", 0))
    session().execute(select(lock))


def _sent_since_control(row: Utsending) -> Sendt | None:
    """What was released after the mailing's control was confirmed for the last time."""
    released, confirmed = aliased(Utsendingshendelse), aliased(Utsendingshendelse)
    controlled_later = (
        select(confirmed.lopenr)
        .where(
            confirmed.utsending_id == row.id,
            confirmed.til == Utsendingstatus.KONTROLLERT,
            confirmed.tid > released.tid,
        )
        .correlate(released)
        .exists()
    )
    released_after = (
        select(released.lopenr)
        .where(
            released.utsending_id == Utsending.id,
            released.til == Utsendingstatus.FRIGITT,
            ~controlled_later,
        )
        .correlate(Utsending)
        .exists()
    )
    return _sent_beside(row, released_after)


def _sent_beside(row: Utsending, *which: ColumnElement[bool]) -> Sendt | None:
    """What was sent in those of the konto's other mailings of which `which` holds.

    Most kontoer have released nothing, and then no row is looked at: that costs nothing, whatever PostgreSQL takes
    the table for. Nor is any row of last year's mailing, unless its list is the same.
    """
    found = session().execute(_released_before(row, *which)).all()
    same = {e.id for e in found if e.liste_digest and e.liste_digest == row.liste_digest}
    earlier = [e for e in found if e.nylig or e.id in same]
    if not earlier:
        return None
    repeated, of_mailing = _repeated(row.id, earlier)
    told = [
        Tidligere(e.id, e.tittel, e.frigis_tid, of_mailing.get(e.id, 0), e.id in same)
        for e in earlier
        if e.id in of_mailing or e.id in same
    ]
    same_list = next((e.utsending_id for e in told if e.samme_liste), None)
    sent = Sendt(same_list, repeated, tuple(told[:SHOWN]), max(0, len(told) - SHOWN))
    return sent if same_list or repeated else None


def _repeated(utsending_id: UUID, earlier: Sequence[Row[*tuple[Any, ...]]]) -> tuple[int, dict[UUID, int]]:
    """How many of the mailing's rows were sent in the earlier mailings, or are about to be: in all, and in each."""
    going_on = [e.id for e in earlier if e.status != Utsendingstatus.STOPPET]
    to_come = and_(
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(SENDABLE_NAMES),
        Utsendingsrad.utsending_id.in_(going_on),
    )
    # Each once of a mailing: of a list with the same receiver in all its rows, each would meet every row of the other.
    other = (
        select(Utsendingsrad.utsending_id, Utsendingsrad.duplikat_indeks)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(
            Utsendingsrad.utsending_id.in_([e.id for e in earlier]),
            Utsendingsrad.duplikat_indeks.is_not(None),
            or_(WAS_SENT, to_come),
        )
        .distinct()
        .subquery()
    )
    mine = aliased(Utsendingsrad)
    counted = session().execute(
        select(other.c.utsending_id, func.count(distinct(mine.radnr)))
        .join(mine, mine.duplikat_indeks == other.c.duplikat_indeks)
        .where(mine.utsending_id == utsending_id, mine.status.in_(SENDABLE_NAMES))
        .group_by(func.grouping_sets(tuple_(other.c.utsending_id), tuple_()))
    )
    found: dict[UUID | None, int] = dict(counted.all())
    return found.get(None, 0), {mailing: n for mailing, n in found.items() if mailing is not None}


def _released_before(
    row: Utsending, *which: ColumnElement[bool]
) -> Select[UUID, str, bytes | None, str, datetime | None, bool]:
    """The konto's other mailings of 12 months of which something was sent and `which` holds, the last first.

    `nylig`: released within REPEAT_WINDOW, so that letters to the same receivers are no new year's.
    """
    left = (
        select(Forsendelse.id)
        .where(Forsendelse.utsending_id == Utsending.id, WAS_SENT)
        .correlate(Utsending)
        .exists()
    )
    lately = (Utsending.frigis_tid >= func.now() - REPEAT_WINDOW).label("nylig")
    return (
        select(
            Utsending.id,
            Utsending.status,
            Utsending.liste_digest,
            Utsending.tittel,
            Utsending.frigis_tid,
            lately,
        )
        .where(
            Utsending.konto_id == row.konto_id,
            Utsending.id != row.id,
            Utsending.status.in_([str(s) for s in RELEASED]),
            Utsending.frigis_tid >= func.now() - RESEND_WINDOW,
            or_(Utsending.status != Utsendingstatus.STOPPET, left),
            *which,
        )
        .order_by(Utsending.frigis_tid.desc(), Utsending.id)
    )
