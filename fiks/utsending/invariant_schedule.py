"""Schedule of the invariants (reliability.md 5).

Each minute: what changed last. In turn: every mailing whole, and the audit log's chain a stretch further.
None of these keeps the sweeper from its other jobs for more than seconds, whatever the sizes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from fiks.core import audit
from fiks.core.audit import Audit
from fiks.core.audit_upkeep.chain_verification import ChainWalk
from fiks.core.db import session
from fiks.print import invariants as printing
from fiks.svarut import invariants as letters
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.invariants import Brudd
from fiks.svarut.models import Forsendelse
from fiks.svarut.operations import external_invariants as outside
from fiks.utsending import invariants as mailings
from fiks.utsending.jobs.round_robin import RoundRobin
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Utsendingstatus

U = Utsendingstatus
UNDER_WAY = (U.FRIGITT, U.SENDES)
DAY, MINUTES = timedelta(days=1), timedelta(minutes=5)
IN_TURN_SECONDS = 3.0
TAKEN_BACK_WITHIN = timedelta(seconds=30)
"""The sweeper recovers the claims of dead workers every five seconds."""
PIECE = 10_000
"""Rows checked together: about two seconds of database time, estimated from smaller mailings."""
Stykke = tuple[UUID, int]
"""A mailing and the first row number of one piece of it."""
_turns: RoundRobin[Stykke] = RoundRobin()
_found: dict[Stykke, list[Brudd]] = {}
"""Breaches found in each piece at its last turn."""
_T = TypeVar("_T")
_unowned: list[tuple[float, list[tuple[Brudd, int | None]]]] = []
"""Recent checks of I4, oldest first: (time, breaches)."""
_unsealed: list[tuple[float, list[Brudd]]] = []
"""Recent checks of unsealed rows, oldest first: (time, breaches)."""
_chain = ChainWalk()


def _pieces() -> list[Stykke]:
    """Pieces of the mailings that are being sent, or were finished or stopped within a day, in order."""
    lately = Utsending.endret >= func.now() - DAY
    under_way, over = Utsending.status.in_(UNDER_WAY), Utsending.status.in_([U.FULLFORT, U.STOPPET])
    rows = select(func.max(Utsendingsrad.radnr)).where(Utsendingsrad.utsending_id == Utsending.id)
    found = select(Utsending.id, rows.scalar_subquery()).where(or_(under_way, and_(over, lately)))
    return sorted(
        (utsending_id, begin)
        for utsending_id, last in session().execute(found)
        for begin in range(0, (last or 0) + 1, PIECE)
    )


def _recently_changed() -> list[UUID]:
    """Mailings released, started, finished or stopped within the last minutes."""
    lately = Utsending.endret >= func.now() - MINUTES
    moved = Utsending.status.in_([*UNDER_WAY, U.FULLFORT, U.STOPPET])
    return list(session().scalars(select(Utsending.id).where(moved, lately)))


def check_minute() -> list[Brudd]:
    """Check each minute what needs no log of the outside.

    I3 and I4 of every levering and mailing; I2, I5 to I7 and I9 of what changed last.
    """
    lately = letters.recently_changed_letters()
    found = [
        *letters.nothing_vanishes(lately),
        *letters.nothing_dangles(),
        *_confirmed_unowned(),
        *letters.history_is_complete(lately),
        *letters.changes_are_legal(lately),
        *letters.ledger_has_calls(lately),
        *(Brudd(*found) for found in printing.check(frozen=circuit_breaker.is_frozen())),
        *mailings.rows_add_up(_recently_changed()),
        *mailings.letters_have_rows(lately),
        *mailings.started_in_time(),
        *mailings.fed_in_time(),
        *mailings.nothing_before_release(lately),
    ]
    session().rollback()
    return found


def _confirmed_unowned() -> list[Brudd]:
    """I4 breaches that an earlier check found for the same owner: a worker may have died just now."""
    found = letters.claims_without_owner()
    earlier = _found_before(_unowned, found, TAKEN_BACK_WITHIN)
    return [one[0] for one in found if one in earlier]


def _found_before(looks: list[tuple[float, list[_T]]], found: list[_T], ago: timedelta) -> list[_T]:
    """The breaches of the last check at least `ago` old; `found` is kept for later calls."""
    now = time.monotonic()
    looks.append((now, found))
    old = [n for n, (at, _) in enumerate(looks) if at <= now - ago.total_seconds()]
    if not old:
        return []
    del looks[: old[-1]]
    return looks[0][1]


def check_in_turn(seconds: float = IN_TURN_SECONDS) -> list[Brudd]:
    """Check every letter and row of active mailings, as many pieces as `seconds` allow; the rest next time.

    A piece's breaches stand until its next turn, so an alarm does not go off in between.
    """
    pieces = _pieces()
    for gone in _found.keys() - set(pieces):
        del _found[gone]
    end = time.monotonic() + seconds
    for piece in _turns.of(pieces):
        _found[piece] = _confirmed(piece)
        if time.monotonic() >= end:
            break
    unsealed = _confirmed_unsealed()
    session().rollback()
    return [*chain.from_iterable(_found.values()), *unsealed]


def _confirmed_unsealed() -> list[Brudd]:
    """I10 breaches of rows that had no seal five minutes ago either.

    A row's time is when its transaction began, which may be long before anybody could see the row.
    """
    earlier = _found_before(_unsealed, mailings.audit_is_sealed(), mailings.SEALED_WITHIN)
    ids = Audit.id.in_([int(one.id) for one in earlier])
    still = {str(id) for id in session().scalars(select(Audit.id).where(ids, audit.is_unsealed()))}
    return [one for one in earlier if one.id in still]


def _confirmed(piece: Stykke) -> list[Brudd]:
    """Breaches of the piece found twice in a row: rules that compare two reads see changes in between."""
    found = _check_piece(piece)
    again = _check_piece(piece) if found else []
    return [one for one in found if one in again]


def _check_piece(piece: Stykke) -> list[Brudd]:
    """I2, I5 to I7 and I9 of a piece's letters; with the first piece also I2, I9 and I10 of the mailing."""
    utsending_id, begin = piece
    of_piece = and_(Forsendelse.radnr >= begin, Forsendelse.radnr < begin + PIECE)
    scope = letters.letters_of([utsending_id], of_piece)
    found = [
        *letters.nothing_vanishes(scope),
        *letters.history_is_complete(scope),
        *letters.changes_are_legal(scope),
        *letters.ledger_has_calls(scope),
        *(Brudd(*found) for found in printing.history_is_complete(scope)),
        *mailings.letters_have_rows(scope),
        *mailings.nothing_before_release(scope),
        *([] if begin else _check_whole(utsending_id)),
    ]
    session().rollback()
    return found


def _check_whole(utsending_id: UUID) -> list[Brudd]:
    mine = [utsending_id]
    return [
        *mailings.rows_add_up(mine),
        *mailings.approved_is_sent(mine),
        *mailings.acts_are_audited(mine),
    ]


def check_chain(seconds: float = IN_TURN_SECONDS) -> list[Brudd]:
    """I10: walk the audit chain further, as `seconds` allow; also rows left without a seal.

    A breach stands until a whole walk finds it repaired.
    """
    told = {"KJEDEN_BRUTT": _chain.go_on(seconds), "UFORSEGLET": _chain.left_behind}
    return [Brudd("I10", kode, str(nr)) for kode, nr in told.items() if nr is not None]


def resume_chain_check() -> None:
    """Let the next `check_chain` ask how far the walk is: another process may have walked since ours did.

    Breaches that must be found twice start over: while nobody swept, nothing was recovered or sealed.
    """
    _chain.resume()
    _unowned.clear()
    _unsealed.clear()


def check_all(utsending_ids: Sequence[UUID], log: Sequence[outside.Mottatt]) -> list[Brudd]:
    """Check all ten rules of mailings at rest against the outside's complete log.

    The log must hold every channel, and nothing but what this platform has sent.
    """
    session().rollback()
    scope = letters.letters_of(utsending_ids)
    none = timedelta(0)
    return [
        *outside.exactly_once(scope, log),
        *outside.no_unknown_references(log),
        *letters.nothing_vanishes(scope),
        *mailings.rows_add_up(utsending_ids),
        *mailings.letters_have_rows(scope),
        *letters.nothing_dangles(scope, none),
        *letters.claimed_is_owned(scope, none),
        *letters.history_is_complete(scope),
        *letters.changes_are_legal(scope),
        *letters.ledger_has_calls(scope),
        *(Brudd(*found) for found in printing.check(none, scope)),
        *outside.ledger_before_effect(scope, log),
        *outside.nothing_after_stop(scope, log),
        *mailings.nothing_before_release(scope),
        *mailings.nothing_received_before_release(utsending_ids, log),
        *mailings.approved_is_sent(utsending_ids),
        *mailings.acts_are_audited(utsending_ids),
        *mailings.audit_is_sealed(),
        *mailings.chain_holds(),
    ]
