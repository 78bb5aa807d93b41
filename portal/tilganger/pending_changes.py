"""Changes that wait for a confirmation or a fresh login: kept for their person, never carried out by
themselves.

An uploaded file of grants waits here too, with the organisation as its ressurs. All are kept encrypted among
the logins under way, for fifteen minutes, so that a long list of changes survives the way to ID-porten and
back, and a typed personal number is not sent to the browser again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.access.actor import current_actor
from portal.session.login_sessions import sesjoner

LIFE = timedelta(minutes=15)
DONE = "gjort"


def keep_changes(art: str, ressurs_id: UUID, data: dict[str, Any]) -> str:
    """Keep the visitor's changes to the ressurs; return their id."""
    waiting = secrets.token_urlsafe(24)
    _store(waiting, art, ressurs_id, {"data": data})
    return waiting


def _store(waiting: str, art: str, ressurs_id: UUID, what: dict[str, Any]) -> None:
    owned = {"art": art, "ressurs": str(ressurs_id), "person": _owner()}
    sesjoner().begin_login(_key(waiting), data=owned | what, expires=datetime.now(UTC) + LIFE)


def load_changes(waiting: str, art: str, ressurs_id: UUID) -> dict[str, Any] | None:
    """Return the changes, if they have not expired and are this visitor's, for this ressurs."""
    found = _found(waiting, art, ressurs_id)
    return None if found is None else found.get("data")


def outcome_message(waiting: str, art: str, ressurs_id: UUID) -> str:
    """The message given when the changes were carried out, for a double submit; "" when they were not."""
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
    """Mark the changes as carried out: only the message is kept. Of two concurrent submits the first one's
    message stays.
    """
    if sesjoner().take_login(_key(waiting)) is not None:
        _store(waiting, art, ressurs_id, {DONE: told})


def forget(waiting: str) -> None:
    """Delete the changes."""
    sesjoner().take_login(_key(waiting))


def _owner() -> str:
    return str(current_actor().person_id)


def _key(waiting: str) -> bytes:
    return hashlib.sha256(f"tilgangsutkast {waiting}".encode()).digest()
