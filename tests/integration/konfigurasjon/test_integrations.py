"""Integrasjoner: who may manage them, the password that is shown once, and that access begins and ends at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon import grants, service
from fiks.konfigurasjon.integrasjon import queries as integrasjon_queries
from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.login import Avslag, check_integrasjon
from fiks.konfigurasjon.integrasjon.passwords import Passord
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.models import Integrasjon, Tilgang
from fiks.konfigurasjon.rules import P, for_machines
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person, new_orgnr

pytestmark = pytest.mark.usefixtures("app_context")


def admin_of(hus: Hus) -> Aktor:
    return make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)


def make_integrasjon(hus: Hus, actor: Aktor = HOUSE) -> tuple[UUID, str, str]:
    """(id, orgnr of the supplier, password)."""
    own, orgnr = uuid4(), new_orgnr()
    fakta = Integrasjonsfakta("Fagsystem", orgnr, tjenester=["SVARUT"])
    passord = service.create_integrasjon(hus.organisasjon_id, integrasjon_id=own, fakta=fakta, actor=actor)
    return own, orgnr, passord.verdi


def digest(own: UUID, hus: Hus) -> bytes:
    return integrasjon_queries.tilganger_digest(own, hus.organisasjon_id)


def give_sending(own: UUID, hus: Hus, actor: Aktor = HOUSE) -> int:
    valg = [Tilgangsvalg(P.SENDE, hus.konto_id)]
    return grants.approve_integrasjon(
        own, hus.organisasjon_id, valg=valg, shown=digest(own, hus), actor=actor
    )


def machine(own: UUID) -> Aktor:
    return Aktor(Aktortype.INTEGRASJON, "Fagsystem", integrasjon_id=own)


def test_s17_18_the_password_is_made_here_shown_once_and_stored_as_a_keyed_hash(database: Database) -> None:
    hus = make_hus()
    own, orgnr, passord = make_integrasjon(hus, admin_of(hus))
    assert len(passord) == 43
    assert passord.encode() not in database.dump()
    assert passord not in repr(Passord(passord))
    assert check_integrasjon(own, orgnr=orgnr, passord=passord).avslag is None


def test_s17_18_a_new_password_kills_the_old_one_at_once() -> None:
    hus = make_hus()
    own, orgnr, old = make_integrasjon(hus)
    new = _rotate(own, hus)
    assert check_integrasjon(own, orgnr=orgnr, passord=old).avslag is Avslag.FEIL_PASSORD
    assert check_integrasjon(own, orgnr=orgnr, passord=new).avslag is None


def _rotate(own: UUID, hus: Hus, overlapp: timedelta = timedelta(0)) -> str:
    made = integrasjon_queries.integrasjon(own, hus.organisasjon_id, actor=HOUSE).passord_laget
    return service.new_password(own, replaces=made, actor=HOUSE, overlapp=overlapp).verdi


def test_the_old_password_may_work_beside_the_new_one_until_its_time_is_over() -> None:
    hus = make_hus()
    own, orgnr, old = make_integrasjon(hus)
    _rotate(own, hus, timedelta(hours=24))
    assert check_integrasjon(own, orgnr=orgnr, passord=old).avslag is None
    with transaction() as tx:
        over = update(Integrasjon).where(Integrasjon.id == own)
        tx.execute(over.values(gammelt_gyldig_til=Integrasjon.opprettet - timedelta(hours=1)))
    assert check_integrasjon(own, orgnr=orgnr, passord=old).avslag is Avslag.FEIL_PASSORD
    with pytest.raises(UgyldigInndata, match="OVERLAPP_FOR_LANG"):
        _rotate(own, hus, timedelta(hours=25))


def test_a_form_sent_twice_makes_neither_a_second_integrasjon_nor_a_second_password() -> None:
    hus = make_hus()
    own, orgnr, _ = make_integrasjon(hus)
    made = integrasjon_queries.integrasjon(own, hus.organisasjon_id, actor=HOUSE).passord_laget
    service.new_password(own, replaces=made, actor=HOUSE)
    with pytest.raises(Konflikt, match="PASSORD_ENDRET"):
        service.new_password(own, replaces=made, actor=HOUSE)
    fakta = Integrasjonsfakta("Fagsystem", orgnr)
    with pytest.raises(Konflikt, match="INTEGRASJON_FINNES"):
        service.create_integrasjon(hus.organisasjon_id, integrasjon_id=own, fakta=fakta, actor=HOUSE)


def test_s17_04_an_integrasjon_can_never_manage_integrasjoner_or_give_access() -> None:
    hus = make_hus()
    own, _, _ = make_integrasjon(hus)
    for_admin = replace(admin_of(hus), integrasjon_id=own)
    fakta = Integrasjonsfakta("Ny", new_orgnr())
    made = integrasjon_queries.integrasjon(own, hus.organisasjon_id, actor=HOUSE).passord_laget
    for actor in (machine(own), for_admin):
        with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
            give_sending(own, hus, actor)
        with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
            service.change_integrasjon(own, fakta=fakta, actor=actor)
        with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
            service.new_password(own, replaces=made, actor=actor)
        with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
            service.delete_integrasjon(own, actor=actor)
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)


def test_making_a_password_needs_a_login_younger_than_five_minutes() -> None:
    hus = make_hus()
    person = make_person(P.INTEGRASJON_ADMINISTRER, ressurs=hus.organisasjon_id)
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        make_integrasjon(hus, make_aktor(person, hus.organisasjon_id, minutter_siden=6))
    assert make_integrasjon(hus, make_aktor(person, hus.organisasjon_id))


def test_s17_23_deleting_ends_every_tilgang_and_the_next_call_is_refused() -> None:
    hus = make_hus()
    own, orgnr, passord = make_integrasjon(hus)
    give_sending(own, hus)
    assert queries.may(machine(own), P.SENDE, hus.konto_id)
    assert service.delete_integrasjon(own, actor=admin_of(hus)) == 1
    assert check_integrasjon(own, orgnr=orgnr, passord=passord).avslag is Avslag.UKJENT
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)
    ended = session().scalars(select(Tilgang.avsluttet_grunn).where(Tilgang.integrasjon_id == own)).all()
    assert ended == ["INTEGRASJON_SLETTET"]
    acts = select(Audit.handling).where(Audit.organisasjon_id == hus.organisasjon_id)
    assert {"TILGANG_FJERNET", "INTEGRASJON_SLETTET", "PASSORD_GENERERT"} <= set(session().scalars(acts))


def test_only_a_privilege_made_for_machines_is_given_and_only_where_one_is_administrator() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    own, _, _ = make_integrasjon(hus)
    admin = admin_of(hus)
    for valg, error in (
        (Tilgangsvalg(P.GODKJENNE, hus.konto_id), UgyldigInndata),
        (Tilgangsvalg(P.SENDE, hus.organisasjon_id), UgyldigInndata),
        (Tilgangsvalg(P.SENDE, other.konto_id), IkkeFunnet),
    ):
        with pytest.raises(error):
            grants.approve_integrasjon(
                own, hus.organisasjon_id, valg=[valg], shown=digest(own, hus), actor=admin
            )
    with pytest.raises(IkkeFunnet):
        give_sending(own, hus, admin_of(other))
    manager = make_aktor(make_person(P.INTEGRASJON_ADMINISTRER, ressurs=hus.organisasjon_id))
    with pytest.raises(IkkeFunnet):
        give_sending(own, hus, manager)
    assert give_sending(own, hus, admin) == 1
    assert give_sending(own, hus, admin) == 0


def test_an_approval_made_from_an_old_page_changes_nothing() -> None:
    hus = make_hus()
    own, _, _ = make_integrasjon(hus)
    shown = digest(own, hus)
    give_sending(own, hus)
    with pytest.raises(Konflikt, match="TILGANGER_ENDRET"):
        grants.approve_integrasjon(
            own, hus.organisasjon_id, valg=[Tilgangsvalg(P.LESE, hus.konto_id)], shown=shown, actor=HOUSE
        )
    assert not queries.may(machine(own), P.LESE, hus.konto_id)


def test_s17_22_a_global_integrasjon_has_access_only_where_it_is_approved_and_only_what_it_asks_for() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    own = uuid4()
    sende = [d for d in for_machines() if d.navn is P.SENDE]
    service.create_global_integrasjon(
        integrasjon_id=own,
        kode=f"SVARUT.{own.hex[:8].upper()}",
        fakta=Integrasjonsfakta("Felles", new_orgnr()),
        forespurte=sende,
        actor=HOUSE,
    )
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)
    with pytest.raises(UgyldigInndata, match="BARE_FORESPURTE"):
        give_sending(own, hus)
    admin = admin_of(hus)
    given = grants.approve_global_integrasjon(
        own, hus.organisasjon_id, ressurser=[hus.konto_id], shown=digest(own, hus), actor=admin
    )
    assert given == 1
    assert queries.may(machine(own), P.SENDE, hus.konto_id)
    assert not queries.may(machine(own), P.LESE, hus.konto_id)
    assert not queries.may(machine(own), P.SENDE, other.konto_id)
    assert grants.withdraw_integrasjon(own, hus.organisasjon_id, actor=admin) == 1
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)
    with pytest.raises(IkkeFunnet):
        service.delete_integrasjon(own, actor=admin)


def test_a_tilgang_that_is_withdrawn_is_gone_at_once() -> None:
    hus = make_hus()
    own, _, _ = make_integrasjon(hus)
    give_sending(own, hus)
    [row] = integrasjon_queries.tilganger_of(own, hus.organisasjon_id, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        grants.withdraw_tilgang(row.id, actor=admin_of(make_hus("Fjordvik kommune")))
    grants.withdraw_tilgang(row.id, actor=admin_of(hus))
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)


def test_the_last_use_is_written_at_most_daily() -> None:
    hus = make_hus()
    own, orgnr, passord = make_integrasjon(hus)

    def used() -> object:
        return integrasjon_queries.integrasjon(own, hus.organisasjon_id, actor=HOUSE).sist_brukt

    assert used() is None
    check_integrasjon(own, orgnr=orgnr, passord=passord)
    first = used()
    check_integrasjon(own, orgnr=orgnr, passord=passord)
    assert first is not None and used() == first


def another(hus: Hus, actor: Aktor, own: UUID, **facts: object) -> str:
    """Write these facts of the integrasjon; return who is meant to call from then on."""
    now = integrasjon_queries.integrasjon(own, hus.organisasjon_id, actor=HOUSE)
    fakta = Integrasjonsfakta(now.navn, now.autorisert_orgnr, now.beskrivelse, now.tjenester)
    service.change_integrasjon(own, fakta=replace(fakta, **facts), actor=actor)  # type: ignore[arg-type]
    session().rollback()
    return integrasjon_queries.integrasjon(own, hus.organisasjon_id, actor=HOUSE).autorisert_orgnr


def test_what_is_approved_for_one_supplier_is_moved_to_another_only_by_a_fresh_login_and_is_told() -> None:
    hus, new = make_hus(), new_orgnr()
    own, orgnr, _ = make_integrasjon(hus)
    person = make_person(P.INTEGRASJON_ADMINISTRER, ressurs=hus.organisasjon_id)
    stale = make_aktor(person, hus.organisasjon_id, minutter_siden=6)
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        another(hus, stale, own, autorisert_orgnr=new)
    assert another(hus, stale, own, navn="Sak og arkiv") == orgnr
    assert another(hus, make_aktor(person, hus.organisasjon_id), own, autorisert_orgnr=new) == new
    done = select(Audit.detaljer).where(Audit.objekt_id == str(own), Audit.handling == "INTEGRASJON_ENDRET")
    assert session().scalars(done.order_by(Audit.id)).all() == [
        {"felter": ["navn"]},
        {"felter": ["autorisert_orgnr"], "orgnr_for": orgnr, "orgnr": new},
    ]


def test_an_approval_is_bound_to_who_the_page_said_would_call() -> None:
    hus = make_hus()
    own, _, _ = make_integrasjon(hus)
    shown = digest(own, hus)
    another(hus, HOUSE, own, autorisert_orgnr=new_orgnr())
    with pytest.raises(Konflikt, match="TILGANGER_ENDRET"):
        grants.approve_integrasjon(
            own, hus.organisasjon_id, valg=[Tilgangsvalg(P.LESE, hus.konto_id)], shown=shown, actor=HOUSE
        )
    assert not queries.may(machine(own), P.LESE, hus.konto_id)
