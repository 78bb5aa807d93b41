"""Giro page of a mailing's documents: chosen for the mailing, remembered for its konto.

For a big PDF it is part of the set-up (`samlet.analysis.setup`).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.file_models import Brevoppsett
from fiks.utsending.filer.linking import recheck_files
from fiks.utsending.filer.requirements import reopen_with_files
from fiks.utsending.filer.rules import Giroside, Girovalg, giro_from_wire
from fiks.utsending.models import Utsending

MAX_PAGE = 200


def set_giro(utsending_id: UUID, girovalg: Girovalg, *, actor: Aktor) -> None:
    """Choose the giro page, remember it for the konto, and order every file to be checked anew.

    Errors: GIROSIDE_UGYLDIG (422), KAN_IKKE_ENDRES, FEIL_MATE (409).
    """
    access.require(utsending_id, actor, P.SENDE)
    if girovalg.side is Giroside.NUMMER and not 1 <= girovalg.nummer <= MAX_PAGE:
        raise UgyldigInndata("GIROSIDE_UGYLDIG", felt="nummer", grense=MAX_PAGE)
    with transaction() as tx:
        row = reopen_with_files(utsending_id, actor=actor)
        konto_id, art = row.konto_id, row.art
        before = giro_of(utsending_id)
        keep_giro(utsending_id, girovalg)
        chosen = insert(Brevoppsett).values(konto_id=konto_id, art=art, oppsett={KEY: girovalg.to_wire()})
        tx.execute(
            chosen.on_conflict_do_update(
                index_elements=["konto_id", "art"],
                set_={"oppsett": Brevoppsett.oppsett.op("||")(chosen.excluded.oppsett), "brukt": func.now()},
            )
        )
        if before != girovalg:
            recheck_files(utsending_id, actor.person_id)
        audit.record(
            actor,
            "GIROSIDE_VALGT",
            "utsending",
            utsending_id,
            side=str(girovalg.side),
            nummer=girovalg.nummer,
        )


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


def begin_giro(utsending_id: UUID) -> None:
    """Copy the konto's remembered choice to the mailing at its first file, in the present transaction."""
    keep_giro(utsending_id, giro_of(utsending_id))


def keep_giro(utsending_id: UUID, valg: Girovalg) -> None:
    """Store the choice as the mailing's own, in the present transaction."""
    session().execute(
        update(Utsending)
        .where(Utsending.id == utsending_id)
        .values(oppsett=Utsending.oppsett.op("||")(cast({KEY: valg.to_wire()}, JSONB)))
        .execution_options(synchronize_session=False)
    )
