"""Deferred deletes: stored objects that a transaction makes unneeded are deleted after its commit, never
after a rollback.

An object whose deletion fails is left without an owner; the planned job for strays finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fiks.core.environment import current
from fiks.core.storage.store import LagerUtilgjengelig

log = logging.getLogger(__name__)

_DISCARDED = "fiks_discarded"


def collect(session: Session, objekter: Iterable[str]) -> None:
    """Register these objects for deletion when this session's transaction commits."""
    session.info.setdefault(_DISCARDED, []).extend(objekter)


def forget(session: Session) -> None:
    """Drop the registered deletions of a rolled-back transaction."""
    session.info.pop(_DISCARDED, None)


def delete_collected(session: Session) -> None:
    """Delete the registered objects."""
    delete_now(session.info.pop(_DISCARDED, []))


def delete_now(unneeded: Iterable[str]) -> None:
    """Delete objects that no row refers to. A failing store is logged and not raised: the use case is already
    done.
    """
    objekter = sorted(set(unneeded))
    if not objekter:
        return
    try:
        current().store.delete_all(objekter)
    except LagerUtilgjengelig as error:
        log.warning("objects_not_deleted", extra={"antall": len(objekter), "kode": error.kode})


@contextmanager
def delete_on_failure(objekter: Callable[[], Iterable[str]]) -> Iterator[None]:
    """Delete these objects when the block, which writes the rows that refer to them, raises.

    After a database error nobody knows whether a row was written: then the objects stay, and the job for
    strays finds them.
    """
    try:
        yield
    except DBAPIError:
        raise
    except BaseException:
        delete_now(objekter())
        raise
