"""Each index answers something that no other does: one more costs every letter that is taken in."""

from __future__ import annotations

import pytest

from tests.integration.databases import Database

SUPERFLUOUS = """
WITH one AS (
    SELECT i.indexrelid AS id, i.indrelid AS tabell, i.indisunique AS unik, c.relam AS art,
        coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS vilkar,
        ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n) AS kolonner
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'i'
)
SELECT less.id::regclass || ' is the beginning of ' || more.id::regclass
FROM one less JOIN one more USING (tabell, art, vilkar)
WHERE less.id <> more.id AND NOT less.unik
    AND more.kolonner[1:cardinality(less.kolonner)] = less.kolonner
"""
"""Indexes that are the first columns of another, of the same rows. Of two alike both are told."""


def superfluous(database: Database) -> list[str]:
    with database.owner() as owner:
        return [str(said) for (said,) in owner.execute(SUPERFLUOUS)]


def test_no_index_is_the_beginning_of_another(database: Database) -> None:
    assert superfluous(database) == []


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("CREATE INDEX ix_prov ON forsendelse (mottaker_indeks)", ["ix_forsendelse_innboks"]),
        ("CREATE INDEX ix_prov ON forsendelse (mottaker_indeks) WHERE originaler_venter", []),
        ("CREATE UNIQUE INDEX ix_prov ON forsendelse (id)", []),
    ],
)
def test_one_that_is_is_found(database: Database, made: str, told: list[str]) -> None:
    with database.owner() as owner:
        try:
            owner.execute(made)
            found = superfluous(database)
        finally:
            owner.execute("DROP INDEX IF EXISTS ix_prov")
    assert found == [f"ix_prov is the beginning of {one}" for one in told]
