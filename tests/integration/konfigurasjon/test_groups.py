"""Groups: made, filled, renamed and deleted by an administrator; members hold what the group does."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.grupper import service as grupper_service
from fiks.konfigurasjon.models import Gruppe
from fiks.konfigurasjon.person.service import NyPerson
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.service import person_by_pid
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import acts, admin_of, grant_row, gruppe, last_act, make_gruppe

pytestmark = pytest.mark.usefixtures("app_context")


def test_members_hold_what_the_group_holds_as_long_as_they_are_in_it() -> None:
    hus, member = make_hus(), make_person()
    admin = admin_of(hus)
    group = grupper_service.create_gruppe(hus.organisasjon_id, navn="Skattekontoret", actor=admin)
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin)
    assert grupper_service.add_members(group, personer=[member, member], actor=admin) == 1
    assert authorization.is_authorised(member, P.SENDE, hus.konto_id)
    assert grupper_service.add_members(group, personer=[member], actor=admin) == 0
    assert grupper_service.remove_members(group, personer=[member, uuid4()], actor=admin) == 1
    assert not authorization.is_authorised(member, P.SENDE, hus.konto_id)
    changes = [a for a in acts(hus.organisasjon_id) if a == "GRUPPE_ENDRET"]
    assert len(changes) == 3


def test_somebody_new_comes_in_by_number() -> None:
    hus, fnr = make_hus(), new_fnr()
    group = make_gruppe(hus)
    grupper_service.add_members(group, personer=[NyPerson(fnr, "Nils Ny")], actor=admin_of(hus))
    assert last_act(hus.organisasjon_id, "GRUPPE_ENDRET").detaljer["person"] == str(person_by_pid(fnr))


def test_nobody_comes_in_by_the_number_of_another_than_was_named() -> None:
    hus, fnr = make_hus(), new_fnr()
    admin, first, second = admin_of(hus), make_gruppe(hus), make_gruppe(hus)
    grupper_service.add_members(first, personer=[NyPerson(fnr, "Nils Ny")], actor=admin)
    with pytest.raises(UgyldigInndata, match="PERSON_HETER_ANNET"):
        grupper_service.add_members(second, personer=[NyPerson(fnr, "Kari Nordmann")], actor=admin)
    assert grupper_service.add_members(second, personer=[NyPerson(fnr, "ny, nils")], actor=admin) == 1


def test_s17_08_a_deleted_group_gives_nothing_at_once() -> None:
    hus, member = make_hus(), make_person()
    admin, group = admin_of(hus), make_gruppe(hus, member)
    [grant] = service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin)
    with pytest.raises(Konflikt, match="GRUPPE_HAR_TILGANGER"):
        grupper_service.delete_gruppe(group, fjern_tilganger=False, actor=admin)
    assert authorization.is_authorised(member, P.SENDE, hus.konto_id)
    grupper_service.delete_gruppe(group, fjern_tilganger=True, actor=admin)
    assert not authorization.is_authorised(member, P.SENDE, hus.konto_id)
    assert grant_row(grant).avsluttet_grunn == "GRUPPE_SLETTET"
    with pytest.raises(IkkeFunnet):
        grupper_service.add_members(group, personer=[member], actor=admin)


def test_a_group_without_grants_is_deleted_without_further_ado_and_its_name_is_free_again() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus, navn="Skatt")
    grupper_service.delete_gruppe(group, fjern_tilganger=False, actor=admin)
    grupper_service.create_gruppe(hus.organisasjon_id, navn="Skatt", actor=admin)


def test_two_groups_of_an_organisation_have_not_the_same_name() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus, navn="Skatt")
    with pytest.raises(Konflikt, match="GRUPPENAVN_BRUKT"):
        grupper_service.create_gruppe(hus.organisasjon_id, navn="  SKATT ", actor=admin)
    with pytest.raises(UgyldigInndata, match="GRUPPENAVN_UGYLDIG"):
        grupper_service.rename_gruppe(group, navn=" ", actor=admin)
    grupper_service.rename_gruppe(group, navn="Avgifter", actor=admin)
    grupper_service.create_gruppe(hus.organisasjon_id, navn="Skatt", actor=admin)


def test_a_group_is_not_called_by_a_personal_number_which_the_log_would_keep() -> None:
    hus, number = make_hus(), new_fnr()
    admin, group = admin_of(hus), make_gruppe(hus, navn="Skatt")
    written = (f"Vikar for {number}", f"{number[:6]} {number[6:]}")
    for name in written:
        with pytest.raises(UgyldigInndata, match="TEKST_MED_FNR"):
            grupper_service.create_gruppe(hus.organisasjon_id, navn=name, actor=admin)
        with pytest.raises(UgyldigInndata, match="TEKST_MED_FNR"):
            grupper_service.rename_gruppe(group, navn=name, actor=admin)
    told = select(Audit.detaljer).where(Audit.organisasjon_id == hus.organisasjon_id)
    kept = str(session().scalars(told).all())
    assert not [name for name in written if name in kept]


def test_at_most_a_hundred_members_are_changed_in_one_call() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus)
    for change in (grupper_service.add_members, grupper_service.remove_members):
        for persons in ([], [uuid4()] * 101):
            with pytest.raises(UgyldigInndata, match="FOR_MANGE_MEDLEMMER"):
                change(group, personer=persons, actor=admin)


def test_nobody_is_let_into_a_group_of_administrators_without_a_fresh_login() -> None:
    hus = make_hus()
    group = make_gruppe(hus)
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.ADMIN], actor=HOUSE)
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        grupper_service.add_members(group, personer=[make_person()], actor=admin_of(hus, minutter_siden=6))
    grupper_service.add_members(group, personer=[make_person()], actor=admin_of(hus))


def test_a_group_that_another_system_keeps_is_not_changed_here() -> None:
    hus = make_hus()
    admin, group = admin_of(hus), make_gruppe(hus)
    with transaction() as tx:
        tx.get_one(Gruppe, group).kilde = "EKSTERN"
    with pytest.raises(Konflikt, match="GRUPPE_EKSTERN"):
        grupper_service.add_members(group, personer=[make_person()], actor=admin)


def test_only_an_administrator_of_the_organisation_keeps_its_groups() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    group = make_gruppe(hus)
    of_konto = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    for stranger in (of_konto, admin_of(other), make_aktor(make_person(), hus.organisasjon_id)):
        with pytest.raises(IkkeFunnet):
            grupper_service.create_gruppe(hus.organisasjon_id, navn="Vår", actor=stranger)
        with pytest.raises(IkkeFunnet):
            grupper_service.delete_gruppe(group, fjern_tilganger=True, actor=stranger)
