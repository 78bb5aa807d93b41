"""The decision: may this actor do this, on this ressurs, now? One query, by index only, asked anew at every act.

A grant counts on its ressurs and all below it, from its first to its last moment by the database's own clock, and not
where the ressurs or anything above it is deleted. No job has to have run for a grant to end (konfigurasjon.md 2.2, 3).
A person for whom a machine calls has their own grants, but only those in the organisations that the machine works for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    and_,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.types import Uuid

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import usage
from fiks.konfigurasjon.grant_models import Gruppe, Gruppemedlem, Tilgang
from fiks.konfigurasjon.integration_models import Integrasjon
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import P, satisfying

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


def _of_person(person_id: UUID | BindParameter[UUID]) -> Grants:
    own = select(Tilgang.id).where(Tilgang.person_id == person_id, valid_now())
    by_group = (
        select(Tilgang.id)
        .join(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .join(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
        .where(Gruppemedlem.person_id == person_id, Gruppe.slettet.is_(None), valid_now())
    )
    return own, by_group


def _of_integrasjon(integrasjon_id: UUID | BindParameter[UUID]) -> Grants:
    own = select(Tilgang.id).join(Integrasjon, Integrasjon.id == Tilgang.integrasjon_id)
    return (own.where(Tilgang.integrasjon_id == integrasjon_id, Integrasjon.slettet.is_(None), valid_now()),)


def works_for(
    integrasjon_id: UUID | BindParameter[UUID], ressurs_id: UUID | InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """The machine works for the organisation of the ressurs: it is theirs, or they have given it access to something.

    It never works for the platform itself, whose ressurs is of no organisation.
    """
    node = aliased(Ressurs)
    return select(node.id).where(node.id == ressurs_id, _works_for_owner(integrasjon_id, node)).exists()


def _works_for_owner(integrasjon_id: UUID | BindParameter[UUID], node: type[Ressurs]) -> ColumnElement[bool]:
    """As `works_for`, of a ressurs that the query has at hand."""
    # Values, and neither EXISTS nor joins: these would be planned together with the ressurs, which costs more than it
    # saves in a question that is planned each time.
    access, below = aliased(Tilgang), aliased(Ressurs)
    given_by = select(below.organisasjon_id).where(below.id == access.ressurs_id).correlate(access)
    approved = select(access.id).where(
        access.integrasjon_id == integrasjon_id,
        valid_now(access),
        given_by.scalar_subquery() == node.organisasjon_id,
    )
    theirs = or_(Integrasjon.organisasjon_id == node.organisasjon_id, approved.correlate(node).exists())
    machine = select(theirs).where(Integrasjon.id == integrasjon_id, Integrasjon.slettet.is_(None))
    return machine.correlate(node).scalar_subquery()


def of_person(person_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """The valid grants that are the person's: their own, and those of the groups they are in."""
    return Tilgang.id.in_(select(_all(_of_person(person_id)).c.id))


def of_integrasjon(integrasjon_id: UUID) -> ColumnElement[bool]:
    """The valid grants that are the machine's, as long as it is not deleted."""
    return Tilgang.id.in_(select(_all(_of_integrasjon(integrasjon_id)).c.id))


def _all(grants: Grants) -> Subquery:
    return union_all(*grants).subquery()


def holder_of(actor: Aktor) -> ColumnElement[bool] | None:
    """Whose grants decide for `actor`, as a condition on `tilgang`; None when it can hold none."""
    holder = _holder(actor)
    if holder is None:
        return None
    kind, holder_id = holder
    if kind is Aktortype.INTEGRASJON:
        return of_integrasjon(holder_id)
    if actor.integrasjon_id is None:
        return of_person(holder_id)
    return of_person(holder_id) & works_for(actor.integrasjon_id, Tilgang.ressurs_id)


def _holder(actor: Aktor) -> tuple[Aktortype, UUID] | None:
    """Who holds the actor's grants. A machine that calls for a person acts with the person's, never its own; it only
    bounds where they count.
    """
    if actor.type is Aktortype.PERSON and actor.person_id is not None:
        return actor.type, actor.person_id
    if actor.type is Aktortype.INTEGRASJON and actor.integrasjon_id is not None:
        return actor.type, actor.integrasjon_id
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


def _statement(grants: Grants, machine: BindParameter[UUID] | None = None) -> CompoundSelect[UUID, str, bool]:
    """Every valid grant of `:holder` on `:ressurs` or above it: (id, privilege, whether its use is to be noted).

    None where `machine` does not work. Made once: to put it together takes longer than to have it answered.
    """
    node = aliased(Ressurs)
    found = select(node.sti).where(node.id == bindparam("ressurs", type_=Uuid()), is_open(node))
    path = (found if machine is None else found.where(_works_for_owner(machine, node))).cte("vei")
    on_path = Tilgang.ressurs_id == any_(cast(select(path.c.sti).scalar_subquery(), ARRAY(Uuid())))
    return union_all(*(way.add_columns(Tilgang.privilegium, usage.stale()).where(on_path) for way in grants))


HOLDER, MACHINE = bindparam("holder", type_=Uuid()), bindparam("maskin", type_=Uuid())
STATEMENTS = {
    Aktortype.PERSON: _statement(_of_person(HOLDER)),
    Aktortype.INTEGRASJON: _statement(_of_integrasjon(HOLDER)),
}
"""The one query of a decision, by who holds the grants."""
BY_MACHINE = _statement(_of_person(HOLDER), MACHINE)
"""The one query of a decision about a person for whom the integrasjon `:maskin` calls."""


@dataclass(frozen=True, slots=True)
class Rettigheter:
    """What an actor holds on one ressurs, itself or above it, at the moment that was asked: all of it, in one query."""

    _grants: Mapping[str, tuple[UUID, bool]]
    _house: bool = False

    @property
    def holds_something(self) -> bool:
        """Whether the actor holds anything at all there."""
        return self._house or bool(self._grants)

    def everything(self) -> frozenset[P]:
        """Everything the actor may, for what a page offers. That is no use of a grant."""
        return frozenset(p for p in P if self._house or satisfying(p) & self._grants.keys())

    def use(self, *privileges: P) -> bool:
        """Whether the actor may by one of `privileges`; the grant behind the first that is held is noted as used."""
        if self._house:
            return True
        for privilegium in privileges:
            ways = satisfying(privilegium) & self._grants.keys()
            if ways:
                tilgang_id, unused = self._grants[privilegium if privilegium in ways else min(ways)]
                if unused:
                    usage.note(tilgang_id)
                return True
        return False


def rettigheter(actor: Aktor, ressurs_id: UUID) -> Rettigheter:
    """What `actor` holds on the ressurs now, by one query. The house may everything."""
    if actor.is_house:
        return Rettigheter({}, _house=True)
    holder = _holder(actor)
    if holder is None:
        return Rettigheter({})
    kind, holder_id = holder
    asked = {"holder": holder_id, "ressurs": ressurs_id}
    if kind is Aktortype.PERSON and actor.integrasjon_id is not None:
        return _held(BY_MACHINE, asked | {"maskin": actor.integrasjon_id})
    return _held(STATEMENTS[kind], asked)


def _held(statement: CompoundSelect[UUID, str, bool], asked: Mapping[str, UUID]) -> Rettigheter:
    rows = session().execute(statement, asked)
    held: dict[str, tuple[UUID, bool]] = {}
    for tilgang_id, privilegium, unused in rows:
        held.setdefault(privilegium, (tilgang_id, unused))
    return Rettigheter(held)


def is_authorised(person_id: UUID, privilegium: P, ressurs_id: UUID) -> bool:
    """The decision function: does the person hold `privilegium` on the ressurs or on any ancestor, now?"""
    asked = {"holder": person_id, "ressurs": ressurs_id}
    return _held(STATEMENTS[Aktortype.PERSON], asked).use(privilegium)


def may(actor: Aktor, privilegium: P, ressurs_id: UUID) -> bool:
    """The decision function for any actor, without saying why not: the house may, others by their grants."""
    return rettigheter(actor, ressurs_id).use(privilegium)


def require(actor: Aktor, privilegium: P, ressurs_id: UUID) -> None:
    """Let the use case go on only if `actor` may: the house itself may, a person or a machine by privilege.

    Raises IkkeFunnet when the actor holds nothing at all there (it must not learn that the thing exists), and
    IkkeTilgang("MANGLER_PRIVILEGIUM") when it holds something else, or is nobody. One
    that logs in as a konto or a mottakersystem holds nothing, and must not learn of what others have.
    """
    held = rettigheter(actor, ressurs_id)
    if held.use(privilegium):
        return
    if held.holds_something:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(privilegium))
    if _holder(actor) is None and actor.konto_id is None and actor.mottakersystem_id is None:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    raise IkkeFunnet("FINNES_IKKE")


def require_each(actor: Aktor, privilegium: P, ressurser: Collection[UUID]) -> None:
    """As `require` on each of them, by one query as long as the actor may."""
    for ressurs_id, held in rights_on(ressurser, is_open(Ressurs), actor=actor).items():
        if not held.use(privilegium):
            require(actor, privilegium, ressurs_id)


def rights_on(
    ressurser: Collection[UUID], *conditions: ColumnElement[bool], actor: Aktor
) -> dict[UUID, Rettigheter]:
    """What `actor` holds on each of them, itself or above it, by one query; only grants of the `conditions`."""
    holder = holder_of(actor)
    held: dict[UUID, dict[str, tuple[UUID, bool]]] = {ressurs_id: {} for ressurs_id in ressurser}
    if holder is not None and held:
        rows = session().execute(
            select(Ressurs.id, Tilgang.id, Tilgang.privilegium, usage.stale())
            .join(Tilgang, Tilgang.ressurs_id == any_(Ressurs.sti))
            .where(Ressurs.id.in_(held), holder, *conditions)
        )
        for ressurs_id, tilgang_id, navn, unused in rows:
            held[ressurs_id].setdefault(navn, (tilgang_id, unused))
    return {ressurs_id: Rettigheter(grants, actor.is_house) for ressurs_id, grants in held.items()}
