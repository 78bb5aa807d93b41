"""Export of an organisation's grants as rows for a file: holder, privilege, ressurs, period. Never a whole
personal number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.konfigurasjon.authorization import is_open
from fiks.konfigurasjon.models import Gruppe, Integrasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.rules import Innehavertype, norwegian_order
from fiks.konfigurasjon.tilgang.conditions import has_not_ended, holder_of_grant, is_visible_to

MAX_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Eksportrad:
    """One grant. `sti` is the names of the ressurs and its ancestors, from the top."""

    innehaver: str
    fnr_maskert: str
    innehavertype: Innehavertype
    sti: tuple[str, ...]
    privilegium: str
    gyldig_fra: datetime
    gyldig_til: datetime | None
    sist_brukt: datetime | None
    gitt_av: str | None


def export_grants(organisasjon_id: UUID, *, actor: Aktor, limit: int = MAX_ROWS) -> list[Eksportrad]:
    """Return every grant that has not ended and that the actor may see, by ressurs and holder; audited.

    Raises IkkeTilgang when the actor may see none, Konflikt("EKSPORT_FOR_MANGE") for more than `limit`.
    """
    with transaction() as tx:
        nodes = tx.execute(
            select(Ressurs.id, Ressurs.navn, Ressurs.sti).where(Ressurs.organisasjon_id == organisasjon_id)
        ).all()
        navn = {node.id: node.navn for node in nodes}
        stier = {node.id: tuple(navn[step] for step in node.sti if step in navn) for node in nodes}
        open_to_actor = select(Ressurs.id).where(
            Ressurs.organisasjon_id == organisasjon_id, is_open(Ressurs), is_visible_to(Ressurs, actor)
        )
        ressurser = tx.scalars(open_to_actor).all()
        if not ressurser:
            raise IkkeTilgang("MANGLER_PRIVILEGIUM")
        giver = aliased(Person)
        rows = tx.execute(
            select(
                Tilgang,
                func.coalesce(Person.navn, Gruppe.navn, Integrasjon.navn).label("navn"),
                Person.fnr_maskert,
                giver.navn.label("gitt_av"),
            )
            .outerjoin(Person, Person.id == Tilgang.person_id)
            .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
            .outerjoin(Integrasjon, Integrasjon.id == Tilgang.integrasjon_id)
            .outerjoin(giver, giver.id == Tilgang.gitt_av)
            .where(Tilgang.ressurs_id.in_(ressurser), has_not_ended())
            .where(Gruppe.slettet.is_(None), Integrasjon.slettet.is_(None))
            .limit(limit + 1)
        ).all()
        if len(rows) > limit:
            raise Konflikt("EKSPORT_FOR_MANGE", grense=limit)
        found = [_exported(row.Tilgang, row.navn, row.fnr_maskert, row.gitt_av, stier) for row in rows]
        audit.record(
            actor,
            "DATA_EKSPORTERT",
            "tilganger",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            antall=len(found),
        )
        return sorted(found, key=_place)


def _place(rad: Eksportrad) -> tuple[object, ...]:
    return [norwegian_order(navn) for navn in rad.sti], norwegian_order(rad.innehaver), rad.privilegium


def _exported(
    row: Tilgang, navn: str, fnr_maskert: str | None, gitt_av: str | None, stier: dict[UUID, tuple[str, ...]]
) -> Eksportrad:
    return Eksportrad(
        innehaver=navn,
        fnr_maskert=fnr_maskert or "",
        innehavertype=holder_of_grant(row).type,
        sti=stier[row.ressurs_id],
        privilegium=row.privilegium,
        gyldig_fra=row.gyldig_fra,
        gyldig_til=row.gyldig_til,
        sist_brukt=row.sist_brukt,
        gitt_av=gitt_av,
    )
