"""The portal's only access to login sessions, logins under way and a person's privileges: an adapter over
fiks.konfigurasjon.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from flask import current_app

from fiks.core.actor import Aktor, Aktortype
from fiks.konfigurasjon import operators, queries
from fiks.konfigurasjon.organisasjon import queries as organisasjon_queries
from fiks.konfigurasjon.person import login, logout, sessions
from fiks.svarut.paper import manual_queue

EXTENSION = "fiks_sesjoner"


class Sesjon(Protocol):
    """One live session. `acr` is level 3 or 4; `person_id` is None before anybody has logged in.

    `varer`: time left without further use; `varer_hoyst`: time left in any case.
    """

    @property
    def id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID | None: ...
    @property
    def navn(self) -> str: ...
    @property
    def acr(self) -> int: ...
    @property
    def auth_time(self) -> datetime | None: ...
    @property
    def organisasjon_id(self) -> UUID | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def representerer(self) -> str | None: ...
    @property
    def varer(self) -> timedelta: ...
    @property
    def varer_hoyst(self) -> timedelta: ...


class Organisasjonsvalg(Protocol):
    """An organisation the person may choose to act for."""

    @property
    def id(self) -> UUID: ...
    @property
    def navn(self) -> str: ...


@dataclass(frozen=True, slots=True, repr=False)
class NyInnlogging:
    """What a completed login proved. `pid` is eleven digits and is given to `open_session` only."""

    pid: str
    sub: str
    acr: int
    auth_time: datetime
    iss: str
    idporten_sid: str | None
    id_token: str
    navn: str | None


class Sesjoner(Protocol):
    """The session service. Sessions are rows; the cookie holds a token of which only the SHA-256 is stored."""

    def begin_login(self, state_hash: bytes, *, data: dict[str, Any], expires: datetime) -> None:
        """Store the data of a login under way until `expires`."""

    def take_login(self, state_hash: bytes) -> dict[str, Any] | None:
        """Return and delete the stored data; None when unknown, used or expired."""

    def kept_login(self, state_hash: bytes) -> dict[str, Any] | None:
        """Return the stored data without deleting it (a form that waits for a login)."""

    def login_failed(self, kode: str, arsak: str) -> None:
        """Audit that a login failed, and why."""

    def open_session(self, innlogging: NyInnlogging, data: dict[str, Any], forrige: str) -> str:
        """Open a session for the person (created at first login) and return its token; `forrige` is the
        previous token.
        """

    def load_session(self, token: str) -> Sesjon | None:
        """Return the live session, or None after 30 minutes idle or 120 minutes from login. Counts as use."""

    def look_at_session(self, token: str) -> Sesjon | None:
        """As `load_session`, without counting as use."""

    def load_expired(self, token: str) -> Sesjon | None:
        """Return a session that ended by timeout, and for no other reason."""

    def id_token_of(self, token: str) -> str | None:
        """Return the id_token of a session that is live or has timed out: the hint for logging out at the
        provider.
        """

    def end_session(self, token: str, grunn: str) -> None:
        """End one session; ending it twice has no effect."""

    def log_out(self, token: str) -> None:
        """End one session at its person's request, also when it has timed out."""

    def end_sessions_by_sid(self, iss: str, sid: str) -> None:
        """End every session of this login at the provider (front-channel logout)."""

    def take_logout_token(self, iss: str, jti: str, sid: str | None, sub: str | None) -> None:
        """End the sessions a checked logout token names (back-channel logout); Konflikt when the token was
        used before.
        """

    def save_data(self, token: str, changed: Mapping[str, Any], removed: Collection[str] = ()) -> None:
        """Set and remove some entries of the session's data; the other entries stay as they are in the row."""

    def choose_organisation(self, token: str, organisasjon_id: UUID) -> None:
        """Act for this organisation from now on. The caller has checked the right."""

    def organisations(self, person_id: UUID) -> Sequence[Organisasjonsvalg]:
        """The organisations where the person holds any privilege now, by name."""

    def privileges(self, person_id: UUID, organisasjon_id: UUID) -> frozenset[str]:
        """Privileges held now anywhere in this organisation, including those that ADMIN implies."""

    def privileges_on(self, person_id: UUID, organisasjon_id: UUID) -> frozenset[str]:
        """As `privileges`, but only those held on the organisation itself."""

    def is_configured(self, organisasjon_id: UUID) -> bool:
        """Whether the organisation's first-time set-up is finished."""

    def runs_platform(self, person_id: UUID) -> bool:
        """Whether the person is an operator of the platform, now."""

    def prints_by_hand(self, person_id: UUID, organisasjon_id: UUID) -> bool:
        """Whether the organisation has a queue of letters that the person may print and post now."""


class KonfigurasjonSesjoner:
    """The session service of production: rows in PostgreSQL, through fiks.konfigurasjon."""

    def __init__(self) -> None:
        # What is once finished stays so, so it is asked once a process.
        self._configured: set[UUID] = set()

    def begin_login(self, state_hash: bytes, *, data: dict[str, Any], expires: datetime) -> None:
        sessions.begin_login(state_hash, data=data, expires=expires)

    def take_login(self, state_hash: bytes) -> dict[str, Any] | None:
        return sessions.take_pending_login(state_hash)

    def kept_login(self, state_hash: bytes) -> dict[str, Any] | None:
        return sessions.pending_login(state_hash)

    def login_failed(self, kode: str, arsak: str) -> None:
        login.record_failure(kode, arsak)

    def open_session(self, innlogging: NyInnlogging, data: dict[str, Any], forrige: str) -> str:
        return login.log_in(login.Bevis(**asdict(innlogging)), data=data, forrige=forrige)

    def load_session(self, token: str) -> Sesjon | None:
        return sessions.load_session(token)

    def look_at_session(self, token: str) -> Sesjon | None:
        return sessions.peek_session(token)

    def load_expired(self, token: str) -> Sesjon | None:
        return sessions.load_expired_session(token)

    def id_token_of(self, token: str) -> str | None:
        return sessions.id_token_of(token)

    def end_session(self, token: str, grunn: str) -> None:
        sessions.end_session(token, grunn)

    def end_sessions_by_sid(self, iss: str, sid: str) -> None:
        logout.end_sessions_by_sid(iss, sid)

    def log_out(self, token: str) -> None:
        logout.log_out(token)

    def take_logout_token(self, iss: str, jti: str, sid: str | None, sub: str | None) -> None:
        logout.accept_logout_token(iss, jti, sid=sid, sub=sub)

    def save_data(self, token: str, changed: Mapping[str, Any], removed: Collection[str] = ()) -> None:
        sessions.save_data(token, changed, removed)

    def choose_organisation(self, token: str, organisasjon_id: UUID) -> None:
        sessions.choose_organisation(token, organisasjon_id)

    def organisations(self, person_id: UUID) -> Sequence[Organisasjonsvalg]:
        return queries.organisations_of(person_id)

    def privileges(self, person_id: UUID, organisasjon_id: UUID) -> frozenset[str]:
        return frozenset(str(name) for name in queries.privileges_in(person_id, organisasjon_id))

    def privileges_on(self, person_id: UUID, organisasjon_id: UUID) -> frozenset[str]:
        return frozenset(str(name) for name in queries.privileges_on(person_id, organisasjon_id))

    def is_configured(self, organisasjon_id: UUID) -> bool:
        if organisasjon_id not in self._configured and organisasjon_queries.is_configured(organisasjon_id):
            self._configured.add(organisasjon_id)
        return organisasjon_id in self._configured

    def runs_platform(self, person_id: UUID) -> bool:
        return operators.is_operator(person_id)

    def prints_by_hand(self, person_id: UUID, organisasjon_id: UUID) -> bool:
        actor = Aktor(Aktortype.PERSON, "", person_id=person_id, organisasjon_id=organisasjon_id)
        return manual_queue.is_in_use(actor=actor)


def sesjoner() -> Sesjoner:
    """Return this app's session service."""
    service: Sesjoner = current_app.extensions[EXTENSION]
    return service
