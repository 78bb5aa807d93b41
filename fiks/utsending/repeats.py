"""What the konto has sent already: the same list again, or letters to the same receiver about the same property."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import RELEASED, REPEAT_WINDOW, RESEND_WINDOW, SENDABLE_NAMES, Utsendingstatus

WAS_SENT = or_(
    Forsendelse.overlevert.is_not(None),
    Forsendelse.status.not_in([str(Status.MANUELT_HANDTERT), str(Status.SLETTET)]),
)
"""A letter that was stopped before it left was never sent, also when it is deleted afterwards."""
NO_REASON: Mapping[str, object] = {"overstyrt_av": None, "overstyrt_grunn": None, "overstyrt_for": []}

SHOWN, NAMED = 5, 3
"""How many earlier mailings a page names, and a sentence."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Tidligere:
    """An earlier mailing of the konto: `antall` of the rows that can be sent would send what it sent once more.

    `frigitt`: when its letters began to leave, or will. `samme_liste`: it has the same list, cell by cell.
    `begrunnet`: a reason to send again was given for this one.
    """

    utsending_id: UUID
    tittel: str
    frigitt: datetime
    antall: int
    samme_liste: bool
    begrunnet: bool


@dataclass(frozen=True, slots=True)
class Sendt:
    """What a konto has released that a mailing would send again: the same list within RESEND_WINDOW, or letters to the
    same receiver about the same property within REPEAT_WINDOW.

    `antall` is how many of the rows that can be sent have a receiver and property that were sent, or are about to be.
    `alle` are the earlier mailings they are in: first those that no reason was given for, and the last first. A mailing
    that was stopped whole was never sent.

    All are of one konto: who may see the mailing may see each of them.
    """

    antall: int
    alle: tuple[Tidligere, ...]

    @property
    def utsending_id(self) -> UUID | None:
        """The newest mailing of the same list, if there is one."""
        return next((t.utsending_id for t in self.alle if t.samme_liste), None)

    @property
    def tidligere(self) -> tuple[Tidligere, ...]:
        """Those that a page names."""
        return self.alle[:SHOWN]

    @property
    def flere(self) -> int:
        """How many there are besides."""
        return len(self.alle) - len(self.tidligere)

    @property
    def ubegrunnet(self) -> bool:
        """Whether there is one that no reason was given for."""
        return any(not t.begrunnet for t in self.alle)

    @property
    def navn(self) -> str:
        """The first ones' titles, for a sentence."""
        return _names(self.alle)


def _names(alle: Sequence[Tidligere]) -> str:
    names = [f"«{_short(t.tittel)}»" for t in alle[:NAMED]]
    return ", ".join(names) + (" …" if len(alle) > NAMED else "")


def _short(tittel: str) -> str:
    return tittel if len(tittel) <= LONGEST_NAME else f"{tittel[: LONGEST_NAME - 1].rstrip()}…"


def sent_before(utsending_id: UUID, *, actor: Aktor) -> Sendt | None:
    """What the konto has sent of this mailing's list and letters; None when nothing."""
    return _sent_beside(access.visible(utsending_id, actor))


def reason_is_for(row: Utsending, shown: Collection[UUID]) -> list[UUID]:
    """The earlier mailings that a reason is given for by who was `shown` these.

    Konflikt SENDT_FOR_FLERE (utsendinger) when there are others by now: they were not thought of.
    """
    found = _sent_beside(row)
    alle = found.alle if found is not None else ()
    others = [t for t in alle if t.utsending_id not in shown]
    if others:
        raise Konflikt("SENDT_FOR_FLERE", felt="grunn", utsendinger=_names(others))
    return [t.utsending_id for t in alle]


def require_reason(row: Utsending) -> None:
    """Konflikt SENDT_FOR (utsending, antall, utsendinger) when something was sent in a mailing and nobody has said why
    it is sent again.

    A konto's releases wait from here until the present transaction ends: each is either seen now, or comes after the
    control that is confirmed in it.
    """
    _wait_for_releases(row.konto_id)
    sent = _without_reason(row)
    if sent is not None:
        raise Konflikt(
            "SENDT_FOR",
            utsending=str(sent.utsending_id) if sent.utsending_id else None,
            antall=sent.antall,
            utsendinger=sent.navn,
        )


def require_unsent(row: Utsending) -> None:
    """As `require_no_others`, and it stays so.

    Of two mailings with the same list, prepared beside each other, one is released and the other is told: a konto's
    releases wait for each other from here until the present transaction ends.
    """
    _wait_for_releases(row.konto_id)
    require_no_others(row)


def require_no_others(row: Utsending) -> None:
    """Konflikt SENDT_SIDEN_KONTROLLEN (antall, utsendinger) when something has been released since the control was
    confirmed: no reason to send again was given for that."""
    sent = _without_reason(row)
    if sent is not None:
        raise Konflikt("SENDT_SIDEN_KONTROLLEN", antall=sent.antall, utsendinger=sent.navn)


def _without_reason(row: Utsending) -> Sendt | None:
    """What was sent in mailings that no reason was given for."""
    return _sent_beside(row, Utsending.id.not_in(_reasoned(row)))


def _reasoned(row: Utsending) -> frozenset[UUID]:
    return frozenset() if row.overstyrt_grunn is None else frozenset(row.overstyrt_for)


def _wait_for_releases(konto_id: UUID) -> None:
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"frigivelse|{konto_id}", 0))
    session().execute(select(lock))


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
    reasoned = _reasoned(row)
    told = (
        Tidligere(e.id, e.tittel, e.frigis_tid, of_mailing.get(e.id, 0), e.id in same, e.id in reasoned)
        for e in earlier
        if e.id in of_mailing or e.id in same
    )
    sent = Sendt(repeated, tuple(sorted(told, key=lambda t: t.begrunnet)))
    return sent if same or repeated else None


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
    """The konto's other mailings within RESEND_WINDOW of which something was sent and `which` holds, the last first.

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
