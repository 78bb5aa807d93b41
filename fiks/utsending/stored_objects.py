"""References to stored objects, and the planned job that deletes objects without any (strays).

An object is written before the row that refers to it, so a young one may still wait for its row. One older
than a day that no row refers to was left by a process that died in between, or by a store that was away. A
large object half written by a killed process is in no listing; it counts as old when nothing has been written
to it for a day.

A newer release may refer to objects from places unknown here, so strays are deleted only if the schema is
this release's (`workers.own_schema`), which sees migrations alone. So a new place in COLUMNS, IN_JSON or
`planned.ELSEWHERE` needs a migration, an empty one if no other is needed. A place that will name objects
which other rows name too must be searched here one release before it is written, since each mailing deletes
its own (`unused_objects`) on any schema.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, literal, literal_column, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core import audit, clock
from fiks.core.actor import OPPRYDDING
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.queue import feed_markers, planned_jobs
from fiks.core.storage.store import Store
from fiks.print.models import Ordre
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Dokument
from fiks.utsending.file_models import Brevfil
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsendingsrad

log = logging.getLogger(__name__)
MIN_AGE = timedelta(hours=24)
MAX_EXAMINED_A_RUN = 20_000
MAX_DELETED_A_RUN = 50_000
DELETED_AT_ONCE = 1_000
DELETING_SECONDS = 60.0
"""Time a run has for deleting; the search before it may take minutes, since it reads every row."""
PLACE = "objektlager"
Column = InstrumentedAttribute[Any]
COLUMNS = (Dokument.objekt, Opplasting.objekt, Brevfil.objekt, Utsendingsrad.objekt, Ordre.objekt)
PICTURES = literal_column("'bilder'", Text())
"""JSON key of the pictures in forms. A literal, never a parameter, so that the partial indexes match."""
IN_JSON = (
    (Arbeidsdel.resultat, "$[*].objekt", true()),
    (Opplasting.form, "$.bilder[*].objekt", Opplasting.form.has_key(PICTURES)),
    (Brevfil.form, "$.bilder[*].objekt", Brevfil.form.has_key(PICTURES)),
)
"""References in JSON: pieces of previews, and pictures of uploaded files."""
OWN_REFERENCES = frozenset({Utsendingsrad.objekt, Arbeidsdel.resultat, Opplasting.form})
"""References to objects that only their own mailing uses and no other mailing takes over."""


def used_objects(names: Sequence[str], others: Sequence[Column] = (), of: UUID | None = None) -> set[str]:
    """Those of these objects that some row refers to, read in one statement.

    `others`: columns of rooms unknown to this one. `of`: the mailing that had them all; its own letters,
    previews and upload pictures are then searched in its rows only. Rows have no index by object, since it
    would be updated for every letter made.
    """
    # Joined, not compared with an array: of a prepared plan each row would be held against one name after another.
    wanted = select(func.unnest(literal(list(names), ARRAY(Text()))))
    references: list[Select[Any]] = [
        _of_mailing(select(column).where(column.in_(wanted)), column, of) for column in (*COLUMNS, *others)
    ]
    for column, path, has_some in IN_JSON:
        inner = func.jsonb_path_query(column, cast(path, JSONPATH)).op("#>>", return_type=Text())(
            literal([], ARRAY(Text()))
        )
        pieces = _of_mailing(select(inner.label("objekt")).where(has_some), column, of).subquery()
        references.append(select(pieces.c.objekt).where(pieces.c.objekt.in_(wanted)))
    return set(session().scalars(union_all(*references)))


def _of_mailing(references: Select[Any], column: Column, of: UUID | None) -> Select[Any]:
    """Limit a query on one of OWN_REFERENCES to the mailing's rows."""
    mine = of is not None and column in OWN_REFERENCES
    return references.where(column.class_.utsending_id == of) if mine else references


def unused_objects(
    objects: Iterable[str | None], others: Sequence[Column] = (), of: UUID | None = None
) -> list[str]:
    """Those of these objects that no row refers to; `others` and `of` as in `used_objects`.

    A sent letter keeps its file, and a mailing made of unsent rows shares its predecessor's documents.
    """
    names = sorted({name for name in objects if name is not None})
    used = used_objects(names, others, of) if names else set()
    return [name for name in names if name not in used]


def letter_objects(utsending_id: UUID) -> Sequence[str]:
    """Objects that contain the mailing's drawn letters."""
    lie_in = select(Utsendingsrad.objekt).where(
        Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.objekt.is_not(None)
    )
    return [objekt for objekt in session().scalars(lie_in.distinct()) if objekt is not None]


def delete_strays(others: Sequence[Column]) -> int:
    """Delete a bounded number of stray objects older than a day; return how many.

    `others`: the columns of every other room (`used_objects`); what they refer to would be deleted if left
    out. The run continues, day by day, where the last one ended, within a job's time, and deletes for
    DELETING_SECONDS per day found. Never while sending is frozen: the database may be a restored one that
    must still be moved forward. Age is by the database's clock, never the movable one.
    """
    if circuit_breaker.is_frozen():
        return 0
    store, before = current().store, clock.database_now() - MIN_AGE
    place = feed_markers.load_marker(PLACE)
    session().rollback()
    looked_at = deleted = 0
    for day in planned_jobs.until_time_is_up(
        _days_after(store, place)
    ):  # each asks all tables, one of them row by row
        names = [found.navn for found in store.made_on(day) if found.endret <= before]
        cut_off = [found.navn for found in store.cut_off_on(day) if found.endret <= before]
        strays = unused_objects(names, others)[: MAX_DELETED_A_RUN - deleted]
        session().rollback()
        gone = _delete(store, day, strays, cut_off)
        looked_at, deleted = looked_at + len(names), deleted + gone
        if gone < len(strays) + len(cut_off) or deleted >= MAX_DELETED_A_RUN:
            break
        _remember(day)
        if looked_at >= MAX_EXAMINED_A_RUN:
            break
    return deleted


def _days_after(store: Store, place: str | None) -> Iterator[str]:
    """Every day of the store once, starting after `place` and ending with it."""
    days = store.days()
    later = [day for day in days if place is not None and day > place]
    yield from later
    yield from days[: len(days) - len(later)]


def _delete(store: Store, day: str, strays: Sequence[str], cut_off: Sequence[str]) -> int:
    """Delete objects in portions while there is time and sending is not frozen; return how many.

    An object that no row refers to after a day gets no reference later: new rows refer to new objects, or to
    those of the row they were copied from. So portions are not checked again.
    """
    gone, found, unshown = 0, [*strays, *cut_off], frozenset(cut_off)
    for start in planned_jobs.until_time_is_up(range(0, len(found), DELETED_AT_ONCE), DELETING_SECONDS):
        portion = found[start : start + DELETED_AT_ONCE]
        with transaction():
            if circuit_breaker.is_frozen():
                break
            audit.record(OPPRYDDING, "HERRELOSE_FILER_SLETTET", "objektlager", day, antall=len(portion))
        store.delete_all([name for name in portion if name not in unshown])
        store.delete_cut_off(name for name in portion if name in unshown)
        log.info("stray_objects_deleted", extra={"dag": day, "antall": len(portion)})
        gone += len(portion)
    return gone


def _remember(day: str) -> None:
    with transaction():
        feed_markers.save_marker(PLACE, day)
