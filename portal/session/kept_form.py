"""Forms that arrived after the login had ended: kept for the same person in the same browser, never submitted
by itself.

Kept encrypted among the logins under way, for fifteen minutes. Files, passwords and form tokens are never
kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask import request

from portal.http.security import FORM_TYPES
from portal.session.cookie_session import PortalSession
from portal.session.login_sessions import sesjoner
from portal.session.organisation_guard import GJELDER
from portal.session.return_path import own_path
from portal.texts import buttons

SKJEMA = "skjema"
LIFE = timedelta(minutes=15)
MAX_BYTES = 128 * 1024
NEVER_KEPT = re.compile("csrf|passord|password|hemmelig|token|secret", re.IGNORECASE)
PAGE_MARK_FIELDS = frozenset({"digest", "erstatter", "sett", "versjon", "vist", GJELDER})
"""Fields that hold a mark of what the page showed."""
CHOICES = PAGE_MARK_FIELDS | {"neste", "orgnr", "organisasjon", "skjema", "sprak", "videre"}
"""Fields that nobody types in; their choice is quickly made again, so a form with these only is not kept."""
HIDDEN_FIELDS = PAGE_MARK_FIELDS | buttons.FELT | {"neste", "tidligere", "utkast", "videre"}
IDENT = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{64}")
TICKED = "ja"
LONG = 80


class Feltslag(StrEnum):
    """How a kept field is shown again. SKJULT is a hidden field: an id, or a box in a table."""

    SKJULT = "SKJULT"
    BOKS = "BOKS"
    LINJE = "LINJE"
    TEKST = "TEKST"


@dataclass(frozen=True, slots=True, repr=False)
class Felt:
    """One field of a kept form."""

    navn: str
    verdi: str
    slag: Feltslag


@dataclass(frozen=True, slots=True, repr=False)
class Skjema:
    """A kept form: the address it was sent to (`mal`), the page it stood on (`side`), and its fields in
    order.
    """

    mal: str
    side: str
    felter: list[tuple[str, str]]
    filer: bool

    @property
    def vist(self) -> list[Felt]:
        """The fields to show again."""
        return [Felt(name, value, _kind(name, value)) for name, value in self.felter if name != GJELDER]

    @property
    def gjelder(self) -> str | None:
        """The id of the organisation its page was shown for; None when the form does not say."""
        return dict(self.felter).get(GJELDER)

    @property
    def skrevet(self) -> bool:
        """Whether the form holds anything to look over, and not only a pressed button."""
        return any(felt.slag is not Feltslag.SKJULT or "." in felt.navn for felt in self.vist)


def _kind(name: str, value: str) -> Feltslag:
    if "." in name or name in HIDDEN_FIELDS or IDENT.fullmatch(value):
        return Feltslag.SKJULT
    if value == TICKED:
        return Feltslag.BOKS
    return Feltslag.TEKST if "\n" in value or len(value) > LONG else Feltslag.LINJE


def form_of_request(side: str) -> Skjema | None:
    """The form of this request, to show again at once; None when nothing was typed in it."""
    if request.mimetype not in FORM_TYPES:
        return None
    fields = _fields()
    if not any(value for name, value in fields if name not in CHOICES):
        return None
    return Skjema(own_path(request.full_path.rstrip("?")), side, fields, bool(request.files))


def _fields() -> list[tuple[str, str]]:
    """The fields of this request that may be kept and shown again."""
    return [(name, value) for name, value in request.form.items(multi=True) if not NEVER_KEPT.search(name)]


def keep_form(present: PortalSession, side: str) -> str:
    """Keep the form of this request until its person has logged in again; return its id, or "" when it is not
    kept.

    `side` is the page it was sent from. Only for a browser whose session is known: live, but at too low a
    level or with an outdated form, or timed out.
    """
    owner = present.sesjon or sesjoner().load_expired(present.cookie_token)
    if owner is None or owner.person_id is None or request.mimetype not in FORM_TYPES:
        return ""
    if (request.content_length or 0) > MAX_BYTES:
        return ""
    fields = _fields()
    waiting = secrets.token_urlsafe(24)
    data = {
        "person": str(owner.person_id),
        "nettleser": _digest(present.cookie_token).hex(),
        "mal": own_path(request.full_path.rstrip("?")),
        "side": side,
        "felter": fields,
        "filer": bool(request.files),
    }
    sesjoner().begin_login(_key(waiting), data=data, expires=datetime.now(UTC) + LIFE)
    return waiting


def belongs_to(waiting: str, person_id: UUID, cookie_token: str) -> bool:
    """Whether the kept form belongs to this person, and was kept from the session that this browser's cookie
    names.
    """
    data = sesjoner().kept_login(_key(waiting)) if waiting else None
    return (
        data is not None
        and data.get("person") == str(person_id)
        and hmac.compare_digest(str(data.get("nettleser")), _digest(cookie_token).hex())
    )


def load_form(waiting: str, person_id: UUID) -> Skjema | None:
    """Return the kept form, if it has not expired and belongs to this person."""
    data = sesjoner().kept_login(_key(waiting)) if waiting else None
    if data is None or data.get("person") != str(person_id):
        return None
    return Skjema(data["mal"], data["side"], [(name, value) for name, value in data["felter"]], data["filer"])


def forget_form(waiting: str) -> None:
    """Delete a kept form: its person discards it or submits it now."""
    sesjoner().take_login(_key(waiting))


def _key(waiting: str) -> bytes:
    return _digest(f"skjema {waiting}")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
