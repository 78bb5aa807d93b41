"""Request id that a mailing's history keeps, so that background work can be traced to its request."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.telemetry import trace
from fiks.utsending.models import Utsendingshendelse
from fiks.utsending.rules import Utsendingstatus


def request_of(utsending_id: UUID, til: Utsendingstatus) -> str | None:
    """The request id of the last move to `til`; None when the history has none."""
    row = Utsendingshendelse
    known = row.detaljer[trace.KEY].astext
    last = select(known).where(row.utsending_id == utsending_id, row.til == til, known.is_not(None))
    return session().scalar(last.order_by(row.lopenr.desc()).limit(1))
