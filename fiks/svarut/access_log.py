"""Audit entry for viewing a letter. Its receiver sees the entry in their own innsynslogg."""

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


def record_view(
    actor: Aktor,
    handling: str,
    forsendelse_id: UUID,
    *,
    by_receiver: bool = False,
    ressurs_id: UUID | None = None,
    **detaljer: Any,
) -> None:
    """Write the audit entry in the present transaction. The receiver's own views are not about anybody else
    (`gjelder` None).
    """
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
    """The index of the person whom the entry is about; None for other receivers and when the receiver is
    deleted.
    """
    if mottakertype != Mottakertype.PERSON or sealed is None:
        return None
    return fnr_index(unseal_mottaker(sealed).digital_id)
