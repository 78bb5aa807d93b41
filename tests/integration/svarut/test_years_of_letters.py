"""What is asked every few seconds, and each morning, reads no more letters when there are years of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.drift import state
from fiks.konfigurasjon.audit.queries import Utvalg, audit_log
from fiks.konfigurasjon.rules import P
from fiks.svarut.lifecycle import failure_notices
from fiks.svarut.operations import alarms
from fiks.svarut.receipts import reconciliation
from fiks.svarut.rules import Kanal, Opphav
from fiks.svarut.sender import log, statistics
from fiks.svarut.sender.log import Brevutvalg
from fiks.utsending.overview import dashboard
from tests.integration.databases import Database, plans
from tests.integration.houses import Hus, make_aktor, make_hus, make_person
from tests.integration.svarut.letters import make_letter

pytestmark = pytest.mark.slow

LETTERS = """
INSERT INTO forsendelse
SELECT (jsonb_populate_record(f, jsonb_build_object(
    'id', gen_random_uuid(), 'status', 'SLETTET', 'kanal', 'DPI',
    'opprettet', t, 'overlevert', t, 'status_endret', t))).*
FROM forsendelse f, generate_series(1, 5000) n, LATERAL (SELECT now() - n * interval '320 minutes' AS t) w
"""
"""Three years of letters that are deleted by now, as many of each konto that has one."""
HANDED_OVER = """
INSERT INTO levering
SELECT (jsonb_populate_record(l, jsonb_build_object(
    'id', gen_random_uuid(), 'forsendelse_id', f.id, 'status', 'OVERLEVERT', 'kanal', 'DPI'))).*
FROM levering l JOIN forsendelse g ON g.id = l.forsendelse_id JOIN forsendelse f ON f.konto_id = g.konto_id
WHERE f.status = 'SLETTET'
"""
REFUSED = """
UPDATE forsendelse SET status = 'AVVIST' WHERE id IN (SELECT id FROM forsendelse WHERE status = 'SLETTET' LIMIT 2000)
"""
ACTS = """
INSERT INTO audit (tid, organisasjon_id, aktor, aktor_navn, handling, objekt_type, objekt_id)
SELECT now() - (20000 - n) * interval '80 minutes', :org, 'x', 'x', 'LEST', 'x', 'x' FROM generate_series(1, 20000) n
ORDER BY n
"""


@pytest.fixture(scope="module")
def years(process: object, database: Database) -> Hus:
    """One of four kommuner with a letter under way and five thousand that were sent, and twenty thousand acts."""
    with process.app.app_context():  # type: ignore[attr-defined]
        hus = make_hus()
        for one in (hus, make_hus(), make_hus(), make_hus()):
            make_letter(one)
        with transaction() as tx:
            tx.execute(text(LETTERS))
            tx.execute(text(HANDED_OVER))
            tx.execute(text(REFUSED))
            tx.execute(text(ACTS), {"org": hus.organisasjon_id})
        session().rollback()
    with database.owner() as owner:
        owner.execute("ANALYZE")
    return hus


def a_minute(hus: Hus, actor: Aktor) -> None:
    state.handed_over_per_minute()


def the_chart(hus: Hus, actor: Aktor) -> None:
    state.throughput(timedelta(hours=1), timedelta(minutes=5))


def a_fortnight(hus: Hus, actor: Aktor) -> None:
    dashboard._per_day([hus.konto_id], clock.now())


def what_waits(hus: Hus, actor: Aktor) -> None:
    dashboard.tasks_for(actor=actor)
    dashboard._count_failed([hus.konto_id], actor)


def the_log_of_what_waits(hus: Hus, actor: Aktor) -> None:
    log.log_page(Brevutvalg(behandles=True), actor=actor)


def a_years_numbers(hus: Hus, actor: Aktor) -> None:
    statistics.letters_in(datetime.now(UTC).year, actor=actor)


def the_houses_own(hus: Hus, actor: Aktor) -> None:
    for opphav in failure_notices.OPPHAV:
        failure_notices.unreported_letters(Opphav(opphav))


def what_no_channel_confirmed(hus: Hus, actor: Aktor) -> None:
    runde = reconciliation._Runde(Kanal.DPI, clock.now(), clock.now(), lambda: False)
    session().execute(reconciliation._unconfirmed(runde))


def what_is_overdue(hus: Hus, actor: Aktor) -> None:
    alarms.count_digital_overdue()


def a_day_of_the_log(hus: Hus, actor: Aktor) -> None:
    day = (datetime.now(UTC) - timedelta(days=700)).date()
    assert audit_log(hus.organisasjon_id, Utvalg(fra=day, til=day), actor=actor)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (a_minute, "ix_forsendelse_overlevert_tid"),
        (the_chart, "ix_forsendelse_overlevert_tid"),
        (a_fortnight, "ix_forsendelse_konto_overlevert"),
        (what_waits, "ix_levering_"),
        (the_log_of_what_waits, "ix_levering_"),
        (a_years_numbers, "ix_forsendelse_konto_overlevert"),
        (the_houses_own, "ix_forsendelse_egne_tapte"),
        (what_no_channel_confirmed, "ix_forsendelse_ubekreftet"),
        (what_is_overdue, "ix_forsendelse_ubekreftet"),
        (a_day_of_the_log, "ix_audit_tid"),
    ],
)
@pytest.mark.usefixtures("app_context")
def test_three_years_of_letters_are_not_read(
    years: Hus, ask: Callable[[Hus, Aktor], None], index: str
) -> None:
    person = make_person(P.ADMIN, P.AUDIT_LES, ressurs=years.organisasjon_id)
    make_person(P.GODKJENNE, ressurs=years.konto_id)
    with plans() as answered:
        ask(years, make_aktor(person, years.organisasjon_id))
    whole = "\n".join(answered)
    assert index in whole, whole
    for table in ("forsendelse", "levering", "audit"):
        assert f"Seq Scan on {table} " not in whole, whole
