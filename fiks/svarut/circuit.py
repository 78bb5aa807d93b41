"""The circuit breaker of a channel: when half of its last twenty calls failed, it is paused and probed each minute.

A channel that answers that it is asked too much (429), and for how long it wants peace, is paused for all until then,
and open again by itself. It is a row, so every process sees it, the portal can show it, and `fiks freeze` uses the same
table. A register's is of the same kind; whoever asks it counts (`registers`), since no ledger is kept of look-ups.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import ColumnElement, bindparam, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core.db import session, table_of, transaction
from fiks.core.wire import ASKED_AT_MOST
from fiks.svarut.channel_models import Banestatus, Leveringsforsok

WINDOW, THRESHOLD = 20, 10
PROBE_EVERY = timedelta(minutes=1)
FAILING, SILENT, ASKED = "MANGE_FEIL", "REGISTER_SVARER_IKKE", "BEDT_OM_A_VENTE"
ALL = "alle"
FAILED = ("PROV_IGJEN", "UAVKLART")


class State(Enum):
    """A lane's, channel's or register's circuit. PROBED: paused, and one is let through as a probe."""

    OPEN = auto()
    PAUSED = auto()
    PROBED = auto()


_ROW = table_of(Banestatus).c


def is_paused() -> ColumnElement[bool]:
    """Whether a row says that something is paused now: a peace that was asked for ends by itself."""
    return _ROW.stengt & ~_peace_is_over()


def _peace_is_over() -> ColumnElement[bool]:
    asked = func.coalesce(_ROW.grunn == ASKED, false())
    return asked & (_ROW.apnes <= func.now())


_IS = _ROW.navn == bindparam("name")
_PROBE_DUE = select(_ROW.apnes <= func.now()).where(_IS, is_paused())
_FROZEN = select(_ROW.stengt).where(_ROW.navn == ALL)
# While peace is asked for, a call that goes well was begun before.
_OPENED = (
    update(table_of(Banestatus))
    .where(_IS, _ROW.stengt, or_(_ROW.grunn.is_distinct_from(ASKED), _peace_is_over()))
    .values(stengt=False, grunn=None, apnes=None, endret=func.now())
)


def state(navn: str) -> State:
    """How it stands with this lane, channel or register."""
    row = session().execute(_PROBE_DUE, {"name": navn}).first()
    if row is None:
        return State.OPEN
    return State.PROBED if row[0] else State.PAUSED


def admit(navn: str) -> State:
    """How it stands for one who calls it now unless it is PAUSED: a probe that is due is PROBED for one caller only."""
    return let_through(navn, state(navn))


def let_through(navn: str, found: State) -> State:
    """As `admit`, for one who has just asked how it stands."""
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


def frozen() -> bool:
    """Whether a person (or a restored backup) has frozen all sending."""
    return bool(session().execute(_FROZEN).scalar_one_or_none())


def set_frozen(frozen: bool, grunn: str | None) -> None:
    """Freeze or thaw all sending."""
    with transaction() as tx:
        row = insert(Banestatus).values(navn=ALL, stengt=frozen, grunn=grunn)
        changed = {"stengt": frozen, "grunn": grunn, "endret": func.now()}
        tx.execute(row.on_conflict_do_update(index_elements=["navn"], set_=changed))


def after_call(kanal: str, ok: bool) -> None:
    """Open or close the channel's circuit after a call, from the ledger; runs in the caller's transaction."""
    if ok:
        answered(kanal)
        return
    recent = (
        select(Leveringsforsok.utfall)
        .where(Leveringsforsok.kanal == kanal, Leveringsforsok.avsluttet.is_not(None))
        .order_by(Leveringsforsok.avsluttet.desc())
        .limit(WINDOW)
        .subquery()
    )
    failures = session().execute(select(func.count()).where(recent.c.utfall.in_(FAILED))).scalar_one()
    if failures < THRESHOLD:
        return
    pause(kanal, FAILING)


def answered(navn: str) -> None:
    """A call of the channel or register went well: it is paused no more; runs in the caller's transaction."""
    session().execute(_OPENED, {"name": navn})


def pause(navn: str, grunn: str) -> None:
    """Pause it, unless it is already, until a probe goes well; runs in the caller's transaction."""
    _pause(navn, grunn, func.now() + PROBE_EVERY, unless=is_paused())


def leave_in_peace(navn: str, seconds: float) -> None:
    """It asks not to be called for so long: pause it until then; runs in the caller's transaction.

    One that is paused for its failures stays so: it has to be probed.
    """
    until = func.now() + timedelta(seconds=min(seconds, ASKED_AT_MOST))
    longer = or_(Banestatus.grunn.is_distinct_from(ASKED), Banestatus.apnes >= until)
    _pause(navn, ASKED, until, unless=is_paused() & longer)


def _pause(navn: str, grunn: str, until: ColumnElement[datetime], *, unless: ColumnElement[bool]) -> None:
    changed = {"stengt": True, "grunn": grunn, "apnes": until, "endret": func.now()}
    row = insert(Banestatus).values(navn=navn, stengt=True, grunn=grunn, apnes=until)
    session().execute(row.on_conflict_do_update(index_elements=["navn"], set_=changed, where=~unless))
