"""Reads of SvarUt for its receivers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Mottakertype


def is_for_organisation(forsendelse_id: UUID) -> bool:
    """Whether the letter is to an organisation, so that it matters which ones a person may act for."""
    kind = (
        session()
        .execute(select(Forsendelse.mottakertype).where(Forsendelse.id == forsendelse_id))
        .scalar_one_or_none()
    )
    return kind == Mottakertype.ORGANISASJON
