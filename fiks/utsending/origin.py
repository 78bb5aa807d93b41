"""The request that brought a mailing where it is: kept by its history, followed by whoever works on it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core import trace
from fiks.core.db import session
from fiks.utsending.models import Utsendingshendelse
from fiks.utsending.rules import Utsendingstatus


def request_of(utsending_id: UUID, til: Utsendingstatus) -> str | None:
    """The request that last made the mailing `til`, if its history knows."""
    row = Utsendingshendelse
    known = row.detaljer[trace.KEY].astext
    last = select(known).where(row.utsending_id == utsending_id, row.til == til, known.is_not(None))
    return session().scalar(last.order_by(row.lopenr.desc()).limit(1))
