"""The database: one declarative base, one way to commit, one way to change a state.

`transaction()` is the only commit in the house. `guarded_update()` is the only way a status changes. Doorbells
asked for inside a transaction ring after its commit (see `doorbell`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
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
    Text,
    and_,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import Uuid

from fiks.core import doorbell

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
    metadata = MetaData(naming_convention=NAMING)
    registry = registry(metadata=metadata, type_annotation_map=COLUMN_TYPES)


db = SQLAlchemy(model_class=Base)

_OPEN = "fiks_transaction"


def session() -> Session:
    """Return this context's session, for reads (`queries`) and inside `transaction()`."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one use case as one transaction: commit at the end, roll back on any exception, then ring.

    A transaction opened inside another joins it: the outermost commits. A read snapshot left open by an earlier
    query is ended first, so that now() is the time of this transaction.
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
        raise
    finally:
        current.info.pop(_OPEN, None)
    doorbell.ring_collected(current)


def ring(lane: str) -> None:
    """Ask for `lane`'s bell to ring when the present transaction has been committed."""
    doorbell.collect(session(), lane)


def guarded_update(
    model: type[Base], *, where: Mapping[str, object], values: Mapping[str, object], old: Sequence[str] = ()
) -> Row[*tuple[Any, ...]] | None:
    """Change a row only if it still is as `where` says; return what its columns `old` held before, or None.

    A None in `where` means IS NULL; a list, set or tuple means one of. None: somebody else moved it, and the caller
    stops quietly. The row is locked, compared and changed in one statement. Never select, look, then update.
    """
    columns = model.__table__.c
    clauses: list[ColumnElement[bool]] = []
    for name, expected in where.items():
        if isinstance(expected, list | set | frozenset | tuple):
            clauses.append(columns[name].in_(list(expected)))
        else:
            clauses.append(columns[name].is_not_distinct_from(expected))
    keys = list(inspect(model).primary_key)
    wanted = [columns[name].label(f"old_{name}") for name in old]
    found = select(*keys, *wanted).where(and_(*clauses)).with_for_update().cte("found")
    changed = (
        update(model)
        .where(*(key == found.c[key.name] for key in keys))
        .values(**values)
        .returning(*([found.c[f"old_{name}"].label(name) for name in old] or keys))
        .execution_options(synchronize_session=False)
    )
    return session().execute(changed).first()
