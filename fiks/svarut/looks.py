"""Somebody sees what a letter says: written so that a person it is to finds it again in their own innsynslogg."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.person.service import fnr_index
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Mottakertype


def record_look(
    actor: Aktor,
    handling: str,
    forsendelse_id: UUID,
    *,
    by_receiver: bool = False,
    ressurs_id: UUID | None = None,
    **detaljer: Any,
) -> None:
    """Write the audit row in the present transaction. What its receiver does with a letter is no look at them."""
    letter = select(
        Forsendelse.organisasjon_id, Forsendelse.mottakertype, Forsendelse.mottaker_kryptert
    ).where(Forsendelse.id == forsendelse_id)
    row = session().execute(letter).one()
    audit.record(
        actor,
        handling,
        "forsendelse",
        forsendelse_id,
        organisasjon_id=row.organisasjon_id,
        ressurs_id=ressurs_id,
        tjeneste="SVARUT",
        gjelder=None if by_receiver else _whose(row.mottakertype, row.mottaker_kryptert),
        **detaljer,
    )


def _whose(mottakertype: str, sealed: bytes | None) -> bytes | None:
    """None for what is to no person, and when whom it was to has been deleted."""
    if mottakertype != Mottakertype.PERSON or sealed is None:
        return None
    return fnr_index(unseal_mottaker(sealed).digital_id)
