"""Queue of background work on mailings: pieces are ordered, claimed by one owner, finished or released.

A piece (a row of `arbeidsdel`) is idempotent. When its owner dies it is claimed again; after three lost
attempts it is FEILET.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select, true, tuple_, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import aliased

from fiks.core.db import guarded_update, guarded_update_all, ring, session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.core.queue.owner_lock import take_if_dead
from fiks.core.telemetry import trace
from fiks.utsending.jobs.backoff import skip_for_now, skipped_ids
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import BOUNDED, IN_FLIGHT, LANE, MAX_PART_ATTEMPTS, ON_FILES, Delart, Delstatus

log = logging.getLogger(__name__)
LOST = "ARBEID_TAPT"
"""Error code of a piece that failed its last attempt without telling why."""
RELEASED_AT_ONCE = 1_000
"""How many pieces of a dead owner are released at a time; no owner holds as many."""

SHUTDOWN_LOCK_TIMEOUT = "2s"


class _Claimed(threading.local):
    """The piece that this thread claimed last."""

    part: Del | None = None


_claimed = _Claimed()


CONTROL = 0
"""`fra` of a LES piece that also controls again the rows that came from no file."""


@dataclass(frozen=True, slots=True)
class Del:
    """A claimed piece of work; `fra` and `til` are row numbers (inclusive) where the piece has a range."""

    id: int
    utsending_id: UUID
    art: Delart
    nr: int
    fra: int | None
    til: int | None
    eier: int
    forsok: int
    bestilt_av: UUID | None
    request_id: str | None


def order(
    utsending_id: UUID,
    art: Delart,
    *,
    fra: int | None = None,
    til: int | None = None,
    bestilt_av: UUID | None = None,
) -> int:
    """Order a piece of work in the present transaction; return its id. Its lane rings at commit.

    An advisory lock per mailing makes concurrent orders wait for each other, so their numbers differ.
    """
    session().execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"arbeidsdel|{utsending_id}", 0)))
    )
    highest = select(func.coalesce(func.max(Arbeidsdel.nr), 0)).where(
        Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == art
    )
    row = Arbeidsdel(
        utsending_id=utsending_id,
        art=art,
        nr=session().execute(highest).scalar_one() + 1,
        fra=fra,
        til=til,
        bestilt_av=bestilt_av,
    )
    session().add(row)
    session().flush()
    ring(LANE[art])
    return row.id


def claim_piece(arter: Sequence[Delart], eier: int) -> Del | None:
    """Claim the next ready piece of these kinds for owner `eier`; None when there is none.

    At most `IN_FLIGHT` pieces of a `BOUNDED` kind are claimed per mailing. The reading of a list waits for
    the work on the mailing's files. Pieces that this process is backing off from are skipped.
    """
    busy = (
        select(Arbeidsdel.utsending_id, Arbeidsdel.art)
        .where(Arbeidsdel.art.in_([str(a) for a in BOUNDED]), Arbeidsdel.status == Delstatus.TATT)
        .group_by(Arbeidsdel.utsending_id, Arbeidsdel.art)
        .having(func.count() >= IN_FLIGHT)
    )
    _claimed.part = None
    with transaction() as tx:
        found = tx.execute(
            select(Arbeidsdel.id)
            .where(
                Arbeidsdel.status == Delstatus.KLAR,
                Arbeidsdel.art.in_([str(a) for a in arter]),
                tuple_(Arbeidsdel.utsending_id, Arbeidsdel.art).not_in(busy),
                ~waits_for_files(),
                Arbeidsdel.id.not_in(skipped_ids()),
            )
            .order_by(Arbeidsdel.nr, Arbeidsdel.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if found is None:
            return None
        row = tx.execute(
            update(Arbeidsdel)
            .where(Arbeidsdel.id == found.id)
            .values(status=Delstatus.TATT, eier=eier, forsok=Arbeidsdel.forsok + 1)
            .returning(
                Arbeidsdel.id,
                Arbeidsdel.utsending_id,
                Arbeidsdel.art,
                Arbeidsdel.nr,
                Arbeidsdel.fra,
                Arbeidsdel.til,
                Arbeidsdel.eier,
                Arbeidsdel.forsok,
                Arbeidsdel.bestilt_av,
                Arbeidsdel.request_id,
            )
        ).one()
    _claimed.part = Del(**(row._asdict() | {"art": Delart(row.art)}))
    return _claimed.part


def waits_for_files() -> ColumnElement[bool]:
    """SQL condition on `Arbeidsdel`: a LES piece whose mailing still has unfinished pieces on its files."""
    other = aliased(Arbeidsdel)
    in_work = exists().where(
        other.utsending_id == Arbeidsdel.utsending_id,
        other.art.in_([str(a) for a in ON_FILES]),
        other.status.in_([Delstatus.KLAR, Delstatus.TATT]),
    )
    return (Arbeidsdel.art == Delart.LES) & in_work


def finish_piece(part: Del, **changes: object) -> bool:
    """Mark a piece FERDIG in the present transaction.

    False when another owner has it by now: the caller must then discard the result.
    """
    return _end_claim(part, Delstatus.FERDIG, changes)


def fail_piece(part: Del, feilkode: str, feil: Sequence[dict[str, object]] = ()) -> bool:
    """Mark a piece FEILET for good, with a code that the portal explains and details of the failure."""
    return _end_claim(part, Delstatus.FEILET, {"feilkode": feilkode, "resultat": list(feil)})


def release_claim(*, counts: bool = True) -> None:
    """Release this thread's claim after an unforeseen error, so that no living process keeps the piece.

    The third failed attempt makes it FEILET, as a lost owner does. With `counts=False` the attempt is not
    counted, and this process backs off from the piece: it is shutting down, or a resource such as the object
    store is unavailable.
    """
    part = _claimed.part
    if part is None:
        return
    with transaction():
        if not counts:
            skip_for_now(part.id)
            _end_claim(part, Delstatus.KLAR, {"forsok": part.forsok - 1})
        elif part.forsok < MAX_PART_ATTEMPTS:
            _end_claim(part, Delstatus.KLAR, {})
        else:
            fail_piece(part, LOST)


def release_all_claims(eier: int) -> int:
    """Release all claims of owner `eier`, whose process ends without waiting for its threads.

    Returns how many; the attempts are not counted. A thread that goes on discards its result
    (`is_still_claimed`). Raises DBAPIError when a piece is locked just now: the sweeper recovers it.
    """
    with transaction() as tx:
        tx.execute(select(func.set_config("lock_timeout", SHUTDOWN_LOCK_TIMEOUT, True)))
        given_back = guarded_update_all(
            Arbeidsdel,
            where={"eier": eier, "status": Delstatus.TATT},
            condition=true(),
            values={"status": Delstatus.KLAR, "eier": None, "forsok": Arbeidsdel.forsok - 1},
            old=(),
            limit=RELEASED_AT_ONCE,
        )
    return len(given_back)


def is_still_claimed(part: Del) -> bool:
    """Whether the piece is still claimed by us in this attempt; locks its row until the transaction ends."""
    row = (
        session()
        .execute(
            select(Arbeidsdel.id)
            .where(
                Arbeidsdel.id == part.id,
                Arbeidsdel.status == Delstatus.TATT,
                Arbeidsdel.eier == part.eier,
                Arbeidsdel.forsok == part.forsok,
            )
            .with_for_update()
        )
        .first()
    )
    return row is not None


def lock_pieces(utsending_id: UUID, art: Delart) -> None:
    """Lock the mailing's pieces of a kind until the present transaction ends.

    Whoever changes the mailing's rows locks its pieces first: a worker that stores a result has locked its
    piece and will ask for the rows.
    """
    session().execute(
        select(Arbeidsdel.id)
        .where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == art)
        .order_by(Arbeidsdel.id)
        .with_for_update()
    )


def drop_unfinished(utsending_id: UUID, art: Delart) -> None:
    """Delete the mailing's ready and claimed pieces of a kind; a worker on one discards its result."""
    lock_pieces(utsending_id, art)
    session().execute(
        delete(Arbeidsdel).where(
            Arbeidsdel.utsending_id == utsending_id,
            Arbeidsdel.art == art,
            Arbeidsdel.status.in_([Delstatus.KLAR, Delstatus.TATT]),
        )
    )


@contextmanager
def tolerate_lost_piece(part: Del) -> Iterator[None]:
    """Context for doing a piece: if the piece was taken away meanwhile, swallow the error.

    The draft may have been discarded or its upload replaced, so that rows and files are missing. IkkeFunnet
    and NoResultFound are raised only while the piece is still ours. Log lines in the block carry the mailing,
    the kind of piece and its request id.
    """
    with trace.continue_trace(part.request_id, utsending=str(part.utsending_id), art=str(part.art)):
        try:
            yield
        except (IkkeFunnet, NoResultFound):
            with transaction():
                if is_still_claimed(part):
                    raise
            log.info("piece_gone")


def last_status(utsending_id: UUID, art: Delart) -> Delstatus | None:
    """Status of the piece of this kind that was ordered last; None when there is none."""
    pieces = select(Arbeidsdel.status).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == art)
    found = session().execute(pieces.order_by(Arbeidsdel.id.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else Delstatus(found)


def is_control_ordered(utsending_id: UUID) -> bool:
    """Whether an unfinished LES piece of the mailing also controls rows that came from no file (CONTROL)."""
    waiting = select(Arbeidsdel.id).where(
        Arbeidsdel.utsending_id == utsending_id,
        Arbeidsdel.art == Delart.LES,
        Arbeidsdel.status.in_([Delstatus.KLAR, Delstatus.TATT]),
        Arbeidsdel.fra == CONTROL,
    )
    return bool(session().execute(select(waiting.exists())).scalar_one())


def is_busy(utsending_id: UUID, *arter: Delart) -> bool:
    """Whether the mailing has ready or claimed pieces of these kinds."""
    waiting = select(Arbeidsdel.id).where(
        Arbeidsdel.utsending_id == utsending_id,
        Arbeidsdel.art.in_([str(art) for art in arter]),
        Arbeidsdel.status.in_([Delstatus.KLAR, Delstatus.TATT]),
    )
    return bool(session().execute(select(waiting.exists())).scalar_one())


def _end_claim(part: Del, status: Delstatus, changes: dict[str, object]) -> bool:
    """End our claim: set `status` and `changes` if the piece is still ours. False otherwise."""
    held = {"id": part.id, "status": Delstatus.TATT, "eier": part.eier, "forsok": part.forsok}
    values = {"status": status, "eier": None, **changes}
    return guarded_update(Arbeidsdel, where=held, values=values) is not None


def recover_pieces() -> int:
    """Release the pieces of dead owners; return how many. After three attempts a piece becomes FEILET."""
    owners = (
        session()
        .scalars(
            select(Arbeidsdel.eier)
            .distinct()
            .where(Arbeidsdel.status == Delstatus.TATT, Arbeidsdel.eier.is_not(None))
        )
        .all()
    )
    recovered = 0
    for owner in owners:
        with transaction():
            if owner is None or not take_if_dead(owner):
                continue
            again = Arbeidsdel.forsok < MAX_PART_ATTEMPTS
            for condition, values in (
                (again, {"status": Delstatus.KLAR, "eier": None}),
                (~again, {"status": Delstatus.FEILET, "eier": None, "feilkode": LOST}),
            ):
                changed = guarded_update_all(
                    Arbeidsdel,
                    where={"eier": owner, "status": Delstatus.TATT},
                    condition=condition,
                    values=values,
                    old=(),
                    limit=RELEASED_AT_ONCE,
                )
                recovered += len(changed)
    return recovered


def ready_lanes() -> list[str]:
    """The lanes that have ready pieces, for the sweeper to ring."""
    arter = session().scalars(select(Arbeidsdel.art).distinct().where(Arbeidsdel.status == Delstatus.KLAR))
    return sorted({LANE[Delart(art)] for art in arter})


def ring_lane(art: Delart) -> None:
    """Ring the lane of this kind of work when the present transaction commits."""
    ring(LANE[art])
