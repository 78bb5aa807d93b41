"""Earlier mailings of the konto that this mailing would repeat.

It repeats one with the same list, or one with letters to the same receiver about the same property.
"""

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
"""SQL: the letter left us. A letter stopped before that was never sent, even if it was deleted later."""
NO_REASON: Mapping[str, object] = {"overstyrt_av": None, "overstyrt_grunn": None, "overstyrt_for": []}

MAX_SHOWN, MAX_NAMED = 5, 3
"""How many earlier mailings a page lists; the other number is how many a sentence names."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Tidligere:
    """An earlier mailing of the konto; `antall` of our sendable rows repeat what it sent.

    `frigitt`: when its letters began to leave, or will. `samme_liste`: its list is equal, cell by cell.
    `begrunnet`: a reason to repeat this mailing has been given.
    """

    utsending_id: UUID
    tittel: str
    frigitt: datetime
    antall: int
    samme_liste: bool
    begrunnet: bool


@dataclass(frozen=True, slots=True)
class Sendt:
    """What a mailing would send again of what its konto has released.

    It counts the same list within RESEND_WINDOW, and the same receiver and property within
    REPEAT_WINDOW. `antall`: sendable rows whose receiver and property were sent, or are about to be.
    `alle`: the earlier mailings, first those without a reason, then newest first. A mailing that was
    stopped before anything left does not count.

    All are of one konto: whoever may see the mailing may see each of them.
    """

    antall: int
    alle: tuple[Tidligere, ...]

    @property
    def utsending_id(self) -> UUID | None:
        """The newest earlier mailing with the same list; None when there is none."""
        return next((t.utsending_id for t in self.alle if t.samme_liste), None)

    @property
    def tidligere(self) -> tuple[Tidligere, ...]:
        """The mailings that a page lists."""
        return self.alle[:MAX_SHOWN]

    @property
    def flere(self) -> int:
        """How many more there are than `tidligere`."""
        return len(self.alle) - len(self.tidligere)

    @property
    def ubegrunnet(self) -> bool:
        """Whether an earlier mailing lacks a reason to be repeated."""
        return any(not t.begrunnet for t in self.alle)

    @property
    def navn(self) -> str:
        """The titles of the first ones, for a sentence."""
        return _names(self.alle)


def _names(alle: Sequence[Tidligere]) -> str:
    names = [f"«{_short(t.tittel)}»" for t in alle[:MAX_NAMED]]
    return ", ".join(names) + (" …" if len(alle) > MAX_NAMED else "")


def _short(tittel: str) -> str:
    return tittel if len(tittel) <= LONGEST_NAME else f"{tittel[: LONGEST_NAME - 1].rstrip()}…"


def find_repeats(utsending_id: UUID, *, actor: Aktor) -> Sendt | None:
    """What this mailing would repeat of the konto's earlier mailings; None when nothing."""
    return _find_repeats(access.find_visible(utsending_id, actor))


def mailings_covered_by_reason(row: Utsending, shown: Collection[UUID]) -> list[UUID]:
    """Ids of the earlier mailings that a reason covers, when its author was `shown` these.

    Konflikt SENDT_FOR_FLERE (utsendinger) when others have been released since: the author did not consider
    them.
    """
    found = _find_repeats(row)
    alle = found.alle if found is not None else ()
    others = [t for t in alle if t.utsending_id not in shown]
    if others:
        raise Konflikt("SENDT_FOR_FLERE", felt="grunn", utsendinger=_names(others))
    return [t.utsending_id for t in alle]


def require_reason_for_repeats(row: Utsending) -> None:
    """Konflikt SENDT_FOR (utsending, antall, utsendinger) when the mailing repeats one without a reason.

    Locks the konto's releases until the present transaction ends: each release is either seen here, or comes
    after the control that this transaction confirms.
    """
    _lock_releases(row.konto_id)
    sent = _unexplained_repeats(row)
    if sent is not None:
        raise Konflikt(
            "SENDT_FOR",
            utsending=str(sent.utsending_id) if sent.utsending_id else None,
            antall=sent.antall,
            utsendinger=sent.navn,
        )


def lock_and_require_no_new_repeats(row: Utsending) -> None:
    """As `require_no_new_repeats`, and lock the konto's releases so that it stays true.

    Of two mailings with the same list that are prepared in parallel, one is released and the other refused.
    The lock is held until the present transaction ends.
    """
    _lock_releases(row.konto_id)
    require_no_new_repeats(row)


def require_no_new_repeats(row: Utsending) -> None:
    """Konflikt SENDT_SIDEN_KONTROLLEN (antall, utsendinger) when the mailing repeats one without a reason.

    Such a mailing was released after the control was confirmed.
    """
    sent = _unexplained_repeats(row)
    if sent is not None:
        raise Konflikt("SENDT_SIDEN_KONTROLLEN", antall=sent.antall, utsendinger=sent.navn)


def _unexplained_repeats(row: Utsending) -> Sendt | None:
    """What the mailing repeats of earlier mailings that its reason does not cover."""
    return _find_repeats(row, Utsending.id.not_in(_explained_mailings(row)))


def _explained_mailings(row: Utsending) -> frozenset[UUID]:
    return frozenset() if row.overstyrt_grunn is None else frozenset(row.overstyrt_for)


def _lock_releases(konto_id: UUID) -> None:
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"frigivelse|{konto_id}", 0))
    session().execute(select(lock))


def _find_repeats(row: Utsending, *which: ColumnElement[bool]) -> Sendt | None:
    """What the mailing repeats of the konto's other mailings that satisfy the conditions `which`.

    Most kontoer have released nothing; then no row is read, whatever PostgreSQL believes of the table. Nor
    are rows of last year's mailing read, unless its list is the same.
    """
    found = session().execute(_earlier_releases(row, *which)).all()
    same = {e.id for e in found if e.liste_digest and e.liste_digest == row.liste_digest}
    earlier = [e for e in found if e.nylig or e.id in same]
    if not earlier:
        return None
    repeated, of_mailing = _count_repeats(row.id, earlier)
    reasoned = _explained_mailings(row)
    told = (
        Tidligere(e.id, e.tittel, e.frigis_tid, of_mailing.get(e.id, 0), e.id in same, e.id in reasoned)
        for e in earlier
        if e.id in of_mailing or e.id in same
    )
    sent = Sendt(repeated, tuple(sorted(told, key=lambda t: t.begrunnet)))
    return sent if same or repeated else None


def _count_repeats(
    utsending_id: UUID, earlier: Sequence[Row[*tuple[Any, ...]]]
) -> tuple[int, dict[UUID, int]]:
    """(in all, by earlier mailing) how many of our rows they have sent, or are about to send."""
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


def _earlier_releases(
    row: Utsending, *which: ColumnElement[bool]
) -> Select[UUID, str, bytes | None, str, datetime | None, bool]:
    """The konto's other mailings released within RESEND_WINDOW that sent anything, newest first.

    `which`: further conditions. `nylig`: released within REPEAT_WINDOW, so that letters to the same receivers
    are not a new year's.
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
