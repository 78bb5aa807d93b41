"""Who sends: an organisation's name and number are not changed under letters that are laid out and not yet sent."""

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
from fiks.utsending.unfed import without_letter

_U = Utsendingstatus
LAID_OUT = (_U.PRODUSERES, _U.TIL_GODKJENNING, _U.GODKJENT, _U.FRIGITT)
"""What a mailing is while its letters are made and none of them has left."""
TOLD = 20
"""How many mailings are named at most."""


def change_sender(
    organisasjon_id: UUID, ny: Grunnopplysninger, *, begrunnelse: str, vist: str | None = None, actor: Aktor
) -> tuple[str, ...]:
    """As `change_organisasjon`, but Konflikt("UTSENDINGER_ER_LAGET", `utsendinger` by reference) while the organisation
    has mailings whose letters are made and not all handed over: what was approved is sent by who approved it.

    Its type is on no letter, nor is a kommunenummer where none stood (`municipality`): those may always be changed.
    """
    require_root(actor)
    with transaction():
        before = facts_of(lock_organisasjon_row(organisasjon_id))
        printed = replace(before, type=ny.type, kommunenr=before.kommunenr or ny.kommunenr)
        if ny != printed and (ready := _with_letters_ready(organisasjon_id)):
            raise Konflikt("UTSENDINGER_ER_LAGET", utsendinger=", ".join(ready))
        return change_organisasjon(organisasjon_id, ny, begrunnelse=begrunnelse, vist=vist, actor=actor)


def _with_letters_ready(organisasjon_id: UUID) -> list[str]:
    """The mailings with letters that are made and not handed over, by their references."""
    here = or_(Utsending.status.in_(LAID_OUT), and_(Utsending.status == _U.SENDES, _is_going_out()))
    ready = select(Utsending.nr, Utsending.opprettet).where(Utsending.organisasjon_id == organisasjon_id)
    rows = session().execute(ready.where(here).order_by(Utsending.nr).limit(TOLD))
    return [reference(*row) for row in rows]


def _is_going_out() -> ColumnElement[bool]:
    """Of a mailing being sent: whether a row has no letter yet, or a hand-over is open.

    Values and not "exists", so that each mailing's are looked for by the index.
    """
    row = select(Utsendingsrad.radnr).where(*without_letter(Utsending.id)).limit(1)
    handing = select(Levering.id).where(
        Levering.utsending_id == Utsending.id, Levering.status.in_([str(s) for s in OPEN])
    )
    return or_(
        row.correlate(Utsending).scalar_subquery().is_not(None),
        handing.correlate(Utsending).limit(1).scalar_subquery().is_not(None),
    )
