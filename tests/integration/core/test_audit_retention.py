"""What is old is deleted by age and by nothing else, whoever asks, and the chain tells the truth afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from fiks.core import audit, environment
from fiks.core.audit import LOGIN_ACTS, Audit, AuditSegl
from fiks.core.audit_upkeep import retention
from fiks.core.audit_upkeep.chain_verification import ChainWalk
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.core.values.calendar import months_after
from fiks.utsending import invariant_schedule
from tests.integration.databases import Database
from tests.integration.houses import HOUSE
from workers import planned, rule_checks

pytestmark = pytest.mark.usefixtures("empty")
CALL = "SELECT slett_gammel_revisjon(1000)"


def old_row(database: Database, handling: str, age: str) -> None:
    """A row written `age` ago, as only the owner can make one."""
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            " VALUES (now() - %s::interval, 'a', 'a', %s, 'o', '1')",
            [age, handling],
        )


def handlinger() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Audit.handling).order_by(Audit.id)))


@pytest.mark.parametrize("handling", sorted(LOGIN_ACTS))
def test_acts_of_logging_in_are_kept_for_a_year_and_no_more(database: Database, handling: str) -> None:
    old_row(database, handling, "12 months 1 day")
    old_row(database, handling, "11 months 27 days")
    audit.seal()
    assert retention.delete_old() == 1
    assert handlinger() == [handling, "DATA_SLETTET"]
    assert audit.verify() is None


def test_s17_48_retention_is_enforced_by_the_job_and_the_chain_still_verifies(database: Database) -> None:
    old_row(database, "TILGANG_GITT", "5 years 1 day")
    old_row(database, "INNLOGGET", "13 months")
    old_row(database, "TILGANG_GITT", "4 years 11 months")
    audit.seal()
    assert planned.JOBS["slett_gammel_revisjon"].run() == 2
    assert handlinger() == ["TILGANG_GITT", "DATA_SLETTET"]
    audit.seal()
    assert audit.verify() is None
    assert session().execute(select(func.count()).select_from(AuditSegl)).scalar_one() == 4
    assert planned.JOBS["slett_gammel_revisjon"].run() == 0


def test_many_old_rows_are_deleted_portion_by_portion(database: Database) -> None:
    for _ in range(5):
        old_row(database, "PERSONOPPSLAG", "6 years")
    audit.seal()
    assert retention.delete_old(2) == 5
    rows = session().scalars(select(Audit).order_by(Audit.id)).all()
    assert [row.detaljer for row in rows] == [{"antall": 2}, {"antall": 2}, {"antall": 1}]


def test_when_there_is_no_time_for_more_the_rest_is_deleted_the_next_time(database: Database) -> None:
    for _ in range(5):
        old_row(database, "PERSONOPPSLAG", "6 years")
    audit.seal()
    assert [retention.delete_old(2, seconds=0) for _ in range(4)] == [2, 2, 1, 0]


def test_a_row_that_is_not_sealed_is_never_deleted(database: Database) -> None:
    old_row(database, "PERSONOPPSLAG", "6 years")
    assert retention.delete_old() == 0


def test_s17_46_the_houses_role_cannot_delete_a_younger_row_even_by_the_function_and_a_seal_of_its_own(
    database: Database,
) -> None:
    """It may write a seal that says the time is over; the floor stands in the function all the same."""
    with transaction():
        audit.record(HOUSE, "TILGANG_GITT", "ressurs", 1)
    old_row(database, "TILGANG_GITT", "4 years 11 months")
    old_row(database, "INNLOGGET", "11 months")
    with database.app() as app:
        app.execute(
            "INSERT INTO audit_segl (nr, audit_id, rad_hash, bevares_til, hash)"
            " SELECT id, id, '', now() - interval '1 day', '' FROM audit"
        )
        for maks in ("1000", "-1", "2147483647", "NULL"):
            assert app.execute(f"SELECT slett_gammel_revisjon({maks})").fetchone() == (0,)  # type: ignore[arg-type]
    assert len(handlinger()) == 3


def test_s17_46_the_houses_role_cannot_change_the_function_or_what_it_finds(database: Database) -> None:
    """A table of the caller's own, put before the real one, is not what the function reads; nor may it be replaced."""
    old_row(database, "TILGANG_GITT", "1 day")
    with database.app() as app:
        app.execute(
            "CREATE TEMPORARY TABLE audit_segl AS SELECT id AS audit_id, now() AS bevares_til FROM audit"
        )
        app.execute("SET search_path = pg_temp, public")
        assert app.execute(CALL).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(
                "CREATE OR REPLACE FUNCTION public.slett_gammel_revisjon(maks integer) RETURNS bigint"
                " LANGUAGE sql AS 'SELECT 0::bigint'"
            )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DELETE FROM public.audit")


def test_the_function_is_the_owners_pinned_and_nobodys_but_the_houses(database: Database) -> None:
    with database.owner() as owner:
        found = owner.execute(
            "SELECT prosecdef, proconfig, pg_get_userbyid(proowner) = (SELECT tableowner FROM pg_tables"
            " WHERE tablename = 'audit'), has_function_privilege('fiks_app', oid, 'EXECUTE'),"
            " (SELECT count(*) FROM aclexplode(proacl) WHERE grantee = 0)"
            " FROM pg_proc WHERE proname = 'slett_gammel_revisjon'"
        ).fetchall()
    assert found == [(True, ["search_path=pg_catalog, pg_temp"], True, True, 0)]


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE audit SET aktor_navn = 'andre' WHERE handling = 'B'",
        "DELETE FROM audit WHERE handling = 'B'",
        "INSERT INTO audit_segl (nr, audit_id, rad_hash, bevares_til, hash) VALUES (4, 999999, '', now(), '')",
    ],
    ids=["changed", "removed", "inserted"],
)
def test_s17_47_the_daily_check_finds_a_changed_removed_or_inserted_row(
    database: Database, tamper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        for handling in "ABC":
            audit.record(HOUSE, handling, "ressurs", 1)
    audit.seal()
    # What a process knows to be broken it knows until it finds it mended; the next test is another process.
    monkeypatch.setattr(invariant_schedule, "_chain", ChainWalk())
    check = planned.JOBS["kontroller_revisjonslogg"].run
    gauge = rule_checks.BREACHES.labels("natt", "I10")
    assert (check(), gauge._value.get()) == (0, 0)
    with database.owner() as owner:
        owner.execute(tamper)  # type: ignore[arg-type]
    invariant_schedule.resume_chain_check()
    assert (check(), gauge._value.get()) == (1, 1)
    assert [breach.kode for breach in invariant_schedule.check_chain()] == ["KJEDEN_BRUTT"]


def test_s17_43_a_change_and_its_audit_row_are_committed_together_or_not_at_all() -> None:
    """The change is undone when its audit row cannot be written, and the row when the change cannot be."""
    change = PlanlagtJobb(navn="endring", intervall_sekunder=1)
    with pytest.raises(TypeError), transaction() as tx:
        tx.add(change)
        tx.flush()
        audit.record(HOUSE, "TILGANG_GITT", "ressurs", 1, verdi=object())
    assert (handlinger(), session().get(PlanlagtJobb, "endring")) == ([], None)
    with pytest.raises(IntegrityError), transaction() as tx:
        audit.record(HOUSE, "TILGANG_GITT", "ressurs", 1)
        tx.flush()
        tx.add_all(PlanlagtJobb(navn="endring", intervall_sekunder=1) for _ in range(2))
    assert (handlinger(), session().get(PlanlagtJobb, "endring")) == ([], None)


def test_the_extent_tells_how_many_and_from_when(database: Database) -> None:
    assert retention.extent() == retention.Omfang(0, None, None)
    old_row(database, "A", "400 days")
    old_row(database, "B", "1 day")
    session().rollback()
    extent = retention.extent()
    assert extent.forste is not None and extent.siste is not None
    assert (extent.antall, (extent.siste - extent.forste).days) == (2, 399)
    assert extent.siste < datetime.now(UTC)


def test_s17_48_a_setting_keeps_rows_longer_from_the_seal_on(database: Database) -> None:
    kept = replace(current(), revisjon_aar=10, revisjon_innlogging_maaneder=18)
    before = current()
    old_row(database, "TILGANG_GITT", "9 years")
    old_row(database, "INNLOGGET", "17 months")
    old_row(database, "INNLOGGET", "19 months")
    environment.install(kept)
    try:
        audit.seal()
    finally:
        environment.install(before)

    assert retention.delete_old() == 1
    assert handlinger() == ["TILGANG_GITT", "INNLOGGET", "DATA_SLETTET"]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-08-31", 18, "2028-02-29"),
        ("2026-01-31", 13, "2027-02-28"),
        ("2026-12-01", 60, "2031-12-01"),
    ],
)
def test_a_row_is_kept_to_the_same_day_of_the_month(start: str, months: int, end: str) -> None:
    assert months_after(datetime.fromisoformat(start), months) == datetime.fromisoformat(end)
