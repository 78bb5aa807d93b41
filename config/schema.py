"""The schema revisions known to this code: its own, and all before it."""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory

from config.paths import ROOT

MIGRATIONS = ROOT / "migrations"


def newest_revision() -> str:
    """Return the newest revision among our migrations."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert newest is not None
    return newest


@cache
def known_revisions() -> frozenset[str]:
    """Return every revision among our migrations. A database at any other was migrated by a newer release."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return frozenset(script.revision for script in scripts.walk_revisions())


@cache
def older_revisions() -> frozenset[str]:
    """Return every revision before the newest: a database at one of these must still be migrated."""
    return known_revisions() - {newest_revision()}
