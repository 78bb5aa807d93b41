"""Which revisions of the schema come before the one this code is written for."""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory

from config.paths import ROOT

MIGRATIONS = ROOT / "migrations"


def head() -> str:
    """The newest revision among our migrations."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert newest is not None
    return newest


@cache
def outgrown() -> frozenset[str]:
    """Every revision before the newest: a database on one of these has yet to be migrated."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return frozenset(script.revision for script in scripts.walk_revisions()) - {head()}
