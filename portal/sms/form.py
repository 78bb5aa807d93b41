"""The form of an SMS: its fields, keeping it while it is reviewed, and the length of its text."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from fiks.sms import rules
from fiks.sms.models import Smskonto
from portal.access.actor import current_actor
from portal.session.login_sessions import sesjoner
from portal.ui.form_values import uuid_of

LIFE = timedelta(hours=4)
"""How long a form is kept while it is reviewed."""

NAMES = {"\t": "tabulator", "\u00a0": "hardt mellomrom"}


@dataclass(frozen=True, slots=True, repr=False)
class Smsskjema:
    """The form as it stands. `id` is the same from the empty form to the sending, so that it is sent once. No repr:
    it holds personal numbers."""

    id: UUID
    konto: str = ""
    tekst: str = ""
    mottakere: str = ""
    feil: Mapping[str, str] = field(default_factory=dict)

    @property
    def nokkel(self) -> str:
        """Idempotency key of the sending."""
        return f"skjema-{self.id}"

    def konto_id(self, kontoer: Sequence[Smskonto]) -> UUID | None:
        """The chosen konto if it is one of these."""
        return next((konto.id for konto in kontoer if str(konto.id) == self.konto), None)

    def with_fault(self, felt: str, setning: str) -> Smsskjema:
        """The form with one more fault, at a field."""
        return replace(self, feil={**self.feil, felt: setning})


def empty_form(kontoer: Sequence[Smskonto]) -> Smsskjema:
    """An empty form; an only konto is preselected."""
    return Smsskjema(uuid4(), konto=str(kontoer[0].id) if len(kontoer) == 1 else "")


def read(form: Mapping[str, str]) -> Smsskjema:
    """The posted form. Line breaks become one character, as in the SMS; outer blanks are removed."""
    written = "\n".join(form.get("tekst", "").replace("\r\n", "\n").split("\r")).strip(" \t\n")
    return Smsskjema(
        uuid_of(form.get("skjema", "")) or uuid4(),
        konto=form.get("konto", ""),
        tekst=written,
        mottakere=form.get("mottakere", ""),
    )


def keep_form(written: Smsskjema) -> str:
    """Keep the form for the visitor during the review; return its id.

    Encrypted among the logins under way, so that no personal number is sent to the browser again.
    """
    waiting = secrets.token_urlsafe(24)
    said = [str(written.id), written.konto, written.tekst, written.mottakere]
    data = {"person": str(current_actor().person_id), "sms": said}
    sesjoner().begin_login(_key(waiting), data=data, expires=datetime.now(UTC) + LIFE)
    return waiting


def load_form(waiting: str) -> Smsskjema | None:
    """Return the kept form, if it has not expired and is the visitor's."""
    found = sesjoner().kept_login(_key(waiting)) if waiting else None
    if found is None or found.get("person") != str(current_actor().person_id):
        return None
    own, konto, text, mottakere = found["sms"]
    return Smsskjema(UUID(own), konto, text, mottakere)


def _key(waiting: str) -> bytes:
    return hashlib.sha256(f"smsskjema {waiting}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Teller:
    """Length of the text for the page: parts, characters used, room, and the characters that make it longer."""

    deler: int
    brukt: int
    plass: int
    fremmede: str


def measure_text(text: str) -> Teller:
    """Measure a text for the page. static/sms.js does the same while it is typed."""
    maal = rules.measure(text)
    return Teller(
        maal.deler,
        maal.enheter,
        maal.per_del * max(maal.deler, 1),
        ", ".join(map(sign_name, maal.fremmede)),
    )


def sign_name(sign: str) -> str:
    """A character as text; an invisible one by its name or code point."""
    if sign in NAMES:
        return NAMES[sign]
    unseen = unicodedata.category(sign)[0] in "CZ"
    return f"usynlig tegn (U+{ord(sign):04X})" if unseen else sign
