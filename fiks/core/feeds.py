"""Reading an outside system's feed from a stored marker, at least once: what an entry does must bear being repeated."""

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
    """How far one outside system has been read: its receipts, or the list of what lies in the object store.

    Also how far the house itself has come, which is noted in that store too (`fiks.drift.restored`), and that the
    database is a restored one which nobody has held against the channels (`fiks.drift.unreconciled`); and where a walk
    that takes days is (`fiks.core.audit_walk`), and how far signs of misuse have been looked for.
    """

    __tablename__ = "kvitteringsmarkor"
    kilde: Mapped[str] = mapped_column(primary_key=True)
    markor: Mapped[str | None]


def marker_of(kilde: str) -> str | None:
    """What is remembered of `kilde`; None when nothing is."""
    return session().scalar(select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == kilde))


def remember(kilde: str, markor: str | None) -> None:
    """Remember this of `kilde`, in the present transaction."""
    row = insert(Kvitteringsmarkor).values(kilde=kilde, markor=markor)
    session().execute(row.on_conflict_do_update(index_elements=["kilde"], set_={"markor": markor}))


def follow(
    kilde: str,
    read: Callable[[str | None, int], tuple[Sequence[Entry], str | None]],
    apply: Callable[[Entry], None],
) -> int:
    """Read one portion after the marker of `kilde`, apply each entry, then move the marker; return how many were read.

    `read` is told the marker and how many at most, and may raise KanalFeil, which passes through.
    """
    marker = marker_of(kilde)
    session().rollback()
    entries, following = read(marker, PORTION)
    for entry in entries:
        apply(entry)
    if following is not None and following != marker:
        with transaction():
            remember(kilde, following)
    return len(entries)
