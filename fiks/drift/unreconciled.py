"""Whether the database is a restored one whose unsent letters nobody has looked up since, and when that was found.

It is kept apart from why sending is stopped, which an operator may write anew. The steps here are of the caller's
transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select

from fiks.core import clock
from fiks.core.db import session
from fiks.core.feeds import Kvitteringsmarkor, marker_of, remember

KILDE = "IKKE_AVSTEMT"
_IS = Kvitteringsmarkor.kilde == KILDE


def note(epoke: str) -> None:
    """From now on it is one; `epoke` is how far the house counts from there, or that somebody said so."""
    remember(KILDE, f"{epoke} {clock.now().isoformat()}")


def is_noted() -> bool:
    """Whether it is one now."""
    return bool(session().execute(select(exists().where(_IS))).scalar_one())


def since() -> datetime | None:
    """When it was noted that it is one (business time), and so later than the restore. None: when is not known, as of
    one that a release before this one noted; or it is none.
    """
    last = (marker_of(KILDE) or "").rpartition(" ")[2]
    try:
        return datetime.fromisoformat(last)
    except ValueError:
        return None


def clear() -> bool:
    """It is one no more; return whether it was."""
    gone = session().execute(delete(Kvitteringsmarkor).where(_IS).returning(Kvitteringsmarkor.kilde))
    return gone.first() is not None
