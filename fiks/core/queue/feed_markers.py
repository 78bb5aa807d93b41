"""Reads an outside system's feed from a stored marker, at least once: processing an entry must be idempotent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base, session, transaction

PORTION = 200
Entry = TypeVar("Entry")


class Kvitteringsmarkor(Base):
    """How far a source has been read: an outside system's receipts, or the list of objects in the object
    store.

    The house uses the same table for its own positions: the epoch that is also noted in the store
    (`fiks.drift.restore_guard`), the mark of a restored database that is not reconciled yet
    (`fiks.drift.reconciliation_mark`), the position of the days-long walk along the audit chain
    (`fiks.core.audit_upkeep.chain_verification`), and how far the search for signs of misuse has come.
    """

    __tablename__ = "kvitteringsmarkor"
    kilde: Mapped[str] = mapped_column(primary_key=True)
    markor: Mapped[str | None]


def load_marker(kilde: str) -> str | None:
    """Return the stored marker of `kilde`; None when there is none."""
    return session().scalar(select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == kilde))


def save_marker(kilde: str, markor: str | None) -> None:
    """Store the marker of `kilde`, in the present transaction."""
    row = insert(Kvitteringsmarkor).values(kilde=kilde, markor=markor)
    session().execute(row.on_conflict_do_update(index_elements=["kilde"], set_={"markor": markor}))


def follow_feed(
    kilde: str,
    read: Callable[[str | None, int], tuple[Sequence[Entry], str | None]],
    apply: Callable[[Entry], None],
) -> int:
    """Read one portion after the marker of `kilde`, apply each entry, then move the marker; return the number
    of entries.

    `read` gets the marker and the maximum number of entries. It may raise KanalFeil, which passes through.
    """
    marker = load_marker(kilde)
    session().rollback()
    entries, following = read(marker, PORTION)
    for entry in entries:
        apply(entry)
    if following is not None and following != marker:
        with transaction():
            save_marker(kilde, following)
    return len(entries)
