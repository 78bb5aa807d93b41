"""Rows that are to have a letter and have none, as the index of them knows them."""

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
"""Said as they are, so that the index of rows without a letter is known to hold them."""


def without_letter(
    utsending_id: UUID | InstrumentedAttribute[UUID] | ColumnElement[Any],
) -> Sequence[ColumnElement[bool]]:
    """A mailing's rows that are to have a letter and have none."""
    return (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(_SENDABLE),
    )
