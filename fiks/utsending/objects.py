"""Which rows refer to the stored objects, and the planned job that deletes those no row refers to.

An object is written before the row that refers to it, so a young one may only be waiting for its row. One that is
older than a day and nobody's was left by a process that died between the two, or by a store that was away. So was what
a killed process had written of a large object, which no listing shows: it is older when nothing has been written to it
for a day.

A newer release has places of its own that name objects, and so it is asked of the schema whether it is this release's
before any stray is deleted (`workers.own_schema`). That sees migrations alone. So a new place among COLUMNS, IN_JSON or
`planned.ELSEWHERE` comes with a migration, an empty one where it needs no other; and one that will name objects which
other rows name too is looked at here a release before anything is written there, since each mailing lets go of its own
(`unused_objects`) on any schema.
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

from fiks.core import audit, clock, feeds, jobs
from fiks.core.actor import OPPRYDDING
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.storage import Store
from fiks.print.models import Ordre
from fiks.svarut import circuit
from fiks.svarut.models import Dokument
from fiks.utsending.file_models import Brevfil
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsendingsrad

log = logging.getLogger(__name__)
YOUNGEST = timedelta(hours=24)
LOOKED_AT_A_RUN = 20_000
DELETED_A_RUN = 50_000
DELETED_AT_ONCE = 1_000
DELETING_SECONDS = 60.0
"""For how long a run deletes what it has found: to find it may have taken minutes, since every row is read."""
PLACE = "objektlager"
Column = InstrumentedAttribute[Any]
COLUMNS = (Dokument.objekt, Opplasting.objekt, Brevfil.objekt, Utsendingsrad.objekt, Ordre.objekt)
PICTURES = literal_column("'bilder'", Text())
"""Where forms keep pictures. Never a parameter: the indexes of the few forms that have some are by this very word."""
IN_JSON = (
    (Arbeidsdel.resultat, "$[*].objekt", true()),
    (Opplasting.form, "$.bilder[*].objekt", Opplasting.form.has_key(PICTURES)),
    (Brevfil.form, "$.bilder[*].objekt", Brevfil.form.has_key(PICTURES)),
)
"""Everything that names an object: columns, and in JSON the pieces of a preview and pictures of uploaded files."""
OF_ONE_MAILING = frozenset({Utsendingsrad.objekt, Arbeidsdel.resultat, Opplasting.form})
"""What refers to objects that were made for its own mailing, and that no other takes over as it does files."""


def used_objects(names: Sequence[str], others: Sequence[Column] = (), of: UUID | None = None) -> set[str]:
    """Those of these objects that a row refers to, all tables as they were at one moment.

    `others`: columns of rooms this one does not know. `of`: the mailing that held them all. What is made of its rows,
    its letters and its previews, and the pictures of its uploads no other mailing refers to, so of those only its own
    are looked at: rows have no index by object, since one would be written anew for every letter that is made.
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
    """Of columns whose objects are one mailing's alone, that mailing's rows."""
    mine = of is not None and column in OF_ONE_MAILING
    return references.where(column.class_.utsending_id == of) if mine else references


def unused_objects(
    objects: Iterable[str | None], others: Sequence[Column] = (), of: UUID | None = None
) -> list[str]:
    """Those that no row refers to now; `others` and `of` as in `used_objects`.

    A sent letter keeps its file, and a mailing made of the rows that another left unsent shares its document.
    """
    names = sorted({name for name in objects if name is not None})
    used = used_objects(names, others, of) if names else set()
    return [name for name in names if name not in used]


def letter_objects(utsending_id: UUID) -> Sequence[str]:
    """The objects the mailing's drawn letters lie in."""
    lie_in = select(Utsendingsrad.objekt).where(
        Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.objekt.is_not(None)
    )
    return [objekt for objekt in session().scalars(lie_in.distinct()) if objekt is not None]


def delete_strays(others: Sequence[Column]) -> int:
    """Delete a bounded number of objects that are older than a day and that no row refers to; return how many.

    `others` as in `used_objects`: those of every room, for what is left out would be deleted.

    It goes on, day by day and for as long as a job may, where the last run ended; and deletes what it has found of a
    day for as long as `DELETING_SECONDS`. Never while sending is frozen: then the database may be a restored one that
    is yet to be moved forward. Age is measured by the database's own clock, never the movable one.
    """
    if circuit.frozen():
        return 0
    store, before = current().store, clock.database_now() - YOUNGEST
    place = feeds.marker_of(PLACE)
    session().rollback()
    looked_at = deleted = 0
    for day in jobs.while_time(_days_after(store, place)):  # each asks all tables, one of them row by row
        names = [found.navn for found in store.made_on(day) if found.endret <= before]
        cut_off = [found.navn for found in store.cut_off_on(day) if found.endret <= before]
        strays = unused_objects(names, others)[: DELETED_A_RUN - deleted]
        session().rollback()
        gone = _delete(store, day, strays, cut_off)
        looked_at, deleted = looked_at + len(names), deleted + gone
        if gone < len(strays) + len(cut_off) or deleted >= DELETED_A_RUN:
            break
        _remember(day)
        if looked_at >= LOOKED_AT_A_RUN:
            break
    return deleted


def _days_after(store: Store, place: str | None) -> Iterator[str]:
    """Every day of the store once, beginning after `place` and ending with it."""
    days = store.days()
    later = [day for day in days if place is not None and day > place]
    yield from later
    yield from days[: len(days) - len(later)]


def _delete(store: Store, day: str, strays: Sequence[str], cut_off: Sequence[str]) -> int:
    """Delete them a portion at a time for as long as there is time and sending is not frozen; return how many went.

    What no row refers to after a day none ever will: a row that is new refers to what is new, or to what the row does
    that it was copied from. So no portion is asked about again.
    """
    gone, found, unshown = 0, [*strays, *cut_off], frozenset(cut_off)
    for start in jobs.while_time(range(0, len(found), DELETED_AT_ONCE), DELETING_SECONDS):
        portion = found[start : start + DELETED_AT_ONCE]
        with transaction():
            if circuit.frozen():
                break
            audit.record(OPPRYDDING, "HERRELOSE_FILER_SLETTET", "objektlager", day, antall=len(portion))
        store.delete_all([name for name in portion if name not in unshown])
        store.delete_cut_off(name for name in portion if name in unshown)
        log.info("stray_objects_deleted", extra={"dag": day, "antall": len(portion)})
        gone += len(portion)
    return gone


def _remember(day: str) -> None:
    with transaction():
        feeds.remember(PLACE, day)
