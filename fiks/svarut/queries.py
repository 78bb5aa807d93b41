"""Who may read a letter, and serving its documents to them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.konfigurasjon.person import representation
from fiks.svarut.models import Eksponering, Forsendelse
from fiks.svarut.rules import Mottakertype


def required_right(forsendelse_id: UUID) -> str | None:
    """The service (`konfigurasjon.parties`) whose right opens the letter for an organisation.

    None when only persons can be its readers; then nobody needs to ask whom a person may act for.
    """
    exposed = select(Eksponering.forsendelse_id).where(Eksponering.forsendelse_id == Forsendelse.id)
    letter = (
        session()
        .execute(
            select(Forsendelse.mottakertype, Forsendelse.taushetsbelagt, exposed.exists()).where(
                Forsendelse.id == forsendelse_id
            )
        )
        .first()
    )
    if letter is None or not (letter.mottakertype == Mottakertype.ORGANISASJON or letter[2]):
        return None
    return representation.CONFIDENTIAL if letter.taushetsbelagt else representation.SVARUT
