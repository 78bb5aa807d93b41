"""Who sends: an organisation's name and number are not changed under letters that are laid out and not yet sent."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.organisation_change import Grunnopplysninger, change_organisasjon, facts_of
from fiks.konfigurasjon.organisations import lock
from fiks.konfigurasjon.root import require_root
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus

_U = Utsendingstatus
LAID_OUT = (_U.PRODUSERES, _U.TIL_GODKJENNING, _U.GODKJENT, _U.FRIGITT, _U.SENDES)


def change_sender(
    organisasjon_id: UUID, ny: Grunnopplysninger, *, begrunnelse: str, vist: str | None = None, actor: Aktor
) -> tuple[str, ...]:
    """As `change_organisasjon`, but Konflikt("UTSENDINGER_ER_LAGET") while the organisation has mailings whose letters
    are made and not all handed over, unless only its type changes: what was approved is sent by who approved it.
    """
    require_root(actor)
    with transaction():
        before = facts_of(lock(organisasjon_id))
        if replace(ny, type=before.type) != before and _has_letters_ready(organisasjon_id):
            raise Konflikt("UTSENDINGER_ER_LAGET")
        return change_organisasjon(organisasjon_id, ny, begrunnelse=begrunnelse, vist=vist, actor=actor)


def _has_letters_ready(organisasjon_id: UUID) -> bool:
    ready = select(Utsending.id).where(
        Utsending.organisasjon_id == organisasjon_id, Utsending.status.in_(LAID_OUT)
    )
    return bool(session().scalar(select(ready.exists())))
