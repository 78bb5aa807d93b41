"""For random trees, holders, grants and times, what PostgreSQL decides is what the naive model says: statement 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import authorization, queries
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import P
from tests.integration.databases import QuickProcess
from tests.integration.konfigurasjon.naive import PRIVILEGES, Holder, Node, World, gives, worlds

EVERYDAY = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module", autouse=True)
def inside(process: QuickProcess) -> Iterator[None]:
    """One context for all examples; each is rolled back."""
    with process.app.app_context():
        yield


def actor_of(who: Holder) -> Aktor:
    if who.kind == "person":
        return Aktor(Aktortype.PERSON, "", person_id=who.id)
    return Aktor(Aktortype.INTEGRASJON, "", integrasjon_id=who.id)


def by_machine(who: Holder, machine: Holder) -> Aktor:
    """The person, through a machine that calls for them."""
    return Aktor(Aktortype.PERSON, "", person_id=who.id, integrasjon_id=machine.id)


def answer(actor: Aktor, privilege: str, node: Node) -> str:
    """What `require` answers."""
    try:
        authorization.require(actor, P(privilege), node.id)
    except IkkeTilgang:
        return "holds something else"
    except IkkeFunnet:
        return "no such thing"
    return "yes"


def expected(rights: set[str], privilege: str) -> str:
    if privilege in rights:
        return "yes"
    return "holds something else" if rights else "no such thing"


def compare_decisions(world: World) -> None:
    """Every actor on every ressurs: all rights, and a yes or no for each privilege."""
    for who in [*world.people, *world.machines]:
        for node in world.nodes:
            held = authorization.rettigheter(actor_of(who), node.id)
            rights = world.rights(who, node)
            assert {str(p) for p in held.everything()} == rights
            assert {name for name in PRIVILEGES if held.use(P(name))} == rights


def compare_lists(world: World) -> None:
    """The ressurser one holds something on or below, and what one may somewhere in an organisation."""
    machine = world.machines[0]
    actors = [
        *((actor_of(who), partial(world.rights, who)) for who in [*world.people, *world.machines]),
        *((by_machine(who, machine), partial(world.rights_through, who, machine)) for who in world.people),
    ]
    for actor, rights_on in actors:
        holder = authorization.holder_of(actor)
        assert holder is not None
        for right in ("SVARUT.LESE", "SVARUT.SE_SPERRET", "ORG.LES"):
            ways = [P(name) for name in PRIVILEGES if right in gives(name)]
            found = select(Ressurs.id).where(
                Ressurs.id.in_([node.id for node in world.nodes]),
                authorization.is_open(Ressurs),
                authorization.below_held(Ressurs, holder, ways),
            )
            assert set(session().scalars(found)) == {n.id for n in world.nodes if right in rights_on(n)}
    roots = [node for node in world.nodes if node.above is None]
    for person in world.people:
        rights = {root.id: world.rights_in(person, root) for root in roots}
        assert {root_id for root_id, held in rights.items() if held} == {
            o.id for o in queries.organisations_of(person.id)
        }
        for root_id, held in rights.items():
            assert {str(p) for p in queries.privileges_in(person.id, root_id)} == held


def compare(world: World, asked: list[tuple[int, str, int]]) -> None:
    session().rollback()
    try:
        world.write()
        compare_decisions(world)
        compare_lists(world)
        for number, privilege, place in asked:
            person, node = world.people[number % len(world.people)], world.nodes[place % len(world.nodes)]
            machine = world.machines[0]
            for actor, rights in (
                (actor_of(person), world.rights(person, node)),
                (by_machine(person, machine), world.rights_through(person, machine, node)),
            ):
                assert answer(actor, privilege, node) == expected(rights, privilege)
                assert authorization.may(actor, P(privilege), node.id) is (privilege in rights)
    finally:
        session().rollback()


ASKED = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(PRIVILEGES), st.integers(0, 7)), min_size=4, max_size=4
)


@pytest.mark.slow
@EVERYDAY
@given(worlds(), ASKED)
def test_s17_01_the_decision_is_that_of_the_naive_model(
    world: World, asked: list[tuple[int, str, int]]
) -> None:
    compare(world, asked)


@pytest.mark.full
@settings(EVERYDAY, max_examples=3_000)
@given(worlds(), ASKED)
def test_s17_01_the_decision_is_that_of_the_naive_model_in_very_many_worlds(
    world: World, asked: list[tuple[int, str, int]]
) -> None:
    compare(world, asked)


def test_the_model_knows_every_privilege_of_the_catalogue() -> None:
    assert Counter(PRIVILEGES) == Counter(str(p) for p in P)
