"""Encrypted columns: counts per master key, and re-encryption under the newest key, in bounded portions.

Each room lists its encrypted columns in its `SEALED`. Re-encryption changes no clear value, stored object or
blind index, so it can run while everything else runs, be interrupted anywhere and be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, Select, Text, case, cast, func, inspect, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core import audit
from fiks.core.actor import KOMMANDO
from fiks.core.crypto.encryption import DATA_KEY_AAD, DokumentOdelagt, KeyRing, NokkelUkjent
from fiks.core.db import session, transaction

UNREADABLE = (InvalidTag, DokumentOdelagt, NokkelUkjent, TypeError, ValueError)
"""Errors of a value that was changed, or never was encrypted: it is skipped and counted."""
PORTION = 500
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of encrypted bytes, bound to `aad`; DATA_KEY_AAD for the wrapped data key of a stored
    document.
    """

    column: InstrumentedAttribute[Any]
    aad: str

    @property
    def holds_data_keys(self) -> bool:
        """Return whether the column holds wrapped data keys of stored documents."""
        return self.aad == DATA_KEY_AAD

    def sealed(self) -> Select[Any]:
        """Return a query for all encrypted values of the column, one per row, as column `sealed`."""
        return select(self.column.label("sealed")).where(self.column.is_not(None))

    def other_than(self, prefix: bytes) -> ColumnElement[bool]:
        """Return the SQL condition that the row holds a value encrypted under another key than the one of
        `prefix`.
        """
        return self.column.is_not(None) & (func.substring(self.column, 1, len(prefix)) != prefix)

    def renewed(self, value: bytes, ring: KeyRing) -> bytes:
        """Return the value re-encrypted under the newest key."""
        return ring.reseal(value, self.aad)


@dataclass(frozen=True, slots=True)
class SealedJson:
    """A JSON column with a list of stored pieces, each with its wrapped data key as hex in `nokkel`, nested
    to any depth.

    The list is the value itself, or its field `inside`.
    """

    column: InstrumentedAttribute[Any]
    inside: str | None = None
    holds_data_keys = True

    @property
    def _path(self) -> str:
        return f"$.{self.inside}[*].**.nokkel" if self.inside else "$[*].**.nokkel"

    def sealed(self) -> Select[Any]:
        """As for SealedColumn."""
        key = func.jsonb_path_query(self.column, cast(self._path, JSONPATH))
        as_text = key.op("#>>", return_type=Text())(literal([], ARRAY(Text())))
        found = select(as_text.label("hex")).subquery()
        return select(func.decode(found.c.hex, "hex").label("sealed"))

    def other_than(self, prefix: bytes) -> ColumnElement[bool]:
        """As for SealedColumn."""
        path = f'{self._path} ? (!(@ starts with "{prefix.hex()}"))'
        return func.jsonb_path_exists(self.column, cast(path, JSONPATH))

    def renewed(self, value: Any, ring: KeyRing) -> Any:
        """Return the JSON value with its data keys re-wrapped under the newest key."""
        if self.inside:
            return value | {self.inside: _rewrapped(value[self.inside], ring)}
        return _rewrapped(value, ring)


def _rewrapped(value: Any, ring: KeyRing) -> Any:
    """Return the same JSON value with every data key in it wrapped under the newest master key."""
    if isinstance(value, list):
        return [_rewrapped(one, ring) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: ring.rewrap(bytes.fromhex(one)).hex() if name == "nokkel" else _rewrapped(one, ring)
        for name, one in value.items()
    }


Sealed = SealedColumn | SealedJson


def column_name(place: Sealed) -> str:
    """Return "table.column", for people."""
    return f"{place.column.class_.__tablename__}.{place.column.key}"


def counts_by_key(place: Sealed) -> dict[str, int]:
    """Return the number of values under each master key, by key id ("?": under none)."""
    found = place.sealed().subquery().c.sealed
    key_id = case(
        (func.length(found) > 2, func.encode(func.substring(found, 3, func.get_byte(found, 1)), "escape")),
        else_="?",
    ).label("id")
    rows = session().execute(select(key_id, func.count()).group_by(key_id))
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Renewal:
    """Result for one column: rows re-encrypted, and rows that no key of the ring opens."""

    renewed: int = 0
    unreadable: int = 0


def renew_all(places: Sequence[Sealed], ring: KeyRing, tell: Callable[[str, Renewal], None]) -> Renewal:
    """Re-encrypt all values of these columns under the newest key; `tell` gets each column's name and result.

    It repeats until a round finds nothing more (at most ROUNDS times), since values may be copied from one
    column to another meanwhile. A row locked by another transaction is left to the next round.
    """
    with transaction():
        audit.record(KOMMANDO, "NOKLER_PAKKES_OM", "hovednokkel", ring.newest)
    total = Renewal()
    for _ in range(ROUNDS):
        done = [_renew_place(place, ring, tell) for place in places]
        new = sum(one.renewed for one in done)
        total = Renewal(total.renewed + new, sum(one.unreadable for one in done))
        if not new:
            break
    with transaction():
        audit.record(
            KOMMANDO,
            "NOKLER_PAKKET_OM",
            "hovednokkel",
            ring.newest,
            antall=total.renewed,
            uleselige=total.unreadable,
        )
    return total


def _renew_place(place: Sealed, ring: KeyRing, tell: Callable[[str, Renewal], None]) -> Renewal:
    after: tuple[Any, ...] | None = None
    renewed = unreadable = 0
    while True:
        done, after = renew_portion(place, ring, after=after, limit=PORTION)
        renewed, unreadable = renewed + done.renewed, unreadable + done.unreadable
        if after is None:
            break
    total = Renewal(renewed, unreadable)
    if renewed or unreadable:
        tell(column_name(place), total)
    return total


def renew_portion(
    place: Sealed, ring: KeyRing, *, after: tuple[Any, ...] | None = None, limit: int
) -> tuple[Renewal, tuple[Any, ...] | None]:
    """Re-encrypt the next `limit` rows after primary key `after`, in one transaction; return the result and
    the last key.

    The key is None when no rows were left. A row is changed only if it still holds the value that was read;
    locked rows are skipped.
    """
    keys = inspect(place.column.class_).primary_key
    query = (
        select(*keys, place.column)
        .where(place.other_than(ring.prefix))
        .order_by(*keys)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    if after is not None:
        last = [literal(value, key.type) for key, value in zip(keys, after, strict=True)]
        query = query.where(tuple_(*keys) > tuple_(*last))
    with transaction() as tx:
        rows = [tuple(row) for row in tx.execute(query)]
        changes, unreadable = [], 0
        for *key, old in rows:
            try:
                changes.append((*key, old, place.renewed(old, ring)))
            except UNREADABLE:
                unreadable += 1
        renewed = _write(place, changes)
    return Renewal(renewed, unreadable), rows[-1][:-1] if rows else None


def _write(place: Sealed, changes: Sequence[tuple[Any, ...]]) -> int:
    """Write the changes (primary key …, old value, new value) whose row still holds the old value; return how
    many.
    """
    if not changes:
        return 0
    model = place.column.class_
    keys = list(inspect(model).primary_key)
    types = [*(key.type for key in keys), place.column.type, place.column.type]
    columns = [list(column) for column in zip(*changes, strict=True)]
    # One dimension, said: a JSON value that is a list would else be taken for a row of a table.
    arrays = [literal(values, ARRAY(kind, dimensions=1)) for values, kind in zip(columns, types, strict=True)]
    names = [*(key.name for key in keys), "gammel", "ny"]
    new = func.unnest(*arrays).table_valued(*names, name="ny").render_derived()
    changed = session().execute(
        update(model)
        .where(*(key == new.c[key.name] for key in keys), place.column == new.c.gammel)
        .values({place.column.key: new.c.ny})
        .returning(keys[0])
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())
