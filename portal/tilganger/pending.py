"""Changes that wait for an answer to «are you sure», or for a new login: kept for their person, never done alone.

A file that was sent in waits here too, on the organisation itself. All are kept encrypted among the logins under way,
for fifteen minutes, so that a long list of changes survives the way to ID-porten and back, and a personal number that
was written is not sent to the browser again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.access import current_actor
from portal.innlogging.sessions import sesjoner

LIFE = timedelta(minutes=15)
DONE = "gjort"


def keep(art: str, ressurs_id: UUID, data: dict[str, Any]) -> str:
    """Keep what the visitor wants to change on the ressurs; return the id it is found by."""
    waiting = secrets.token_urlsafe(24)
    _store(waiting, art, ressurs_id, {"data": data})
    return waiting


def _store(waiting: str, art: str, ressurs_id: UUID, what: dict[str, Any]) -> None:
    owned = {"art": art, "ressurs": str(ressurs_id), "person": _owner()}
    sesjoner().begin_login(_key(waiting), data=owned | what, expires=datetime.now(UTC) + LIFE)


def kept(waiting: str, art: str, ressurs_id: UUID) -> dict[str, Any] | None:
    """The changes, if they still wait and are this visitor's, on this ressurs."""
    found = _found(waiting, art, ressurs_id)
    return None if found is None else found.get("data")


def said(waiting: str, art: str, ressurs_id: UUID) -> str:
    """What was said when they were done, for who presses once more; empty when they are not."""
    found = _found(waiting, art, ressurs_id)
    return "" if found is None else str(found.get(DONE, ""))


def _found(waiting: str, art: str, ressurs_id: UUID) -> dict[str, Any] | None:
    found = sesjoner().kept_login(_key(waiting)) if waiting else None
    if found is None or (found.get("art"), found.get("ressurs"), found.get("person")) != (
        art,
        str(ressurs_id),
        _owner(),
    ):
        return None
    return found


def finish(waiting: str, art: str, ressurs_id: UUID, told: str) -> None:
    """They are done: of them only what was said is kept. Of two presses at once the first to come leaves it."""
    if sesjoner().take_login(_key(waiting)) is not None:
        _store(waiting, art, ressurs_id, {DONE: told})


def forget(waiting: str) -> None:
    """They are not wanted any more."""
    sesjoner().take_login(_key(waiting))


def _owner() -> str:
    return str(current_actor().person_id)


def _key(waiting: str) -> bytes:
    return hashlib.sha256(f"tilgangsutkast {waiting}".encode()).digest()
