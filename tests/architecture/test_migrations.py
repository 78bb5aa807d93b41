"""A migration stops nobody who writes: an index on a table that is there already is made beside them, by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from config import schema

LAST_BEFORE = "c83f5a2d71e9"
"""The newest of 30 November 2026. Those up to it make indexes the plain way: no house had letters by then."""
BUILDS = frozenset(
    {
        *("op.create_index", "op.create_unique_constraint"),
        *("op.create_primary_key", "op.create_exclude_constraint"),
    }
)
"""What builds an index while it holds a lock on the table, which is the second argument."""
PLAIN = re.compile(
    r"\bCREATE\s+(UNIQUE\s+)?INDEX\b|\bADD\s+(CONSTRAINT\s+\S+\s+)?(UNIQUE|PRIMARY\s+KEY)\b", re.IGNORECASE
)


def later() -> list[Path]:
    """The migrations that the rule is for."""
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    newest_first = list(scripts.walk_revisions())
    revisions = [script.revision for script in newest_first]
    return [Path(str(script.path)) for script in newest_first[: revisions.index(LAST_BEFORE)]]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call, and what it is called by: `op.create_index`, `create_index`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def words(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def faults(source: str) -> list[str]:
    """What in a migration would stop who writes to a table that is there before it."""
    tree = ast.parse(source)
    [upgrade] = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "upgrade"]
    made = {words(call.args[0]) for name, call in calls(upgrade) if name == "op.create_table"}
    found = [fault for name, call in calls(upgrade) for fault in _faults_of(name, call, made)]
    texts = [
        words(node) or "" for one in tree.body if not isinstance(one, ast.Expr) for node in ast.walk(one)
    ]
    found += [f"SQL that builds an index: {text}" for text in texts if PLAIN.search(text)]
    beside = [one for one in map(ast.unparse, upgrade.body) if not one.startswith("create_index(")]
    if len(beside) < len(upgrade.body):
        found += [f"beside an index that is made by itself: {one}" for one in beside]
    return found


def _faults_of(name: str, call: ast.Call, made: set[str | None]) -> Iterator[str]:
    if name.startswith("op.batch_"):
        yield f"{name}, which says not what it does"
    if name in BUILDS and words(call.args[1]) not in made:
        yield f"{name} on {words(call.args[1])}"
    if name == "op.add_column" and words(call.args[0]) not in made:
        columns = [node for node in ast.walk(call) if isinstance(node, ast.Call)]
        named = {keyword.arg for column in columns for keyword in column.keywords}
        if named & {"index", "unique", "primary_key"}:
            yield f"a column with an index on {words(call.args[0])}"


def test_no_migration_makes_an_index_that_stops_who_writes() -> None:
    found = {path.name: faults(path.read_text("utf-8")) for path in later()}
    assert {name: these for name, these in found.items() if these} == {}


@pytest.mark.parametrize(
    "does",
    [
        'op.create_index("ix_hendelse_tid", "hendelse", ["tid"])',
        'op.create_index("ix_hendelse_tid", "hendelse", ["tid"], postgresql_concurrently=True)',
        'op.create_unique_constraint("uq_levering_ref", "levering", ["ref"])',
        'op.add_column("levering", sa.Column("ref", sa.Text(), unique=True))',
        'op.execute("CREATE INDEX ix_hendelse_tid ON hendelse (tid)")',
        'op.execute("ALTER TABLE levering ADD CONSTRAINT uq_levering_ref UNIQUE (ref)")',
        'op.batch_alter_table("levering")',
        'create_index("ix_hendelse_tid", "hendelse", ["tid"]); op.add_column("hendelse", sa.Column("ny", sa.Text()))',
    ],
)
def test_what_would_stop_who_writes_is_found(does: str) -> None:
    assert faults(f"def upgrade() -> None:\n    {does}") != []


@pytest.mark.parametrize(
    "does",
    [
        'create_index("ix_hendelse_tid", "hendelse", ["tid"])',
        'op.create_table("ny", sa.Column("id", sa.Uuid())); op.create_index("ix_ny_id", "ny", ["id"])',
        'op.add_column("levering", sa.Column("ref", sa.Text()))',
        'op.execute("GRANT SELECT ON ny TO fiks_app")',
    ],
)
def test_what_stops_nobody_is_let_be(does: str) -> None:
    assert faults(f"def upgrade() -> None:\n    {does}") == []
