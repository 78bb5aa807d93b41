"""Authorisation: may this actor do this on this ressurs now? One indexed query, asked again at every act.

A grant applies to its ressurs and everything below it, within its period by the database's clock, and not
where the ressurs or an ancestor is deleted. No job has to run for a grant to end (konfigurasjon.md 2.2, 3). A
person for whom a machine calls has their own grants, but only in the organisations that machine works for.
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
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Integrasjon, Ressurs, Tilgang
from fiks.konfigurasjon.rules import P, satisfying

Grants = Sequence[Select[UUID]]
"""The ways to hold a grant: selects of ids of valid grants from `tilgang`, together all of a holder's grants.
"""


def valid_now(tilgang: type[Tilgang] = Tilgang) -> ColumnElement[bool]:
    """SQL: the grant has begun and has not ended, by the database's clock."""
    return and_(
        tilgang.avsluttet.is_(None),
        tilgang.gyldig_fra <= func.now(),
        or_(tilgang.gyldig_til.is_(None), tilgang.gyldig_til > func.now()),
    )


def is_open(node: type[Ressurs]) -> ColumnElement[bool]:
    """SQL: neither the ressurs nor any ancestor is deleted."""
    above = aliased(Ressurs)
    deleted = select(above.id).where(above.id == any_(node.sti), above.slettet.is_not(None))
    return ~deleted.correlate(node).exists()


def _grants_of_person(person_id: UUID | BindParameter[UUID]) -> Grants:
    own = select(Tilgang.id).where(Tilgang.person_id == person_id, valid_now())
    by_group = (
        select(Tilgang.id)
        .join(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .join(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
        .where(Gruppemedlem.person_id == person_id, Gruppe.slettet.is_(None), valid_now())
    )
    return own, by_group


def _grants_of_integrasjon(integrasjon_id: UUID | BindParameter[UUID]) -> Grants:
    own = select(Tilgang.id).join(Integrasjon, Integrasjon.id == Tilgang.integrasjon_id)
    return (own.where(Tilgang.integrasjon_id == integrasjon_id, Integrasjon.slettet.is_(None), valid_now()),)


def works_for(
    integrasjon_id: UUID | BindParameter[UUID], ressurs_id: UUID | InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """SQL: the machine works for the ressurs' organisation, which owns it or has given it access to
    something.

    A machine never works for the platform itself, whose ressurs belongs to no organisation.
    """
    node = aliased(Ressurs)
    return select(node.id).where(node.id == ressurs_id, _works_for_owner(integrasjon_id, node)).exists()


def _works_for_owner(integrasjon_id: UUID | BindParameter[UUID], node: type[Ressurs]) -> ColumnElement[bool]:
    """SQL: as `works_for`, for a ressurs that is already in the query."""
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


def grants_of_person(person_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """SQL: the grant is valid and the person's, own or through a group."""
    return Tilgang.id.in_(select(_union(_grants_of_person(person_id)).c.id))


def grants_of_integrasjon(integrasjon_id: UUID) -> ColumnElement[bool]:
    """SQL: the grant is valid and the machine's, and the machine is not deleted."""
    return Tilgang.id.in_(select(_union(_grants_of_integrasjon(integrasjon_id)).c.id))


def _union(grants: Grants) -> Subquery:
    return union_all(*grants).subquery()


def holder_of(actor: Aktor) -> ColumnElement[bool] | None:
    """SQL condition on `tilgang`: the grants that decide for `actor`; None when the actor can hold no grants."""
    holder = _holder(actor)
    if holder is None:
        return None
    kind, holder_id = holder
    if kind is Aktortype.INTEGRASJON:
        return grants_of_integrasjon(holder_id)
    if actor.integrasjon_id is None:
        return grants_of_person(holder_id)
    return grants_of_person(holder_id) & works_for(actor.integrasjon_id, Tilgang.ressurs_id)


def _holder(actor: Aktor) -> tuple[Aktortype, UUID] | None:
    """Return the type and id of the holder whose grants the actor uses, None if none.

    A machine that calls for a person uses the person's grants, never its own; it only limits where they
    apply.
    """
    if actor.type is Aktortype.PERSON and actor.person_id is not None:
        return actor.type, actor.person_id
    if actor.type is Aktortype.INTEGRASJON and actor.integrasjon_id is not None:
        return actor.type, actor.integrasjon_id
    return None


def ressurser_held(holder: ColumnElement[bool], privileges: Iterable[P]) -> Select[UUID]:
    """Select the ressurser on which the holder has one of `privileges` now."""
    names = [str(p) for p in privileges]
    return select(Tilgang.ressurs_id).where(holder, Tilgang.privilegium.in_(names), valid_now())


def below_held(
    node: type[Ressurs], holder: ColumnElement[bool], privileges: Iterable[P]
) -> ColumnElement[bool]:
    """SQL: the holder has one of `privileges` on the ressurs or an ancestor."""
    step = select(func.unnest(node.sti).label("ledd")).correlate(node).subquery().lateral()
    return select(1).select_from(step).where(step.c.ledd.in_(ressurser_held(holder, privileges))).exists()


def _statement(grants: Grants, machine: BindParameter[UUID] | None = None) -> CompoundSelect[UUID, str, bool]:
    """Build the query of valid grants of `:holder` on `:ressurs` or above: (id, privilege, whether its use
    must be written).

    No rows where `machine` does not work. Built once, because building it takes longer than running it.
    """
    node = aliased(Ressurs)
    found = select(node.sti).where(node.id == bindparam("ressurs", type_=Uuid()), is_open(node))
    path = (found if machine is None else found.where(_works_for_owner(machine, node))).cte("vei")
    on_path = Tilgang.ressurs_id == any_(cast(select(path.c.sti).scalar_subquery(), ARRAY(Uuid())))
    return union_all(
        *(
            way.add_columns(Tilgang.privilegium, grant_usage.is_use_outdated()).where(on_path)
            for way in grants
        )
    )


HOLDER, MACHINE = bindparam("holder", type_=Uuid()), bindparam("maskin", type_=Uuid())
STATEMENTS = {
    Aktortype.PERSON: _statement(_grants_of_person(HOLDER)),
    Aktortype.INTEGRASJON: _statement(_grants_of_integrasjon(HOLDER)),
}
"""The authorisation query, by type of holder."""
BY_MACHINE = _statement(_grants_of_person(HOLDER), MACHINE)
"""The authorisation query for a person on whose behalf the integrasjon `:maskin` calls."""


@dataclass(frozen=True, slots=True)
class Rettigheter:
    """Everything an actor holds on one ressurs or above it at the time of asking, read by one query."""

    _grants: Mapping[str, tuple[UUID, bool]]
    _house: bool = False

    @property
    def holds_something(self) -> bool:
        """Return whether the actor holds anything there at all."""
        return self._house or bool(self._grants)

    def everything(self) -> frozenset[P]:
        """Return every privilege the actor has, for what a page offers. Does not count as use of a grant."""
        return frozenset(p for p in P if self._house or satisfying(p) & self._grants.keys())

    def use(self, *privileges: P) -> bool:
        """Return whether the actor has one of `privileges`; notes the grant behind the first match as used."""
        if self._house:
            return True
        for privilegium in privileges:
            ways = satisfying(privilegium) & self._grants.keys()
            if ways:
                tilgang_id, unused = self._grants[privilegium if privilegium in ways else min(ways)]
                if unused:
                    grant_usage.note_grant_use(tilgang_id)
                return True
        return False


def rettigheter(actor: Aktor, ressurs_id: UUID) -> Rettigheter:
    """Return what `actor` holds on the ressurs now, by one query. The house itself has every privilege."""
    if actor.is_house:
        return Rettigheter({}, _house=True)
    holder = _holder(actor)
    if holder is None:
        return Rettigheter({})
    kind, holder_id = holder
    asked = {"holder": holder_id, "ressurs": ressurs_id}
    if kind is Aktortype.PERSON and actor.integrasjon_id is not None:
        return _read_rights(BY_MACHINE, asked | {"maskin": actor.integrasjon_id})
    return _read_rights(STATEMENTS[kind], asked)


def _read_rights(statement: CompoundSelect[UUID, str, bool], asked: Mapping[str, UUID]) -> Rettigheter:
    rows = session().execute(statement, asked)
    held: dict[str, tuple[UUID, bool]] = {}
    for tilgang_id, privilegium, unused in rows:
        held.setdefault(privilegium, (tilgang_id, unused))
    return Rettigheter(held)


def is_authorised(person_id: UUID, privilegium: P, ressurs_id: UUID) -> bool:
    """Return whether the person holds `privilegium` on the ressurs or an ancestor now."""
    asked = {"holder": person_id, "ressurs": ressurs_id}
    return _read_rights(STATEMENTS[Aktortype.PERSON], asked).use(privilegium)


def may(actor: Aktor, privilegium: P, ressurs_id: UUID) -> bool:
    """Return whether any actor has the privilege, without a reason: the house always, others by their grants."""
    return rettigheter(actor, ressurs_id).use(privilegium)


def require(actor: Aktor, privilegium: P, ressurs_id: UUID) -> None:
    """Require that `actor` has the privilege on the ressurs; the house always has.

    Raises IkkeFunnet when the actor holds nothing there (it must not learn that the ressurs exists), and
    IkkeTilgang("MANGLER_PRIVILEGIUM") when it holds something else or is nobody. An actor that logs in as a
    konto or a mottakersystem holds no grants and gets IkkeFunnet, so that it learns nothing of others'
    ressurser.
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
    """As `require` on each ressurs, by one query as long as all are allowed."""
    for ressurs_id, held in rights_on(ressurser, is_open(Ressurs), actor=actor).items():
        if not held.use(privilegium):
            require(actor, privilegium, ressurs_id)


def rights_on(
    ressurser: Collection[UUID], *conditions: ColumnElement[bool], actor: Aktor
) -> dict[UUID, Rettigheter]:
    """Return what `actor` holds on each ressurs or above it, by one query, limited to grants that meet
    `conditions`.
    """
    holder = holder_of(actor)
    held: dict[UUID, dict[str, tuple[UUID, bool]]] = {ressurs_id: {} for ressurs_id in ressurser}
    if holder is not None and held:
        rows = session().execute(
            select(Ressurs.id, Tilgang.id, Tilgang.privilegium, grant_usage.is_use_outdated())
            .join(Tilgang, Tilgang.ressurs_id == any_(Ressurs.sti))
            .where(Ressurs.id.in_(held), holder, *conditions)
        )
        for ressurs_id, tilgang_id, navn, unused in rows:
            held[ressurs_id].setdefault(navn, (tilgang_id, unused))
    return {ressurs_id: Rettigheter(grants, actor.is_house) for ressurs_id, grants in held.items()}
