"""Whether the database is a restored one whose unsent letters nobody has looked up since.

It is kept apart from why sending is stopped, which an operator may write anew. The steps here are of the caller's
transaction.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select

from fiks.core.db import session
from fiks.core.feeds import Kvitteringsmarkor, remember

KILDE = "IKKE_AVSTEMT"
_IS = Kvitteringsmarkor.kilde == KILDE


def note(epoke: str) -> None:
    """From now on it is one; `epoke` is how far the house counts from there."""
    remember(KILDE, epoke)


def is_noted() -> bool:
    """Whether it is one now."""
    return bool(session().execute(select(exists().where(_IS))).scalar_one())


def clear() -> bool:
    """It is one no more; return whether it was."""
    gone = session().execute(delete(Kvitteringsmarkor).where(_IS).returning(Kvitteringsmarkor.kilde))
    return gone.first() is not None
