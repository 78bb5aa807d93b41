"""The decision is one query, and finds its rows by index; its use is written afterwards, and at most once a day."""

from __future__ import annotations

import pytest
from sqlalchemy import func, text, update
from sqlalchemy.dialects import postgresql

from fiks.core.db import session, transaction
from fiks.konfigurasjon import decision, usage
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.rules import P, Ressurstype
from tests.integration.houses import make_hus, make_person
from tests.integration.konfigurasjon.holders import grant_row, grants_of

pytestmark = pytest.mark.usefixtures("context")


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
    query = decision.decision_query(decision._of_person(person_id), P.SENDE, hus.konto_id)
    sql = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    plan = "\n".join(session().scalars(text("EXPLAIN " + str(sql).replace(":", "\\:"))))
    assert "Seq Scan on tilgang" not in plan, plan
    assert "Seq Scan on ressurs" not in plan, plan


def test_use_is_written_after_the_request_and_not_again_the_same_day() -> None:
    hus = make_hus()
    person_id = make_person(P.SENDE, ressurs=hus.konto_id)
    usage.write_noted()
    [grant] = grants_of(person_id)
    assert decision.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert grant_row(grant.id).sist_brukt is None
    assert usage.write_noted() == 1
    first = grant_row(grant.id).sist_brukt
    assert first is not None
    assert decision.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert usage.write_noted() == 0
    with transaction() as tx:
        tx.execute(
            update(Tilgang)
            .where(Tilgang.id == grant.id)
            .values(sist_brukt=func.now() - func.make_interval(0, 0, 0, 2))
        )
    assert decision.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert usage.write_noted() == 1
