"""The giro page in force for a mailing: its own choice, else its konto's last one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import cast, select, update
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core.db import session
from fiks.utsending.file_models import Brevoppsett
from fiks.utsending.filer.rules import Girovalg, giro_from_wire
from fiks.utsending.models import Utsending

KEY = "giro"


def giro_of(utsending_id: UUID) -> Girovalg:
    """Return the mailing's own choice, else its konto's last choice for the same way of sending."""
    own, remembered = (
        session()
        .execute(
            select(Utsending.oppsett[KEY], Brevoppsett.oppsett[KEY])
            .outerjoin(
                Brevoppsett, (Brevoppsett.konto_id == Utsending.konto_id) & (Brevoppsett.art == Utsending.art)
            )
            .where(Utsending.id == utsending_id)
        )
        .one()
    )
    return giro_from_wire(own or remembered)


def begin(utsending_id: UUID) -> None:
    """Copy the konto's remembered choice to the mailing at its first file, in the present transaction."""
    keep(utsending_id, giro_of(utsending_id))


def keep(utsending_id: UUID, valg: Girovalg) -> None:
    """Store the choice as the mailing's own, in the present transaction."""
    session().execute(
        update(Utsending)
        .where(Utsending.id == utsending_id)
        .values(oppsett=Utsending.oppsett.op("||")(cast({KEY: valg.to_wire()}, JSONB)))
        .execution_options(synchronize_session=False)
    )
