"""The mark that the database is a restored one whose unsent letters have not been looked up, and when that
was noticed.

It is separate from the reason for the stop of sending, which an operator may overwrite. All functions work in
the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select

from fiks.core import clock
from fiks.core.db import session
from fiks.core.queue.feed_markers import Kvitteringsmarkor, load_marker, save_marker

KILDE = "IKKE_AVSTEMT"
_IS = Kvitteringsmarkor.kilde == KILDE


def mark(epoke: str) -> None:
    """Mark the database as restored; `epoke` is the epoch it counts from, or the word for a person's
    declaration.
    """
    save_marker(KILDE, f"{epoke} {clock.now().isoformat()}")


def is_marked() -> bool:
    """Return whether the database is marked as restored."""
    return bool(session().execute(select(exists().where(_IS))).scalar_one())


def marked_since() -> datetime | None:
    """Return when the mark was set (business time), which is later than the restore.

    None when the database is not marked, or when an earlier release marked it without a time.
    """
    last = (load_marker(KILDE) or "").rpartition(" ")[2]
    try:
        return datetime.fromisoformat(last)
    except ValueError:
        return None


def clear() -> bool:
    """Remove the mark; return whether there was one."""
    gone = session().execute(delete(Kvitteringsmarkor).where(_IS).returning(Kvitteringsmarkor.kilde))
    return gone.first() is not None
