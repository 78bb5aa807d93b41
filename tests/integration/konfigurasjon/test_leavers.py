"""Somebody has left: one act, and nothing of theirs is left in the organisation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon import authorization, queries
from fiks.konfigurasjon.models import Gruppemedlem, Organisasjon
from fiks.konfigurasjon.person import service as person_service
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import P, Periode
from fiks.konfigurasjon.tilgang import colleagues, service
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import (
    admin_of,
    alone,
    grants_of,
    gruppe,
    last_act,
    make_gruppe,
    person,
)

pytestmark = pytest.mark.usefixtures("app_context")


def log_in(pid: str) -> str:
    return sessions.open_session(
        pid=pid,
        acr=4,
        auth_time=clock.database_now(),
        iss="https://idporten.example",
        idporten_sid=None,
        id_token="token",
        navn="Lars",
    )


def test_s17_08_a_leaver_loses_everything_everywhere_in_the_organisation_and_is_logged_out() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    admin, pid = admin_of(hus), new_fnr()
    tokens = [log_in(pid), log_in(pid)]
    leaver = person_service.find_or_create_person(pid, "Lars")
    for ressurs, privilege in (
        (hus.konto_id, P.SENDE),
        (hus.organisasjon_id, P.ADMIN),
        (other.konto_id, P.SENDE),
    ):
        service.grant(ressurs, innehaver=person(leaver), privilegier=[privilege], actor=HOUSE)
    later = Periode(fra=clock.database_now() + timedelta(days=9))
    service.grant(hus.konto_id, innehaver=person(leaver), privilegier=[P.LESE], periode=later, actor=HOUSE)
    group, foreign = make_gruppe(hus, leaver), make_gruppe(other, leaver)
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.STOPPE], actor=HOUSE)
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).avtaleadmin_id = leaver

    lost = colleagues.remove_leaver(hus.organisasjon_id, leaver, actor=admin)

    assert (lost.tilganger, lost.grupper, lost.sesjoner, lost.avtaleadmin) == (3, 1, 2, True)
    assert queries.privileges_in(leaver, hus.organisasjon_id) == frozenset()
    assert authorization.is_authorised(leaver, P.SENDE, other.konto_id)
    assert [t for t in grants_of(leaver) if t.ressurs_id != other.konto_id] == []
    members = select(Gruppemedlem.gruppe_id).where(Gruppemedlem.person_id == leaver)
    assert session().scalars(members).all() == [foreign]
    assert session().get_one(Organisasjon, hus.organisasjon_id).avtaleadmin_id is None
    assert [sessions.load_session(token) for token in tokens] == [None, None]
    row = last_act(hus.organisasjon_id, "PERSON_SLUTTET")
    assert (row.aktor, row.objekt_id, row.detaljer["tilganger"]) == (str(admin.person_id), str(leaver), 3)
    assert pid not in str(row.detaljer)


def test_s17_06_the_last_administrator_cannot_leave() -> None:
    hus = alone(make_hus())
    admin = admin_of(hus)
    assert admin.person_id is not None
    with pytest.raises(Konflikt, match="SISTE_ADMINISTRATOR"):
        colleagues.remove_leaver(hus.organisasjon_id, admin.person_id, actor=admin)
    assert authorization.is_authorised(admin.person_id, P.ADMIN, hus.organisasjon_id)


def test_one_who_holds_nothing_in_the_organisation_is_not_known_there() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    stranger = make_person(P.SENDE, ressurs=other.konto_id)
    with pytest.raises(IkkeFunnet):
        colleagues.remove_leaver(hus.organisasjon_id, stranger, actor=admin_of(hus))
    assert authorization.is_authorised(stranger, P.SENDE, other.konto_id)


def test_only_an_administrator_of_the_whole_organisation_lets_somebody_leave() -> None:
    hus = make_hus()
    leaver = make_person(P.SENDE, ressurs=hus.konto_id)
    of_konto = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    reader = make_aktor(make_person(P.ORG_LES, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    with pytest.raises(IkkeFunnet):
        colleagues.remove_leaver(hus.organisasjon_id, leaver, actor=of_konto)
    with pytest.raises(IkkeTilgang):
        colleagues.remove_leaver(hus.organisasjon_id, leaver, actor=reader)
    assert authorization.is_authorised(leaver, P.SENDE, hus.konto_id)
