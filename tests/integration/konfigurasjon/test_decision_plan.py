"""The decision is one query, and finds its rows by index; its use is written afterwards, and at most once a day."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, text, update
from sqlalchemy.dialects import postgresql

from fiks.core.actor import Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import authorization, grant_usage, service
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import P, Ressurstype
from tests.integration.databases import statements
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person
from tests.integration.konfigurasjon.holders import grant_row, grants_of
from tests.machines import make_kall

pytestmark = pytest.mark.usefixtures("app_context")


def test_the_plan_of_the_decision_has_no_sequential_scan_among_many_grants() -> None:
    hus, person_id = make_hus(), make_person()
    many = text(
        "WITH p AS (INSERT INTO person (id, fnr_kryptert, fnr_indeks, fnr_maskert, navn)"
        " SELECT gen_random_uuid(), ''::bytea, int4send(n), '', 'N' FROM generate_series(1, 20000) n RETURNING id)"
        " INSERT INTO tilgang (id, person_id, privilegium, ressurs_id)"
        " SELECT gen_random_uuid(), id, 'SVARUT.SENDE', :konto FROM p"
    )
    with transaction() as tx:
        tx.execute(many, {"konto": hus.konto_id})
        tx.execute(
            text(
                "INSERT INTO ressurs (id, type, navn, sti) SELECT i, :type, 'R', ARRAY[i]"
                " FROM (SELECT gen_random_uuid() i FROM generate_series(1, 5000)) x"
            ),
            {"type": str(Ressurstype.FIKS_ORG)},
        )
    for query, machine in (
        (authorization.STATEMENTS[Aktortype.PERSON], {}),
        (authorization.BY_MACHINE, {"maskin": uuid4()}),
    ):
        asked = query.params(holder=person_id, ressurs=hus.konto_id, **machine)
        sql = asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session().scalars(text("EXPLAIN " + str(sql).replace(":", "\\:"))))
        assert "Seq Scan on tilgang" not in plan, plan
        assert "Seq Scan on ressurs" not in plan, plan


def test_use_is_written_after_the_request_and_not_again_the_same_day() -> None:
    hus = make_hus()
    person_id = make_person(P.SENDE, ressurs=hus.konto_id)
    grant_usage.write_noted_uses()
    [grant] = grants_of(person_id)
    assert authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert grant_row(grant.id).sist_brukt is None
    assert grant_usage.write_noted_uses() == 1
    first = grant_row(grant.id).sist_brukt
    assert first is not None
    assert authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert grant_usage.write_noted_uses() == 0
    with transaction() as tx:
        tx.execute(
            update(Tilgang)
            .where(Tilgang.id == grant.id)
            .values(sist_brukt=func.now() - func.make_interval(0, 0, 0, 2))
        )
    assert authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert grant_usage.write_noted_uses() == 1


def test_many_decisions_are_one_query_that_notes_the_grants_behind_them() -> None:
    hus, other = make_hus(), make_hus()
    actor = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id))
    grant_usage.write_noted_uses()
    with statements() as sent:
        authorization.require_each(actor, P.ADMIN, [hus.konto_id])
    assert len(sent) == 1
    for forbidden in (hus.organisasjon_id, other.konto_id):
        with pytest.raises(IkkeFunnet):
            authorization.require_each(actor, P.ADMIN, [hus.konto_id, forbidden])
    reader = make_aktor(make_person(P.LESE, ressurs=hus.konto_id))
    with pytest.raises(IkkeTilgang):
        authorization.require_each(reader, P.ADMIN, [hus.konto_id])
    authorization.require_each(HOUSE, P.ADMIN, [hus.konto_id, other.konto_id])
    assert grant_usage.write_noted_uses() == 1


def test_a_decision_is_one_query_whether_it_is_yes_no_or_not_even_there() -> None:
    hus = make_hus()
    actor = make_aktor(make_person(P.LESE, ressurs=hus.konto_id))
    stranger = make_aktor(make_person())
    machine = UUID(make_kall(hus.organisasjon_id).id)
    for one in (actor, replace(actor, integrasjon_id=machine)):
        with statements() as sent:
            authorization.require(one, P.LESE, hus.konto_id)
        assert len(sent) == 1
    with statements() as sent, pytest.raises(IkkeTilgang):
        authorization.require(actor, P.SENDE, hus.konto_id)
    assert len(sent) == 1
    with statements() as sent, pytest.raises(IkkeFunnet):
        authorization.require(stranger, P.SENDE, hus.konto_id)
    assert len(sent) == 1


def test_to_ask_for_all_rights_for_a_page_is_one_query_and_no_use() -> None:
    hus = make_hus()
    actor = make_aktor(make_person(P.LESE, P.SENDE, ressurs=hus.konto_id))
    grant_usage.write_noted_uses()
    with statements() as sent:
        held = authorization.rettigheter(actor, hus.konto_id)
        assert held.everything() == {P.LESE, P.SENDE}
    assert len(sent) == 1
    assert grant_usage.write_noted_uses() == 0


def test_only_the_grant_that_lets_one_go_on_is_used() -> None:
    hus = make_hus()
    person_id = make_person(P.LESE, P.SENDE, ressurs=hus.konto_id)
    grant_usage.write_noted_uses()
    held = authorization.rettigheter(make_aktor(person_id), hus.konto_id)
    assert held.use(P.STOPPE, P.SENDE)
    assert grant_usage.write_noted_uses() == 1
    assert {t.privilegium: t.sist_brukt is not None for t in grants_of(person_id)} == {
        "SVARUT.LESE": False,
        "SVARUT.SENDE": True,
    }


def test_an_own_privilege_is_used_before_that_of_the_administrator() -> None:
    hus = make_hus()
    person_id = make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    service.grant_privilegium(person_id, P.SENDE, hus.konto_id, actor=HOUSE)
    grant_usage.write_noted_uses()
    assert authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert grant_usage.write_noted_uses() == 1
    assert [t.privilegium for t in grants_of(person_id) if t.sist_brukt] == ["SVARUT.SENDE"]
