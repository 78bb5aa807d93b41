"""Stored objects a transaction makes unneeded: deleted when it has been committed, never when it is rolled back.

An object that could not be deleted then is nobody's, and is found by the planned job that looks for such.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fiks.core.environment import current
from fiks.core.storage import LagerUtilgjengelig

log = logging.getLogger(__name__)

_DISCARDED = "fiks_discarded"


def collect(session: Session, objekter: Iterable[str]) -> None:
    """Remember that these objects shall go when this session's transaction commits."""
    session.info.setdefault(_DISCARDED, []).extend(objekter)


def forget(session: Session) -> None:
    """Keep what a rolled-back transaction had wanted to delete."""
    session.info.pop(_DISCARDED, None)


def delete_collected(session: Session) -> None:
    """Delete what was collected."""
    delete_now(session.info.pop(_DISCARDED, []))


def delete_now(unneeded: Iterable[str]) -> None:
    """Delete objects that no row refers to; a store that fails is logged and breaks nothing: the use case is done."""
    objekter = sorted(set(unneeded))
    if not objekter:
        return
    try:
        current().store.delete_all(objekter)
    except LagerUtilgjengelig as error:
        log.warning("objects_not_deleted", extra={"antall": len(objekter), "kode": error.kode})


@contextmanager
def kept_by_rows(objekter: Callable[[], Iterable[str]]) -> Iterator[None]:
    """The block writes the rows that keep these objects; when it raises, nobody has them and they are deleted.

    After a database error nobody knows whether a row has them: then they are left, and found by the job for strays.
    """
    try:
        yield
    except DBAPIError:
        raise
    except BaseException:
        delete_now(objekter())
        raise
