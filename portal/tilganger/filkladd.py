"""The rows of a file between its preview and the confirmation: kept encrypted, for the person who sent it in.

Kept among the logins under way, for fifteen minutes, so that no personal number goes back to the browser. The person
may have to log in anew meanwhile, so it is not bound to one session.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fiks.konfigurasjon.bulk_rules import Filrad
from portal.innlogging.sesjoner import sesjoner

LIFE = timedelta(minutes=15)


def keep(rader: Sequence[Filrad], person_id: UUID, organisasjon_id: UUID) -> str:
    """Keep the rows for this person working for this organisation; return the name they are found by."""
    navn = secrets.token_urlsafe(24)
    data = {
        "person": str(person_id),
        "organisasjon": str(organisasjon_id),
        "rader": [asdict(rad) for rad in rader],
    }
    sesjoner().begin_login(_key(navn), data=data, expires=datetime.now(UTC) + LIFE)
    return navn


def kept(navn: str, person_id: UUID, organisasjon_id: UUID) -> list[Filrad] | None:
    """The rows, if they are still kept and are this person's in this organisation."""
    data = sesjoner().kept_login(_key(navn))
    if data is None or (data.get("person"), data.get("organisasjon")) != (
        str(person_id),
        str(organisasjon_id),
    ):
        return None
    return [Filrad(**rad) for rad in data["rader"]]


def forget(navn: str, person_id: UUID, organisasjon_id: UUID) -> None:
    """The rows are used, or not wanted any more; nobody else's are touched."""
    if kept(navn, person_id, organisasjon_id) is not None:
        sesjoner().take_login(_key(navn))


def _key(navn: str) -> bytes:
    return hashlib.sha256(f"tilgangsfil {navn}".encode()).digest()
