"""Who may grant what (konfigurasjon.md 3.3), and that each grant is audited."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import Organisasjonstype, P
from fiks.konfigurasjon.tilgang import person_page
from tests.integration.houses import (
    HOUSE,
    make_aktor,
    make_hus,
    make_person,
    new_administrator,
    new_fnr,
    new_orgnr,
)

pytestmark = pytest.mark.usefixtures("app_context")


def test_an_administrator_grants_below_what_they_administer() -> None:
    hus, person = make_hus(), make_person()
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    konfigurasjon.grant_privilegium(person, P.SENDE, hus.konto_id, actor=admin, begrunnelse="ny i jobben")
    assert queries.is_authorised(person, P.SENDE, hus.konto_id)
    [row] = person_page.person(person, hus.organisasjon_id, actor=admin).linjer
    assert (row.gitt_av, row.begrunnelse, row.ressurs) == ("Kari Fjellstad", "ny i jobben", "Eiendomsskatt")


def test_an_administrator_of_a_konto_cannot_grant_above_it() -> None:
    hus = make_hus()
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    konfigurasjon.grant_privilegium(make_person(), P.ADMIN, hus.konto_id, actor=admin)
    with pytest.raises(IkkeFunnet):
        konfigurasjon.grant_privilegium(make_person(), P.ADMIN, hus.organisasjon_id, actor=admin)


def test_one_who_may_send_cannot_grant() -> None:
    hus = make_hus()
    sender = make_aktor(make_person(P.SENDE, ressurs=hus.konto_id), hus.organisasjon_id)
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
        konfigurasjon.grant_privilegium(make_person(), P.SENDE, hus.konto_id, actor=sender)


def test_an_administrator_of_another_kommune_is_told_there_is_no_such_thing() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    admin = make_aktor(make_person(P.ADMIN, ressurs=other.organisasjon_id), other.organisasjon_id)
    with pytest.raises(IkkeFunnet):
        konfigurasjon.grant_privilegium(make_person(), P.SENDE, hus.konto_id, actor=admin)


def test_a_privilege_is_granted_on_its_own_kind_of_ressurs_only() -> None:
    hus = make_hus()
    with pytest.raises(UgyldigInndata, match="PRIVILEGIUM_PASSER_IKKE"):
        konfigurasjon.grant_privilegium(make_person(), P.SENDE, hus.organisasjon_id, actor=HOUSE)


def test_the_same_grant_twice_is_a_conflict() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    with pytest.raises(Konflikt, match="TILGANG_FINNES"):
        konfigurasjon.grant_privilegium(person, P.SENDE, hus.konto_id, actor=HOUSE)


def test_an_ended_grant_can_be_given_anew() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    with transaction() as tx:
        tx.execute(
            update(Tilgang)
            .where(Tilgang.person_id == person)
            .values(avsluttet=func.now(), avsluttet_grunn="FJERNET")
        )
    konfigurasjon.grant_privilegium(person, P.SENDE, hus.konto_id, actor=HOUSE)
    assert queries.is_authorised(person, P.SENDE, hus.konto_id)


def test_a_grant_whose_time_is_over_can_be_given_anew() -> None:
    hus = make_hus()
    person = make_person(P.SENDE, ressurs=hus.konto_id)
    with transaction() as tx:
        past = {"gyldig_fra": func.now() - timedelta(days=2), "gyldig_til": func.now() - timedelta(days=1)}
        tx.execute(update(Tilgang).where(Tilgang.person_id == person).values(**past))
    konfigurasjon.grant_privilegium(person, P.SENDE, hus.konto_id, actor=HOUSE)
    assert queries.is_authorised(person, P.SENDE, hus.konto_id)


def test_a_grant_can_end_at_a_given_time_but_not_before_it_begins() -> None:
    hus, person = make_hus(), make_person()
    with pytest.raises(FiksError):
        konfigurasjon.grant_privilegium(
            person,
            P.SENDE,
            hus.konto_id,
            actor=HOUSE,
            gyldig_til=clock.database_now() - timedelta(days=1),
        )
    konfigurasjon.grant_privilegium(
        person, P.SENDE, hus.konto_id, actor=HOUSE, gyldig_til=clock.database_now() + timedelta(days=1)
    )
    assert queries.is_authorised(person, P.SENDE, hus.konto_id)


def test_every_grant_is_audited_and_one_to_oneself_is_marked() -> None:
    hus = make_hus()
    admin_id = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    admin = make_aktor(admin_id, hus.organisasjon_id)
    konfigurasjon.grant_privilegium(admin_id, P.SE_SPERRET, hus.konto_id, actor=admin)
    row = audit_of(hus.organisasjon_id)
    assert (row.handling, row.aktor, row.detaljer["til_seg_selv"]) == (
        "PRIVILEGIUM_GITT",
        str(admin_id),
        True,
    )
    konfigurasjon.grant_privilegium(make_person(), P.SE_SPERRET, hus.konto_id, actor=admin)
    assert audit_of(hus.organisasjon_id).detaljer["til_seg_selv"] is False


def audit_of(organisasjon_id: UUID) -> Audit:
    newest = select(Audit).where(Audit.organisasjon_id == organisasjon_id).order_by(Audit.id.desc()).limit(1)
    return session().scalars(newest).one()


def test_only_the_house_makes_organisations_and_registers_persons() -> None:
    hus = make_hus()
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    with pytest.raises(IkkeTilgang):
        konfigurasjon.create_organisasjon(
            navn="X kommune",
            orgnr=new_orgnr(),
            type=Organisasjonstype.KOMMUNE,
            administrator=new_administrator(),
            actor=admin,
        )
    with pytest.raises(IkkeTilgang):
        konfigurasjon.register_person(new_fnr(), navn="Ola", actor=admin)


def test_a_konto_is_made_by_one_who_administers_its_organisation() -> None:
    hus = make_hus()
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    sender = make_aktor(make_person(P.SENDE, ressurs=hus.konto_id), hus.organisasjon_id)
    made = konfigurasjon.create_konto(
        hus.organisasjon_id, visningsnavn="Skole", avsender=f"skole-{uuid4()}", actor=admin
    )
    assert queries.is_authorised(admin.person_id or uuid4(), P.SENDE, made)
    with pytest.raises(FiksError):
        konfigurasjon.create_konto(hus.organisasjon_id, visningsnavn="B", avsender="b", actor=sender)


def test_a_number_makes_one_person_however_often_it_comes() -> None:
    number = new_fnr()
    first = konfigurasjon.register_person(number, navn="Ola", actor=HOUSE)
    again = konfigurasjon.register_person(number, navn="Ola Havnes", actor=HOUSE)
    assert first == again == konfigurasjon.person_by_pid(number)
    assert konfigurasjon.person_by_pid(new_fnr()) is None
