"""Which rows refer to the stored objects, and the planned job that deletes those no row refers to.

An object is written before the row that refers to it, so a young one may only be waiting for its row. One that is
older than a day and nobody's was left by a process that died between the two, or by a store that was away. So was what
a killed process had written of a large object, which no listing shows: it is older when nothing has been written to it
for a day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, any_, cast, func, literal, select, union_all
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
DELETED_A_RUN = 1_000
PLACE = "objektlager"
Column = InstrumentedAttribute[Any]
COLUMNS = (Dokument.objekt, Opplasting.objekt, Brevfil.objekt, Utsendingsrad.objekt, Ordre.objekt)
IN_JSON = (
    (Arbeidsdel.resultat, "$[*].objekt"),
    (Opplasting.form, "$.bilder[*].objekt"),
    (Brevfil.form, "$.bilder[*].objekt"),
)
"""Everything that names an object: columns, and in JSON the pieces of a preview and pictures of uploaded files."""


def used_objects(names: Sequence[str], others: Sequence[Column] = (), of: UUID | None = None) -> set[str]:
    """Those of these objects that a row refers to, all tables as they were at one moment.

    `others`: columns of rooms this one does not know. `of`: the mailing that held them all. What is made of its rows,
    its letters and its previews, no other mailing refers to, so of those tables only its own rows are looked at: rows
    have no index by object, since one would be written anew for every letter that is made.
    """
    wanted = any_(literal(list(names), ARRAY(Text())))
    references: list[Select[Any]] = [
        _of_mailing(select(column).where(column == wanted), column, of) for column in (*COLUMNS, *others)
    ]
    for column, path in IN_JSON:
        inner = func.jsonb_path_query(column, cast(path, JSONPATH)).op("#>>", return_type=Text())(
            literal([], ARRAY(Text()))
        )
        pieces = _of_mailing(select(inner.label("objekt")), column, of).subquery()
        references.append(select(pieces.c.objekt).where(pieces.c.objekt == wanted))
    return set(session().scalars(union_all(*references)))


def _of_mailing(references: Select[Any], column: Column, of: UUID | None) -> Select[Any]:
    """Of the tables whose rows' objects are one mailing's alone, that mailing's rows."""
    table = column.class_
    return (
        references.where(table.utsending_id == of)
        if of and table in (Utsendingsrad, Arbeidsdel)
        else references
    )


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

    It goes on, day by day and for as long as a job may, where the last run ended. Never while sending is frozen: then
    the database may be a restored one that is yet to be moved forward. Age is measured by the database's own clock,
    never the movable one.
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
        _delete(store, day, strays, cut_off)
        looked_at, deleted = looked_at + len(names), deleted + len(strays) + len(cut_off)
        if deleted >= DELETED_A_RUN:
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


def _delete(store: Store, day: str, strays: Sequence[str], cut_off: Sequence[str]) -> None:
    number = len(strays) + len(cut_off)
    if not number:
        return
    with transaction():
        audit.record(OPPRYDDING, "HERRELOSE_FILER_SLETTET", "objektlager", day, antall=number)
    store.delete_all(strays)
    store.delete_cut_off(cut_off)
    log.info("stray_objects_deleted", extra={"dag": day, "antall": number})


def _remember(day: str) -> None:
    with transaction():
        feeds.remember(PLACE, day)
