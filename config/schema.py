"""Which revisions of the schema there are, as far as this code knows: its own, and those before it."""

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
def known() -> frozenset[str]:
    """Every revision among our migrations. A database on any other was brought there by a newer release."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return frozenset(script.revision for script in scripts.walk_revisions())


@cache
def outgrown() -> frozenset[str]:
    """Every revision before the newest: a database on one of these has yet to be migrated."""
    return known() - {head()}
