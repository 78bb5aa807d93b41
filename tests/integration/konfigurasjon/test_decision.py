"""The decision function: who may do what, now, on a ressurs and everything below it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.models import Integrasjon, Ressurs, Tilgang
from fiks.konfigurasjon.operators import require_root
from fiks.konfigurasjon.queries import is_authorised
from fiks.konfigurasjon.rules import NOT_BY_ADMIN, ROOT_ID, P, Ressurstype
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person
from tests.machines import make_kall

pytestmark = pytest.mark.usefixtures("app_context")


def service_of(hus: Hus) -> UUID:
    return (
        session()
        .scalars(
            select(Ressurs.id).where(
                Ressurs.organisasjon_id == hus.organisasjon_id, Ressurs.type == Ressurstype.SVARUT
            )
        )
        .one()
    )


def change_grants(person_id: UUID, **values: object) -> None:
    with transaction() as tx:
        tx.execute(update(Tilgang).where(Tilgang.person_id == person_id).values(**values))


def delete_ressurs(ressurs_id: UUID) -> None:
    with transaction() as tx:
        tx.execute(update(Ressurs).where(Ressurs.id == ressurs_id).values(slettet=func.now()))


def test_a_grant_on_the_konto_is_a_right_on_the_konto_and_nowhere_else() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    assert is_authorised(person, P.SENDE, hus.konto_id)
    assert not is_authorised(person, P.LESE, hus.konto_id)
    assert not is_authorised(person, P.SENDE, other.konto_id)
    assert not is_authorised(person, P.SENDE, hus.organisasjon_id)


def test_a_person_without_grants_may_nothing() -> None:
    hus, person = make_hus(), make_person()
    assert not any(is_authorised(person, p, hus.konto_id) for p in P)


@pytest.mark.parametrize("privilegium", list(P))
def test_an_administrator_of_the_organisation_may_everything_below_it_but_what_is_opened_by_its_own_privilege(
    privilegium: P,
) -> None:
    hus = make_hus()
    person = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    expected = privilegium not in NOT_BY_ADMIN
    for ressurs in (hus.konto_id, service_of(hus), hus.organisasjon_id):
        assert is_authorised(person, privilegium, ressurs) is expected


def test_an_administrator_who_also_holds_the_restricted_privilege_may_see_it() -> None:
    hus = make_hus()
    person = make_person(P.ADMIN, P.SE_SPERRET, ressurs=hus.konto_id)
    assert is_authorised(person, P.SE_SPERRET, hus.konto_id)


def test_a_right_on_the_service_is_inherited_by_its_kontoer_and_not_upwards() -> None:
    hus = make_hus()
    person = make_person(P.LES_ALLE, ressurs=service_of(hus))
    assert is_authorised(person, P.LESE, hus.konto_id)
    assert not is_authorised(person, P.SENDE, hus.konto_id)
    assert not is_authorised(person, P.LESE, hus.organisasjon_id)


@pytest.mark.parametrize(
    ("fra", "til", "gjelder"),
    [
        (-10, None, True),
        (-10, 10, True),
        (5, None, False),
        (-10, -5, False),
    ],
)
def test_a_grant_holds_from_its_first_to_its_last_moment(fra: int, til: int | None, gjelder: bool) -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    change_grants(
        person,
        gyldig_fra=func.now() + timedelta(seconds=fra),
        gyldig_til=None if til is None else func.now() + timedelta(seconds=til),
    )
    assert is_authorised(person, P.SENDE, hus.konto_id) is gjelder
    assert bool(queries.organisations_of(person)) is gjelder
    assert (P.SENDE in queries.privileges_in(person, hus.organisasjon_id)) is gjelder
    assert bool(queries.kontoer_with(person, hus.organisasjon_id, P.SENDE)) is gjelder


def test_an_ended_grant_gives_nothing() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    change_grants(person, avsluttet=func.now(), avsluttet_grunn="FJERNET")
    assert not is_authorised(person, P.SENDE, hus.konto_id)
    assert queries.organisations_of(person) == []
    assert queries.privileges_in(person, hus.organisasjon_id) == frozenset()


def test_nobody_may_anything_on_a_ressurs_that_is_deleted() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    admin = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    delete_ressurs(hus.konto_id)
    assert not is_authorised(person, P.SENDE, hus.konto_id)
    assert not is_authorised(admin, P.SENDE, hus.konto_id)
    assert is_authorised(admin, P.ADMIN, hus.organisasjon_id)


def test_what_lies_below_a_deleted_ressurs_is_closed_too() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    delete_ressurs(service_of(hus))
    assert not is_authorised(person, P.SENDE, hus.konto_id)


def test_a_deleted_konto_is_offered_to_nobody_and_its_grants_open_no_organisation() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    delete_ressurs(hus.konto_id)
    assert queries.kontoer_with(person, hus.organisasjon_id, P.SENDE) == []
    assert queries.organisations_of(person) == []
    assert queries.privileges_in(person, hus.organisasjon_id) == frozenset()


def test_a_ressurs_that_never_was_is_nobodys() -> None:
    assert not is_authorised(make_person(P.ADMIN, ressurs=make_hus().organisasjon_id), P.ADMIN, uuid4())


def test_the_kontoer_one_may_send_from_are_the_granted_and_the_inherited_ones() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    one = make_person(P.SENDE, ressurs=hus.konto_id)
    admin = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    reader = make_person(P.LESE, ressurs=hus.konto_id)
    assert [k.id for k in queries.kontoer_with(one, hus.organisasjon_id, P.SENDE)] == [hus.konto_id]
    assert [k.id for k in queries.kontoer_with(admin, hus.organisasjon_id, P.SENDE)] == [hus.konto_id]
    assert queries.kontoer_with(reader, hus.organisasjon_id, P.SENDE) == []
    assert queries.kontoer_with(one, other.organisasjon_id, P.SENDE) == []


def test_one_who_holds_nothing_there_is_told_there_is_no_such_thing() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    stranger = make_aktor(make_person(P.ADMIN, ressurs=other.organisasjon_id))
    with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
        queries.require(stranger, P.SENDE, hus.konto_id)
    with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
        queries.require(stranger, P.SENDE, uuid4())


def test_one_who_holds_something_else_there_is_told_what_is_missing() -> None:
    hus = make_hus()
    reader = make_aktor(make_person(P.LESE, ressurs=hus.konto_id))
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM") as refused:
        queries.require(reader, P.SENDE, hus.konto_id)
    assert refused.value.params == {"privilegium": "SVARUT.SENDE"}


def test_one_whose_last_grant_has_ended_is_told_there_is_no_such_thing() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    queries.require(make_aktor(person), P.SENDE, hus.konto_id)
    change_grants(person, avsluttet=func.now(), avsluttet_grunn="FJERNET")
    with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
        queries.require(make_aktor(person), P.SENDE, hus.konto_id)


def test_the_house_itself_may_and_a_person_nobody_knows_may_not() -> None:
    hus = make_hus()
    queries.require(HOUSE, P.SENDE, hus.konto_id)
    with pytest.raises(IkkeTilgang):
        queries.require(Aktor(Aktortype.PERSON, ""), P.SENDE, hus.konto_id)


def test_the_privileges_in_an_organisation_are_those_of_all_its_ressurser_with_what_admin_includes() -> None:
    hus = make_hus()
    both = make_person(P.SENDE, P.LESE, ressurs=hus.konto_id)
    admin = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    assert queries.privileges_in(both, hus.organisasjon_id) == {P.SENDE, P.LESE}
    assert queries.privileges_in(admin, hus.organisasjon_id) == set(P) - NOT_BY_ADMIN
    assert queries.privileges_in(admin, make_hus().organisasjon_id) == frozenset()


def test_the_organisations_of_a_person_are_those_with_a_right_by_name() -> None:
    b, a, _ = make_hus("B kommune"), make_hus("A kommune"), make_hus("C kommune")
    person = make_person(P.SENDE, P.LESE, ressurs=b.konto_id)
    from_other = make_person(P.LESE, ressurs=a.konto_id)
    assert [o.navn for o in queries.organisations_of(person)] == ["B kommune"]
    assert [o.navn for o in queries.organisations_of(from_other)] == ["A kommune"]


def calling_for(person: UUID, machine: UUID) -> Aktor:
    """The person, for whom the machine calls."""
    return Aktor(Aktortype.PERSON, "", person_id=person, integrasjon_id=machine)


def make_machine(organisasjon_id: UUID, *privilegier: P, ressurs: UUID | None = None) -> UUID:
    return UUID(make_kall(organisasjon_id, *privilegier, ressurs=ressurs).id)


def test_a_machine_that_calls_for_a_person_reaches_only_the_organisation_it_works_for() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    own, foreign = make_machine(hus.organisasjon_id), make_machine(other.organisasjon_id)
    queries.require(calling_for(person, own), P.SENDE, hus.konto_id)
    queries.require_each(calling_for(person, own), P.SENDE, [hus.konto_id])
    for machine in (foreign, uuid4()):
        actor = calling_for(person, machine)
        assert not queries.may(actor, P.SENDE, hus.konto_id)
        with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
            queries.require(actor, P.SENDE, hus.konto_id)
        with pytest.raises(IkkeFunnet, match="FINNES_IKKE"):
            queries.require_each(actor, P.SENDE, [hus.konto_id])
    queries.require(make_aktor(person), P.SENDE, hus.konto_id)


def test_a_machine_works_where_it_has_been_let_in_and_no_longer_than_that() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    machine = make_machine(other.organisasjon_id)
    with transaction() as tx:
        tx.add(Tilgang(integrasjon_id=machine, privilegium=P.LESE, ressurs_id=hus.konto_id))
    assert queries.may(calling_for(person, machine), P.SENDE, hus.konto_id)
    with transaction() as tx:
        let_in = update(Tilgang).where(Tilgang.integrasjon_id == machine)
        tx.execute(let_in.values(avsluttet=func.now(), avsluttet_grunn="FJERNET"))
    assert not queries.may(calling_for(person, machine), P.SENDE, hus.konto_id)


def test_a_machine_that_is_deleted_calls_for_nobody() -> None:
    hus = make_hus()
    person, machine = make_person(P.SENDE, ressurs=hus.konto_id), make_machine(hus.organisasjon_id)
    with transaction() as tx:
        tx.execute(update(Integrasjon).where(Integrasjon.id == machine).values(slettet=func.now()))
    assert not queries.may(calling_for(person, machine), P.SENDE, hus.konto_id)


def test_no_machine_works_for_the_platform_itself() -> None:
    operator = make_person(P.ROT_ADMINISTRER, ressurs=ROOT_ID)
    require_root(make_aktor(operator))
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        require_root(calling_for(operator, make_machine(make_hus().organisasjon_id)))
