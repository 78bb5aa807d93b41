"""Who may do what, said as plainly as the facts say it (konfigurasjon.md 2.2 and 3), and random worlds to say it of.

Nothing here comes from the house's own rules: the names of the privileges and what each gives are written anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from sqlalchemy import func, insert

from fiks.core.db import session
from fiks.konfigurasjon.models import (
    Gruppe,
    Gruppemedlem,
    Integrasjon,
    Organisasjon,
    Person,
    Ressurs,
    Tilgang,
)

ADMINISTERED = (
    "ADMIN",
    "ORG.LES",
    "ORG.REDIGER",
    "INTEGRASJON.ADMINISTRER",
    "AVTALE.SIGNER",
    "AUDIT.LES",
    "SVARUT.LES_ALLE",
    "SVARUT.LESE",
    "SVARUT.SENDE",
    "SVARUT.GODKJENNE",
    "SVARUT.STOPPE",
    "EDIALOG.KONFIGURERE",
    "SVARINN.MOTTA",
    "SVARINN.KONFIGURERE",
    "VARSLING.SMS_SENDE",
)
"""What ADMIN on a ressurs or above it gives, itself among it."""
OPENED_BY_NAME = ("SVARUT.SE_SPERRET", "ROT.ADMINISTRER", "REGISTER.OPPSLAG")
PRIVILEGES = ADMINISTERED + OPENED_BY_NAME

SECONDS = (-1_000, -1, 0, 1, 1_000)
"""From now; a grant may begin or end this very moment."""


def gives(privilege: str) -> set[str]:
    """Every right that holding `privilege` gives."""
    if privilege == "ADMIN":
        return set(ADMINISTERED)
    return {"SVARUT.LES_ALLE", "SVARUT.LESE"} if privilege == "SVARUT.LES_ALLE" else {privilege}


@dataclass
class Node:
    above: Node | None
    deleted: bool
    id: UUID = field(default_factory=uuid4)

    def path(self) -> Iterator[Node]:
        """This ressurs and everything above it."""
        yield self
        if self.above is not None:
            yield from self.above.path()

    @property
    def root(self) -> Node:
        return [*self.path()][-1]

    @property
    def is_open(self) -> bool:
        return not any(node.deleted for node in self.path())


@dataclass
class Holder:
    """A person, a machine or a group; a group has members, a machine may have an owner, and both may be deleted."""

    kind: str
    deleted: bool = False
    members: list[Holder] = field(default_factory=list)
    owner: Node | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass
class Grant:
    holder: Holder
    privilege: str
    node: Node
    begins: int
    ends: int | None
    ended: bool
    id: UUID = field(default_factory=uuid4)

    @property
    def holds_now(self) -> bool:
        return not self.ended and self.begins <= 0 and (self.ends is None or self.ends > 0)


@dataclass
class World:
    nodes: list[Node]
    people: list[Holder]
    machines: list[Holder]
    groups: list[Holder]
    grants: list[Grant]

    def grants_of(self, who: Holder) -> list[Grant]:
        """The grants that hold now and are theirs: their own, or of a group they are in."""
        mine = [who] if not who.deleted else []
        mine += [group for group in self.groups if who in group.members and not group.deleted]
        return [
            grant for grant in self.grants if grant.holds_now and any(grant.holder is one for one in mine)
        ]

    def rights(self, who: Holder, node: Node) -> set[str]:
        """What they may do on the ressurs: nothing where it or anything above it is deleted."""
        if not node.is_open:
            return set()
        path = [*node.path()]
        held = [grant for grant in self.grants_of(who) if any(grant.node is one for one in path)]
        return {right for grant in held for right in gives(grant.privilege)}

    def works_for(self, machine: Holder, node: Node) -> bool:
        """The machine is not deleted, and is the organisation's own or may do something there, be that deleted."""
        given = [grant for grant in self.grants if grant.holder is machine and grant.holds_now]
        own = machine.owner is not None and machine.owner is node.root
        return not machine.deleted and (own or any(grant.node.root is node.root for grant in given))

    def rights_through(self, who: Holder, machine: Holder, node: Node) -> set[str]:
        """What they may do on the ressurs by a machine that calls for them."""
        return self.rights(who, node) if self.works_for(machine, node) else set()

    def rights_in(self, who: Holder, root: Node) -> set[str]:
        """What they may do somewhere below `root`."""
        held = [g for g in self.grants_of(who) if g.node.root is root and g.node.is_open]
        return {right for grant in held for right in gives(grant.privilege)}

    def write(self) -> None:
        """Put the world in the open transaction, whose now() is second 0. Every root is an organisation."""
        roots = [node for node in self.nodes if node.above is None]
        _insert(
            Organisasjon,
            [
                {"id": r.id, "navn": "Org", "type": "KOMMUNE", "orgnr": f"{r.id.int % 10**9:09}"}
                for r in roots
            ],
        )
        _insert(Ressurs, [_ressurs(node) for node in self.nodes])
        _insert(Person, [_person(person) for person in self.people])
        _insert(Integrasjon, [_machine(machine) for machine in self.machines])
        _insert(Gruppe, [_group(group, roots[0]) for group in self.groups])
        _insert(
            Gruppemedlem, [{"gruppe_id": g.id, "person_id": m.id} for g in self.groups for m in g.members]
        )
        for grant in self.grants:
            session().execute(insert(Tilgang).values(_grant(grant)))


def _insert(model: type[Any], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        session().execute(insert(model).values(row))


def _ressurs(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "forelder_id": node.above and node.above.id,
        "type": "SVARUT_KONTO",
        "navn": "R",
        "organisasjon_id": node.root.id,
        "sti": [one.id for one in reversed([*node.path()])],
        "slettet": func.now() if node.deleted else None,
    }


def _person(person: Holder) -> dict[str, Any]:
    return {
        "id": person.id,
        "fnr_kryptert": b"",
        "fnr_indeks": person.id.bytes,
        "fnr_maskert": "",
        "navn": "N",
    }


def _machine(machine: Holder) -> dict[str, Any]:
    return {
        "id": machine.id,
        "organisasjon_id": machine.owner and machine.owner.id,
        "kode": None if machine.owner else f"K{machine.id.hex.upper()}",
        "navn": "M",
        "autorisert_orgnr": "310000000",
        "slettet": func.now() if machine.deleted else None,
    }


def _group(group: Holder, root: Node) -> dict[str, Any]:
    return {
        "id": group.id,
        "organisasjon_id": root.id,
        "navn": group.id.hex,
        "slettet": func.now() if group.deleted else None,
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        f"{grant.holder.kind}_id": grant.holder.id,
        "privilegium": grant.privilege,
        "ressurs_id": grant.node.id,
        "gyldig_fra": func.now() + timedelta(seconds=grant.begins),
        "gyldig_til": None if grant.ends is None else func.now() + timedelta(seconds=grant.ends),
        "avsluttet": func.now() if grant.ended else None,
        "avsluttet_grunn": "FJERNET" if grant.ended else None,
    }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A forest of ressurser, some deleted; people, machines and groups, some deleted; grants with times around now."""
    nodes = [Node(None, draw(_SELDOM))]
    for _ in range(draw(st.integers(0, 7))):
        nodes.append(Node(draw(st.sampled_from([None, *nodes])), draw(_SELDOM)))
    people = [Holder("person") for _ in range(draw(st.integers(1, 3)))]
    owners = [None, *(node for node in nodes if node.above is None)]
    machines = [
        Holder("integrasjon", draw(_SELDOM), owner=draw(st.sampled_from(owners)))
        for _ in range(draw(st.integers(1, 2)))
    ]
    groups = [
        Holder("gruppe", draw(_SELDOM), draw(st.lists(st.sampled_from(people), max_size=3, unique_by=id)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    holders = [*people, *machines, *groups]
    grants: dict[object, Grant] = {}
    for _ in range(draw(st.integers(0, 14))):
        grant = draw(_grants(holders, nodes))
        # One grant of a kind may be open at a time; any number may have ended.
        key = (grant.holder.id, grant.privilege, grant.node.id)
        grants[grant.id if grant.ended else key] = grant
    return World(nodes, people, machines, groups, [*grants.values()])


_SELDOM = st.sampled_from([False, False, False, True])


@st.composite
def _grants(draw: st.DrawFn, holders: list[Holder], nodes: list[Node]) -> Grant:
    begins = draw(st.sampled_from(SECONDS))
    return Grant(
        holder=draw(st.sampled_from(holders)),
        privilege=draw(st.sampled_from(("ADMIN", "SVARUT.LES_ALLE", *PRIVILEGES))),
        node=draw(st.sampled_from(nodes)),
        begins=begins,
        ends=draw(st.sampled_from((None, *(second for second in SECONDS if second > begins)))),
        ended=draw(_SELDOM),
    )
