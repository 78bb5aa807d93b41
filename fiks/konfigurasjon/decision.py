"""The decision: may this actor do this, on this ressurs, now? One query, by index only, asked anew at every act.

A grant counts on its ressurs and all below it, from its first to its last moment by the database's own clock, and not
where the ressurs or anything above it is deleted. No job has to have run for a grant to end (konfigurasjon.md 2.2, 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Subquery, and_, any_, cast, func, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import usage
from fiks.konfigurasjon.grant_models import Gruppe, Gruppemedlem, Tilgang
from fiks.konfigurasjon.integration_models import Integrasjon
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import USED_EVERY, P, satisfying

Grants = Sequence[Select[UUID]]
"""Ways to hold a grant, each a select of the ids of valid grants from `tilgang`; together all of a holder's."""


def valid_now(tilgang: type[Tilgang] = Tilgang) -> ColumnElement[bool]:
    """The grant has begun and is not over, by the database's clock."""
    return and_(
        tilgang.avsluttet.is_(None),
        tilgang.gyldig_fra <= func.now(),
        or_(tilgang.gyldig_til.is_(None), tilgang.gyldig_til > func.now()),
    )


def is_open(node: type[Ressurs]) -> ColumnElement[bool]:
    """Neither the ressurs nor anything above it is deleted."""
    above = aliased(Ressurs)
    deleted = select(above.id).where(above.id == any_(node.sti), above.slettet.is_not(None))
    return ~deleted.correlate(node).exists()


def _of_person(person_id: UUID) -> Grants:
    own = select(Tilgang.id).where(Tilgang.person_id == person_id, valid_now())
    by_group = (
        select(Tilgang.id)
        .join(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .join(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
        .where(Gruppemedlem.person_id == person_id, Gruppe.slettet.is_(None), valid_now())
    )
    return own, by_group


def _of_integrasjon(integrasjon_id: UUID) -> Grants:
    own = select(Tilgang.id).join(Integrasjon, Integrasjon.id == Tilgang.integrasjon_id)
    return (own.where(Tilgang.integrasjon_id == integrasjon_id, Integrasjon.slettet.is_(None), valid_now()),)


def of_person(person_id: UUID) -> ColumnElement[bool]:
    """The valid grants that are the person's: their own, and those of the groups they are in."""
    return Tilgang.id.in_(select(_all(_of_person(person_id)).c.id))


def of_integrasjon(integrasjon_id: UUID) -> ColumnElement[bool]:
    """The valid grants that are the machine's, as long as it is not deleted."""
    return Tilgang.id.in_(select(_all(_of_integrasjon(integrasjon_id)).c.id))


def _all(grants: Grants) -> Subquery:
    return union_all(*grants).subquery()


def holder_of(actor: Aktor) -> ColumnElement[bool] | None:
    """Whose grants decide for `actor`, as a condition on `tilgang`; None when it can hold none."""
    grants = _grants_of(actor)
    return None if grants is None else Tilgang.id.in_(select(_all(grants).c.id))


def _grants_of(actor: Aktor) -> Grants | None:
    """A machine that calls for a person acts with the person's grants, never its own."""
    if actor.type is Aktortype.PERSON and actor.person_id is not None:
        return _of_person(actor.person_id)
    if actor.type is Aktortype.INTEGRASJON and actor.integrasjon_id is not None:
        return _of_integrasjon(actor.integrasjon_id)
    return None


def held(holder: ColumnElement[bool], privileges: Iterable[P]) -> Select[UUID]:
    """The ressurser on which the holder has one of `privileges` now."""
    names = [str(p) for p in privileges]
    return select(Tilgang.ressurs_id).where(holder, Tilgang.privilegium.in_(names), valid_now())


def below_held(
    node: type[Ressurs], holder: ColumnElement[bool], privileges: Iterable[P]
) -> ColumnElement[bool]:
    """The holder has one of `privileges` on the ressurs or above it."""
    step = select(func.unnest(node.sti).label("ledd")).correlate(node).subquery().lateral()
    return select(1).select_from(step).where(step.c.ledd.in_(held(holder, privileges))).exists()


def decision_query(grants: Grants, privilegium: P, ressurs_id: UUID) -> Select[UUID, bool]:
    """At most one row (grant, whether its use should be noted): the grant that gives the right, its own name first."""
    path = cast(
        select(Ressurs.sti).where(Ressurs.id == ressurs_id, is_open(Ressurs)).scalar_subquery(),
        ARRAY(Uuid(as_uuid=True)),
    )
    names = [str(p) for p in satisfying(privilegium)]
    stale = or_(Tilgang.sist_brukt.is_(None), Tilgang.sist_brukt < func.now() - USED_EVERY)
    ways = [
        way.add_columns(Tilgang.privilegium, stale.label("ubrukt")).where(
            Tilgang.ressurs_id == any_(path), Tilgang.privilegium.in_(names)
        )
        for way in grants
    ]
    found = union_all(*ways).subquery()
    exact = found.c.privilegium != str(privilegium)
    return select(found.c.id, found.c.ubrukt).order_by(exact).limit(1)


def _decide(grants: Grants, privilegium: P, ressurs_id: UUID) -> bool:
    row = session().execute(decision_query(grants, privilegium, ressurs_id)).first()
    if row is not None and row[1]:
        usage.note(row[0])
    return row is not None


def _holds_anything(grants: Grants, ressurs_id: UUID) -> bool:
    path = select(func.unnest(Ressurs.sti)).where(Ressurs.id == ressurs_id, is_open(Ressurs))
    found = select(Tilgang.id).where(Tilgang.id.in_(select(_all(grants).c.id)), Tilgang.ressurs_id.in_(path))
    return bool(session().execute(select(found.exists())).scalar_one())


def is_authorised(person_id: UUID, privilegium: P, ressurs_id: UUID) -> bool:
    """The decision function: does the person hold `privilegium` on the ressurs or on any ancestor, now?"""
    return _decide(_of_person(person_id), privilegium, ressurs_id)


def may(actor: Aktor, privilegium: P, ressurs_id: UUID) -> bool:
    """The decision function for any actor, without saying why not: the house may, others by their grants."""
    grants = _grants_of(actor)
    return actor.is_house or (grants is not None and _decide(grants, privilegium, ressurs_id))


def require(actor: Aktor, privilegium: P, ressurs_id: UUID) -> None:
    """Let the use case go on only if `actor` may: the house itself may, a person or a machine by privilege.

    Raises IkkeFunnet when the actor holds nothing at all there (it must not learn that the thing exists), and
    IkkeTilgang("MANGLER_PRIVILEGIUM") when it holds something else.
    """
    if actor.is_house:
        return
    grants = _grants_of(actor)
    if actor.konto_id is not None:  # has its own konto and holds nothing anywhere
        raise IkkeFunnet("FINNES_IKKE")
    if grants is None:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    if _decide(grants, privilegium, ressurs_id):
        return
    if _holds_anything(grants, ressurs_id):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(privilegium))
    raise IkkeFunnet("FINNES_IKKE")
