"""SQL condition for sendable rows without a forsendelse.

The statuses are literals, so that PostgreSQL uses the partial index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam
from sqlalchemy.orm import InstrumentedAttribute

from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import SENDABLE_NAMES

_SENDABLE: BindParameter[list[str]] = bindparam(
    "sendable", SENDABLE_NAMES, expanding=True, literal_execute=True
)
"""Sendable statuses, written as literals in the SQL, so that the partial index matches."""


def without_letter(
    utsending_id: UUID | InstrumentedAttribute[UUID] | ColumnElement[Any],
) -> Sequence[ColumnElement[bool]]:
    """Conditions for the mailing's sendable rows without a forsendelse."""
    return (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(_SENDABLE),
    )
