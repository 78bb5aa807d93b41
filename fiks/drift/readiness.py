"""Readiness of a process: database, schema revision, keys, database role and object store.

Ready means: the database answers, its schema is new enough, the keys are the house's, in production our role
may not change the audit log, and, for processes that need it, the object store answers.

Every process checks and reports all of it. Redis is not checked: without it everything works, only slower.
Answers are at most some seconds old, and a part that hangs occupies one thread and no more, however often it
is asked.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from fiks.core.environment import current
from fiks.drift import key_check

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 3.0
FRESH_SECONDS = 2.0
CONNECT_SECONDS = 2
STATEMENT_OPTIONS = "-c statement_timeout=2000"
ROWS = frozenset({"database", "migrasjoner", "nokler"})
"""Needs of the sweeper and the portal.

Without the object store people can log in, look, and stop what is on its way, machines can ask for statuses,
and a request that needs the store reports that itself.
"""
OWN_ROLE = frozenset({"rolle"})
"""Needed in production too: the owner's role could change the audit log, and drop it."""
MAY_CHANGE_AUDIT = (
    "SELECT current_user, has_table_privilege(to_regclass('audit'), 'UPDATE, DELETE, TRUNCATE')"
)
ROWS_AND_DOCUMENTS = ROWS | {"objektlager"}
"""Needs of a worker: its jobs are documents, and it starts none before the object store has confirmed that
the database is not an older one (`restored`).
"""


@dataclass(frozen=True, slots=True)
class Klar:
    """Result by part: `database`, `migrasjoner`, `rolle`, `objektlager`, `nokler`; and the parts needed."""

    deler: Mapping[str, bool]
    needs: Collection[str]

    @property
    def klar(self) -> bool:
        """Return whether every needed part is ready."""
        return all(self.deler[part] for part in self.needs)


class _Part:
    """One part, checked by one thread at a time. While the check hangs it is not repeated, and the part
    counts as down.

    The thread is a daemon: a hanging part must not delay the end of the process.
    """

    def __init__(self, ask: Callable[[], bool]) -> None:
        self._ask = ask
        self._asking: threading.Thread | None = None
        self._answer = False

    def answers(self) -> bool:
        """Return the part's answer, False when the check takes longer than PATIENCE_SECONDS or still hangs."""
        if self._asking is None or not self._asking.is_alive():
            self._asking = threading.Thread(target=self._run, name="readiness", daemon=True)
            self._answer = False
            self._asking.start()
        self._asking.join(PATIENCE_SECONDS)
        return self._answer and not self._asking.is_alive()

    def _run(self) -> None:
        self._answer = self._ask()


class Readiness:
    """Checks the parts of one process; created when the process starts."""

    def __init__(
        self,
        database_url: str,
        outgrown: Callable[[], frozenset[str]],
        needs: Collection[str] = ROWS_AND_DOCUMENTS,
    ) -> None:
        """`outgrown` returns the schema revisions that are too old for this code (`config.schema`).

        `needs`: ROWS or ROWS_AND_DOCUMENTS, in production with OWN_ROLE.
        """
        self._needs = needs
        self._url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._outgrown = outgrown
        self._guard = threading.Lock()
        self._found = Klar({}, ())
        self._at = float("-inf")
        self._revision = ""
        self._role_fits = False
        self._known_keys: list[tuple[str, str | None]] = []
        self._parts = {"database": _Part(self._database), "objektlager": _Part(_store)}

    def look(self) -> Klar:
        """Check all parts, unless they were checked just now."""
        with self._guard:
            if time.monotonic() - self._at > FRESH_SECONDS:
                answers = {name: part.answers() for name, part in self._parts.items()}
                answers["migrasjoner"] = answers["database"] and self._schema_is_new_enough()
                answers["rolle"] = answers["database"] and self._role_fits
                answers["nokler"] = answers["migrasjoner"] and not key_check.differing_keys(self._known_keys)
                self._found, self._at = Klar(answers, self._needs), time.monotonic()
            return self._found

    def _database(self) -> bool:
        self._role_fits = False
        try:
            with psycopg.connect(
                self._url, connect_timeout=CONNECT_SECONDS, options=STATEMENT_OPTIONS
            ) as connection:
                self._role_fits = self._may_not_change_audit(connection)
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                self._known_keys = connection.execute(key_check.KNOWN).fetchall()
        except psycopg.OperationalError as error:
            log.warning("database_not_ready", extra={"error": type(error).__name__})
            return False
        except psycopg.errors.UndefinedTable:
            row = None
        self._revision = str(row[0]) if row else ""
        return True

    def _may_not_change_audit(self, connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
        """Return whether our role cannot change the audit log; logged with the remedy where that is needed."""
        [(role, may_change)] = connection.execute(MAY_CHANGE_AUDIT).fetchall()
        if may_change and OWN_ROLE.issubset(self._needs):
            todo = "DATABASE_URL is to be the role fiks_app, and the owner MIGRATION_DATABASE_URL alone"
            log.error("role_may_change_audit", extra={"rolle": role, "tiltak": todo})
        return not may_change

    def _schema_is_new_enough(self) -> bool:
        """Return whether the schema is this code's revision, or an unknown one, which is newer."""
        return bool(self._revision) and self._revision not in self._outgrown()


def _store() -> bool:
    try:
        return current().store.answers()
    except Exception as error:  # noqa: BLE001 - whatever the engine raises, the store cannot be used now
        log.warning("store_not_ready", extra={"error": type(error).__name__})
        return False
