"""Change of an organisation's name and number, refused while letters with the old ones are unsent."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.operators import require_root
from fiks.konfigurasjon.organisasjon.service import lock_organisasjon_row
from fiks.konfigurasjon.rot.corrections import Grunnopplysninger, change_organisasjon, facts_of
from fiks.svarut.models import Levering
from fiks.svarut.rules import OPEN
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Utsendingstatus, reference
from fiks.utsending.sending.feeder import without_letter

_U = Utsendingstatus
LETTERS_MADE = (_U.PRODUSERES, _U.TIL_GODKJENNING, _U.GODKJENT, _U.FRIGITT)
"""Statuses of a mailing whose letters are made or being made while none of them has left."""
MAX_NAMED = 20
"""How many mailings the error names at most."""


def change_sender(
    organisasjon_id: UUID, ny: Grunnopplysninger, *, begrunnelse: str, vist: str | None = None, actor: Aktor
) -> tuple[str, ...]:
    """As `change_organisasjon`, but refused while the organisation has made letters not yet handed over.

    Konflikt("UTSENDINGER_ER_LAGET", `utsendinger`: their references): what was approved must be sent by the
    sender that was approved. The type is on no letter, nor is a kommunenummer that was empty until now
    (`letters.inputs`): those may always change.
    """
    require_root(actor)
    with transaction():
        before = facts_of(lock_organisasjon_row(organisasjon_id))
        printed = replace(before, type=ny.type, kommunenr=before.kommunenr or ny.kommunenr)
        if ny != printed and (ready := _mailings_with_letters_made(organisasjon_id)):
            raise Konflikt("UTSENDINGER_ER_LAGET", utsendinger=", ".join(ready))
        return change_organisasjon(organisasjon_id, ny, begrunnelse=begrunnelse, vist=vist, actor=actor)


def _mailings_with_letters_made(organisasjon_id: UUID) -> list[str]:
    """References of the mailings whose letters are made and not all handed over."""
    here = or_(Utsending.status.in_(LETTERS_MADE), and_(Utsending.status == _U.SENDES, _has_unsent_letters()))
    ready = select(Utsending.nr, Utsending.opprettet).where(Utsending.organisasjon_id == organisasjon_id)
    rows = session().execute(ready.where(here).order_by(Utsending.nr).limit(MAX_NAMED))
    return [reference(*row) for row in rows]


def _has_unsent_letters() -> ColumnElement[bool]:
    """SQL on a mailing in SENDES: some row has no letter yet, or some levering is open.

    Scalar subqueries instead of EXISTS, so that PostgreSQL uses the index for each mailing.
    """
    row = select(Utsendingsrad.radnr).where(*without_letter(Utsending.id)).limit(1)
    handing = select(Levering.id).where(
        Levering.utsending_id == Utsending.id, Levering.status.in_([str(s) for s in OPEN])
    )
    return or_(
        row.correlate(Utsending).scalar_subquery().is_not(None),
        handing.correlate(Utsending).limit(1).scalar_subquery().is_not(None),
    )
