"""Circuit breaker of a channel: paused when half of its last twenty calls failed, then probed once a minute.

A channel that answers 429 with a wait is paused for that long and opens by itself. The state is a database
row, so that every process and the portal see it; `fiks freeze` uses the same table. Registers have breakers
too, but `register_lookup` counts their failures, since look-ups have no ledger.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import ColumnElement, bindparam, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core.db import session, table_of, transaction
from fiks.core.http.client import MAX_RETRY_AFTER
from fiks.svarut.models import Banestatus, Leveringsforsok

WINDOW, THRESHOLD = 20, 10
PROBE_EVERY = timedelta(minutes=1)
TOO_MANY_FAILURES, REGISTER_SILENT, ASKED_TO_WAIT = "MANGE_FEIL", "REGISTER_SVARER_IKKE", "BEDT_OM_A_VENTE"
ALL_SENDING = "alle"
FAILED_OUTCOMES = ("PROV_IGJEN", "UAVKLART")


class State(Enum):
    """State of a lane's, channel's or register's breaker. PROBED: paused, but one probe is let through."""

    OPEN = auto()
    PAUSED = auto()
    PROBED = auto()


_ROW = table_of(Banestatus).c


def is_paused() -> ColumnElement[bool]:
    """SQL: whether the row says paused now. A pause that was asked for ends by itself."""
    return _ROW.stengt & ~_asked_pause_is_over()


def _asked_pause_is_over() -> ColumnElement[bool]:
    asked = func.coalesce(_ROW.grunn == ASKED_TO_WAIT, false())
    return asked & (_ROW.apnes <= func.now())


_IS = _ROW.navn == bindparam("name")
_PROBE_DUE = select(_ROW.apnes <= func.now()).where(_IS, is_paused())
_FROZEN = select(_ROW.stengt).where(_ROW.navn == ALL_SENDING)
# While peace is asked for, a call that goes well was begun before.
_CLOSE_CIRCUIT = (
    update(table_of(Banestatus))
    .where(_IS, _ROW.stengt, or_(_ROW.grunn.is_distinct_from(ASKED_TO_WAIT), _asked_pause_is_over()))
    .values(stengt=False, grunn=None, apnes=None, endret=func.now())
)


def state(navn: str) -> State:
    """The breaker's state of this lane, channel or register."""
    row = session().execute(_PROBE_DUE, {"name": navn}).first()
    if row is None:
        return State.OPEN
    return State.PROBED if row[0] else State.PAUSED


def admit(navn: str) -> State:
    """The state for a caller about to make a call. A due probe is given to one caller only; the others get
    PAUSED.
    """
    return let_through(navn, state(navn))


def let_through(navn: str, found: State) -> State:
    """As `admit`, for a caller that has just read the state."""
    return State.PAUSED if found is State.PROBED and not _take_probe(navn) else found


def _take_probe(navn: str) -> bool:
    with transaction() as tx:
        taken = tx.execute(
            update(Banestatus)
            .where(Banestatus.navn == navn, Banestatus.stengt, Banestatus.apnes <= func.now())
            .values(apnes=func.now() + PROBE_EVERY)
            .returning(Banestatus.navn)
        ).first()
    return taken is not None


def is_frozen() -> bool:
    """Whether a person (or a restored backup) has frozen all sending."""
    return bool(session().execute(_FROZEN).scalar_one_or_none())


def set_frozen(frozen: bool, grunn: str | None) -> None:
    """Freeze or thaw all sending."""
    with transaction() as tx:
        row = insert(Banestatus).values(navn=ALL_SENDING, stengt=frozen, grunn=grunn)
        changed = {"stengt": frozen, "grunn": grunn, "endret": func.now()}
        tx.execute(row.on_conflict_do_update(index_elements=["navn"], set_=changed))


def record_call(kanal: str, ok: bool) -> None:
    """Open or close the channel's breaker after a call, from the ledger; in the caller's transaction."""
    if ok:
        record_success(kanal)
        return
    recent = (
        select(Leveringsforsok.utfall)
        .where(Leveringsforsok.kanal == kanal, Leveringsforsok.avsluttet.is_not(None))
        .order_by(Leveringsforsok.avsluttet.desc())
        .limit(WINDOW)
        .subquery()
    )
    failures = (
        session().execute(select(func.count()).where(recent.c.utfall.in_(FAILED_OUTCOMES))).scalar_one()
    )
    if failures < THRESHOLD:
        return
    pause(kanal, TOO_MANY_FAILURES)


def record_success(navn: str) -> None:
    """A call went well: end the pause. In the caller's transaction."""
    session().execute(_CLOSE_CIRCUIT, {"name": navn})


def pause(navn: str, grunn: str) -> None:
    """Pause the channel or register until a probe succeeds, unless already paused; in the caller's
    transaction.
    """
    _pause(navn, grunn, func.now() + PROBE_EVERY, unless=is_paused())


def pause_as_asked(navn: str, seconds: float) -> None:
    """Pause the channel or register for as long as it asked; in the caller's transaction.

    A pause for failures stays: that one has to be probed.
    """
    until = func.now() + timedelta(seconds=min(seconds, MAX_RETRY_AFTER))
    longer = or_(Banestatus.grunn.is_distinct_from(ASKED_TO_WAIT), Banestatus.apnes >= until)
    _pause(navn, ASKED_TO_WAIT, until, unless=is_paused() & longer)


def _pause(navn: str, grunn: str, until: ColumnElement[datetime], *, unless: ColumnElement[bool]) -> None:
    changed = {"stengt": True, "grunn": grunn, "apnes": until, "endret": func.now()}
    row = insert(Banestatus).values(navn=navn, stengt=True, grunn=grunn, apnes=until)
    session().execute(row.on_conflict_do_update(index_elements=["navn"], set_=changed, where=~unless))
