"""The audit log: the house may only add to it, and the chain tells when somebody else did more."""

from __future__ import annotations

import threading
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.audit import Audit, AuditSegl
from fiks.core.db import session, transaction
from tests.integration.databases import Database
from tests.integration.houses import HOUSE
from workers.process import Process

pytestmark = pytest.mark.usefixtures("empty")
ORG = UUID("11111111-1111-4111-8111-111111111111")


def write(*handlinger: str) -> None:
    with transaction():
        for handling in handlinger:
            audit.record(
                HOUSE, handling, "utsending", 1, organisasjon_id=ORG, antall=3, grunn="blåbærsyltetøy"
            )


def sealed() -> int:
    session().rollback()
    return session().execute(select(func.count()).select_from(AuditSegl)).scalar_one()


def test_a_row_tells_who_did_what_to_what() -> None:
    write("SE")
    row = session().scalars(select(Audit)).one()
    assert (row.aktor, row.aktor_navn, row.handling) == ("system:test", "test", "SE")
    assert (row.objekt_type, row.objekt_id, row.organisasjon_id) == ("utsending", "1", ORG)
    assert row.detaljer == {"antall": 3, "grunn": "blåbærsyltetøy"}


def test_a_row_of_a_use_case_that_failed_is_not_there() -> None:
    with pytest.raises(KeyError), transaction():
        audit.record(HOUSE, "SE", "utsending", 1)
        raise KeyError("b")
    assert session().execute(select(func.count()).select_from(Audit)).scalar_one() == 0


@pytest.mark.parametrize("table", ["audit", "audit_segl"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_postgresql_refuses_the_houses_role_to_change_the_log(
    database: Database, table: str, statement: str
) -> None:
    write("SE")
    audit.seal()
    column = "handling" if table == "audit" else "hash"
    with database.app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.format(table, column, column))


def test_the_houses_role_may_add_to_the_log_and_read_it(database: Database) -> None:
    write("SE")
    with database.app() as app:
        assert app.execute("SELECT count(*) FROM audit").fetchone() == (1,)


def test_the_sealer_seals_each_row_once_and_the_chain_holds() -> None:
    write("A", "B", "C")
    assert audit.seal() == 3
    assert audit.seal() == 0
    write("D")
    assert audit.seal() == 1
    assert sealed() == 4
    assert audit.verify() is None


def test_the_sealer_takes_a_portion_and_goes_on_from_there() -> None:
    write("A", "B", "C")
    assert [audit.seal(2), audit.seal(2), audit.seal(2)] == [2, 1, 0]
    assert audit.verify() is None


def test_two_sealers_at_once_make_one_chain(process: Process) -> None:
    for n in range(20):
        write(f"A{n}")

    def seal_all() -> None:
        with process.app.app_context():
            for _ in range(30):
                audit.seal(1)

    threads = [threading.Thread(target=seal_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.seal()
    assert sealed() == 20
    assert audit.verify() is None


def test_an_empty_log_holds() -> None:
    assert audit.verify() is None


def write_five() -> None:
    write("A", "B", "C", "D", "E")
    audit.seal()
    assert audit.verify() is None
    session().rollback()


@pytest.mark.parametrize(
    "change",
    [
        "handling = 'X'",
        "aktor = 'system:andre'",
        "aktor_navn = 'andre'",
        "objekt_type = 'konto'",
        "objekt_id = '2'",
        "detaljer = '{\"antall\": 4}'",
        "tid = tid + interval '1 microsecond'",
        "organisasjon_id = NULL",
        "aktor_type = 'PERSON'",
        "integrasjon_id = gen_random_uuid()",
        "paa_vegne_av = '310000000'",
        "sikkerhetsniva = 4",
        "kanal = 'API'",
        "request_id = 'r'",
        "utfall = 'AVVIST'",
        "tjeneste = 'SVARUT'",
        "ressurs_id = gen_random_uuid()",
        "gjelder = '\\x00'",
        "hjemmel = 'loven'",
    ],
)
def test_the_chain_finds_a_row_that_its_owner_changed(database: Database, change: str) -> None:
    write_five()
    with database.owner() as owner:
        owner.execute(f"UPDATE audit SET {change} WHERE handling = 'C'")  # type: ignore[arg-type]
    assert audit.verify() == 3


def test_the_chain_finds_a_row_that_its_owner_deleted_with_its_seal(database: Database) -> None:
    write_five()
    with database.owner() as owner:
        owner.execute("DELETE FROM audit_segl WHERE nr = 2")
        owner.execute("DELETE FROM audit WHERE handling = 'B'")
    assert audit.verify() == 2


def test_the_chain_finds_a_row_that_was_deleted_behind_its_seal(database: Database) -> None:
    write_five()
    with database.owner() as owner:
        owner.execute("DELETE FROM audit WHERE handling = 'B'")
    assert audit.verify() == 2


def test_a_row_may_be_gone_when_its_seal_says_that_its_time_is_over(database: Database) -> None:
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id) VALUES"
            " (now() - interval '5 years 1 day', 'a', 'a', 'A', 'o', '1'),"
            " (now() - interval '13 months', 'a', 'a', 'INNLOGGET', 'o', '2'),"
            " (now() - interval '13 months', 'a', 'a', 'B', 'o', '3')"
        )
    write("C")
    audit.seal()
    with database.owner() as owner:
        owner.execute("DELETE FROM audit WHERE objekt_id IN ('1', '2') AND objekt_type = 'o'")
    assert audit.verify() is None
    session().rollback()
    with database.owner() as owner:
        owner.execute("DELETE FROM audit WHERE objekt_id = '3'")
    assert audit.verify() == 3


def test_the_time_to_keep_a_row_cannot_be_shortened_in_its_seal(database: Database) -> None:
    write_five()
    with database.owner() as owner:
        owner.execute("UPDATE audit_segl SET bevares_til = now() - interval '1 day' WHERE nr = 2")
        owner.execute("DELETE FROM audit WHERE handling = 'B'")
    assert audit.verify() == 2


def test_the_chain_finds_two_rows_that_changed_places(database: Database) -> None:
    write_five()
    with database.owner() as owner:
        owner.execute(
            "UPDATE audit a SET handling = b.handling FROM audit b"
            " WHERE a.handling IN ('B', 'C') AND b.handling IN ('B', 'C') AND a.id <> b.id"
        )
    assert audit.verify() == 2


def test_the_chain_finds_a_seal_that_was_moved_to_another_row(database: Database) -> None:
    write_five()
    with database.owner() as owner:
        ids = owner.execute("SELECT nr, audit_id FROM audit_segl WHERE nr IN (2, 3) ORDER BY nr").fetchall()
        owner.execute("DELETE FROM audit_segl WHERE nr = 3")
        owner.execute("UPDATE audit_segl SET audit_id = %s WHERE nr = 2", [ids[1][1]])
    assert audit.verify() == 2


def test_the_chain_finds_a_seal_that_stands_before_the_first(database: Database) -> None:
    write_five()
    write("F")
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit_segl (nr, audit_id, rad_hash, bevares_til, hash)"
            " SELECT 0, id, '', now(), '' FROM audit WHERE handling = 'F'"
        )
    assert audit.verify() == 1
