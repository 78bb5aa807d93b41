"""The database: one declarative base, one way to commit, one way to change a status.

`transaction()` is the only commit in the house. `guarded_update()`, for one row or `_all`, is the only way a
status changes. Doorbells requested inside a transaction ring after its commit (see `doorbell`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    LargeBinary,
    MetaData,
    Row,
    Select,
    SQLColumnExpression,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.types import Uuid

from fiks.core import deferred_deletes, doorbell

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


COLUMN_TYPES: dict[Any, Any] = {
    str: Text(),
    bytes: LargeBinary(),
    datetime: DateTime(timezone=True),
    UUID: Uuid(as_uuid=True),
    int: BigInteger(),
    Json: JSONB(),
    list[Any]: JSONB(),
}


class Base(DeclarativeBase):
    """Declarative base of every table: naming of constraints, and column types by Python type."""

    metadata = MetaData(naming_convention=NAMING)
    registry = registry(metadata=metadata, type_annotation_map=COLUMN_TYPES)


db = SQLAlchemy(model_class=Base)

DATABASE_FAULTS = (OperationalError, InternalError)
"""Faults of the database, not of the job at hand: a lock timeout, a read-only server, a deadlock."""
_OPEN = "fiks_transaction"


def session() -> Session:
    """Return this context's session, for reads (`queries`) and inside `transaction()`."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one use case as one transaction: commit at the end, roll back on any exception, then ring.

    A nested transaction joins the outer one, which commits. A read snapshot left open by an earlier query is
    ended first, so that now() is the time of this transaction.
    """
    current = session()
    if current.info.get(_OPEN):
        yield current
        return
    current.rollback()
    current.info[_OPEN] = True
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        doorbell.forget(current)
        deferred_deletes.forget(current)
        raise
    finally:
        current.info.pop(_OPEN, None)
    doorbell.ring_collected(current)
    deferred_deletes.delete_collected(current)


def ring(lane: str) -> None:
    """Ring `lane`'s doorbell after the present transaction commits."""
    doorbell.collect(session(), lane)


def delete_after_commit(objekter: Iterable[str]) -> None:
    """Delete these stored objects, which no row refers to any more, after the present transaction commits."""
    deferred_deletes.collect(session(), objekter)


def table_of(model: type[Base]) -> Table:
    """Return the model's table, for statements that run once per letter.

    A statement on the class is synchronised with loaded objects, which doubles its cost.
    """
    table = model.__table__
    assert isinstance(table, Table)
    return table


def guarded_update(
    model: type[Base], *, where: Mapping[str, object], values: Mapping[str, object], old: Sequence[str] = ()
) -> Row[*tuple[Any, ...]] | None:
    """Change a row only if it still matches `where`; return the previous values of the columns `old`, or
    None.

    In `where`, None means IS NULL; a list, set or tuple means ANY. None as result: another process moved the
    row first, and the caller stops quietly. One statement locks, compares and changes the row. Never select,
    look, then update.
    """
    statement = _guarded(model, _shape(where), _assignments(values), tuple(old))
    return session().execute(statement, _parameters(where, values)).first()


def uuid_array(ids: Iterable[UUID]) -> ColumnElement[list[UUID]]:
    """Return the ids as one array parameter for `any_`, so that the statement is the same for any number of
    ids.
    """
    return literal(list(ids), ARRAY(Uuid(as_uuid=True)))


def guarded_update_all(
    model: type[Base],
    *,
    where: Mapping[str, object],
    condition: ColumnElement[bool],
    values: Mapping[str, object],
    old: Sequence[str],
    limit: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """As `guarded_update`, for every row (at most `limit`) of `condition` that still matches `where`.

    Rows are locked in key order, so that two concurrent calls wait for each other and never deadlock. After a
    wait for a lock only the row's own columns are compared again: what `condition` says about other tables
    must be kept true by a lock the caller holds, or by an order of locks.
    """
    keys = inspect(model).primary_key
    found = (
        _select_matching(model, _shape(where), old)
        .where(condition)
        .order_by(*keys)
        .limit(limit)
        .with_for_update()
    )
    statement = _update_matching(model, found, _assignments(values), old)
    return session().execute(statement, _parameters(where, values)).all()


_SEVERAL = (list, set, frozenset, tuple)
_Shape = tuple[tuple[str, str], ...]
"""The comparisons of a `where`: column names, each with IS, NULL or ANY."""
_Assignments = tuple[tuple[str, SQLColumnExpression[Any] | None], ...]
"""The assignments: column names, each with its SQL expression; None for a plain value, which is a parameter.
"""


def _shape(where: Mapping[str, object]) -> _Shape:
    return tuple((name, _kind(expected)) for name, expected in where.items())


def _kind(expected: object) -> str:
    if expected is None:
        return "NULL"
    return "ANY" if isinstance(expected, _SEVERAL) else "IS"


def _assignments(values: Mapping[str, object]) -> _Assignments:
    return tuple(
        (name, value if isinstance(value, SQLColumnExpression) else None) for name, value in values.items()
    )


def _parameters(where: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    was = {
        f"was_{name}": list(expected) if isinstance(expected, _SEVERAL) else expected
        for name, expected in where.items()
        if expected is not None
    }
    return was | {
        f"new_{name}": value for name, value in values.items() if not isinstance(value, SQLColumnExpression)
    }


@lru_cache(maxsize=256)
def _guarded(
    model: type[Base], shape: _Shape, written: _Assignments, old: tuple[str, ...]
) -> ReturningUpdate[*tuple[Any, ...]]:
    """Return the statement of `guarded_update`, built once per shape: building costs as much as running it.

    Expressions count as equal only if they are the same object.
    """
    return _update_matching(model, _select_matching(model, shape, old).with_for_update(), written, old)


def _select_matching(model: type[Base], shape: _Shape, old: Sequence[str]) -> Select[*tuple[Any, ...]]:
    columns = table_of(model).c
    clauses: list[ColumnElement[bool]] = []
    for name, kind in shape:
        column = columns[name]
        if kind == "NULL":
            clauses.append(column.is_(None))
        elif kind == "ANY":
            clauses.append(column == any_(bindparam(f"was_{name}", type_=ARRAY(column.type))))
        else:
            clauses.append(column == bindparam(f"was_{name}", type_=column.type))
    wanted = [columns[name].label(f"old_{name}") for name in old]
    return select(*inspect(model).primary_key, *wanted).where(and_(*clauses))


def _update_matching(
    model: type[Base], locked: Select[*tuple[Any, ...]], written: _Assignments, old: Sequence[str]
) -> ReturningUpdate[*tuple[Any, ...]]:
    table = table_of(model)
    keys = list(table.primary_key)
    found = locked.cte("found")
    values = {
        name: bindparam(f"new_{name}", type_=table.c[name].type) if value is None else value
        for name, value in written
    }
    return (
        update(table)
        .where(*(key == found.c[key.name] for key in keys))
        .values(**values)
        .returning(*([found.c[f"old_{name}"].label(name) for name in old] or keys))
    )
