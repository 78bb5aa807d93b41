"""The service password of a konto: shown once, stored as a keyed hash, and the old one dead at once (svarut.md 1.1)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon.passwords import Passord
from fiks.konfigurasjon.konto import password as konto_password
from fiks.konfigurasjon.konto.models import Kontopassord
from fiks.konfigurasjon.konto.password import Avslag, check_konto, new_password, password_created_at
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.rules import P
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus, staff_of
from tests.integration.konfigurasjon.holders import acts, last_act

pytestmark = pytest.mark.usefixtures("app_context")


def avsender_of(hus: Hus) -> str:
    return session().execute(select(Konto.avsender).where(Konto.id == hus.konto_id)).scalar_one()


def password(hus: Hus, actor: Aktor = HOUSE) -> str:
    made = password_created_at(hus.konto_id, actor=HOUSE)
    return new_password(hus.konto_id, replaces=made, actor=actor).verdi


def test_sv12_20_the_password_is_shown_once_and_stored_as_a_keyed_hash(database: Database) -> None:
    hus = make_hus()
    made = password(hus, staff_of(hus, P.ADMIN))
    assert str(UUID(made)) == made
    assert made.encode() not in database.dump()
    assert made not in repr(Passord(made))
    assert check_konto(avsender_of(hus), made).avslag is None


def test_sv12_20_a_new_password_kills_the_old_one_at_once() -> None:
    hus = make_hus()
    old, new = password(hus), password(hus)
    assert check_konto(avsender_of(hus), old).avslag is Avslag.FEIL_PASSORD
    assert check_konto(avsender_of(hus), new).avslag is None


def test_a_konto_whose_service_is_gone_is_let_in_no_more() -> None:
    hus = make_hus()
    made = password(hus)
    with transaction() as tx:
        above = select(Ressurs.forelder_id).where(Ressurs.id == hus.konto_id).scalar_subquery()
        tx.execute(update(Ressurs).where(Ressurs.id == above).values(slettet=clock.database_now()))
    assert check_konto(avsender_of(hus), made).avslag is Avslag.ORGANISASJON_INAKTIV


def test_a_form_sent_twice_makes_no_second_password() -> None:
    hus = make_hus()
    new_password(hus.konto_id, replaces=None, actor=HOUSE)
    with pytest.raises(Konflikt, match="PASSORD_ENDRET"):
        new_password(hus.konto_id, replaces=None, actor=HOUSE)


def test_only_an_administrator_of_the_konto_who_has_just_logged_in_makes_one() -> None:
    hus, other = make_hus(), make_hus("Nabovik kommune")
    admin = staff_of(hus, P.ADMIN)
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        password(hus, staff_of(hus, P.ADMIN, minutter_siden=6))
    with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
        password(hus, replace(admin, integrasjon_id=uuid4()))
    with pytest.raises(IkkeTilgang, match="KUN_FOR_PERSON"):
        password(hus, Aktor(Aktortype.INTEGRASJON, "Konto", konto_id=hus.konto_id))
    for actor in (staff_of(hus, P.SENDE), staff_of(other, P.ADMIN)):
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            password(hus, actor)
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            password_created_at(hus.konto_id, actor=actor)
    assert password_created_at(hus.konto_id, actor=HOUSE) is None
    password(hus, admin)
    assert last_act(hus.organisasjon_id, "KONTO_PASSORD_GENERERT").objekt_id == str(hus.konto_id)


def test_every_way_to_be_wrong_is_told_apart_only_here() -> None:
    hus, without = make_hus(), make_hus("Nabovik kommune")
    right = password(hus)
    assert check_konto("finnes-ikke", right) == konto_password.Svar(None, Avslag.UKJENT)
    assert check_konto(avsender_of(hus), right + "x").avslag is Avslag.FEIL_PASSORD
    assert check_konto(avsender_of(without), right).avslag is Avslag.FEIL_PASSORD
    assert check_konto(avsender_of(without), "").avslag is Avslag.FEIL_PASSORD
    with transaction() as tx:
        gone = update(Ressurs).where(Ressurs.id == hus.organisasjon_id)
        tx.execute(gone.values(slettet=clock.database_now()))
    assert check_konto(avsender_of(hus), right).avslag is Avslag.ORGANISASJON_INAKTIV


def test_its_last_use_is_noted_once_a_day() -> None:
    hus = make_hus()
    right, avsender = password(hus), avsender_of(hus)
    used = select(Kontopassord.sist_brukt).where(Kontopassord.konto_id == hus.konto_id)
    check_konto(avsender, right + "x")
    assert session().scalar(used) is None
    check_konto(avsender, right)
    first = session().scalar(used)
    check_konto(avsender, right)
    assert session().scalar(used) == first is not None


def test_a_konto_has_no_right_but_its_own() -> None:
    hus = make_hus()
    actor = Aktor(Aktortype.INTEGRASJON, "Konto", konto_id=hus.konto_id)
    assert not any(queries.may(actor, privilege, hus.konto_id) for privilege in P)


def test_refusals_are_audited_and_a_name_that_no_konto_has_is_not_written_down(database: Database) -> None:
    hus = make_hus()
    door = system("kontoport")
    wrong = check_konto(avsender_of(hus), "feil")
    konto_password.record_refusals(wrong, antall=10, error_id="e-1", actor=door)
    row = last_act(hus.organisasjon_id, "KONTO_AUTENTISERING_FEILET")
    assert (row.objekt_id, row.utfall, row.detaljer["antall"]) == (str(hus.konto_id), "AVVIST", 10)

    konto_password.record_refusals(check_konto("17912099997", "x"), antall=1, error_id="e-2", actor=door)
    unknown = select(Audit.organisasjon_id).where(Audit.objekt_id == "ukjent")
    assert session().scalars(unknown).all() == [None]
    assert b"17912099997" not in database.dump()
    assert acts(hus.organisasjon_id).count("KONTO_AUTENTISERING_FEILET") == 1
