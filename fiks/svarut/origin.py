"""The request that a letter came from: kept in the first row of its history, used to trace log lines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy import ColumnElement, select

from fiks.core.db import session, table_of
from fiks.core.telemetry import trace
from fiks.svarut.models import Hendelse

REQUEST: ColumnElement[str | None] = table_of(Hendelse).c.detaljer[trace.KEY].astext
FIRST = 1


def requests_of(forsendelse_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The request ids of these letters, where known."""
    rows = session().execute(
        select(Hendelse.forsendelse_id, REQUEST).where(
            Hendelse.forsendelse_id.in_(forsendelse_ids), Hendelse.lopenr == FIRST, REQUEST.is_not(None)
        )
    )
    return {row[0]: str(row[1]) for row in rows}


def following(forsendelse_id: UUID) -> AbstractContextManager[None]:
    """Context manager: log lines inside carry the letter's id and the id of its request."""
    known = requests_of([forsendelse_id])
    return trace.continue_trace(known.get(forsendelse_id), forsendelse=str(forsendelse_id))
