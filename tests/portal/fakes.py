"""Objects that behave like what the portal talks to, without a database."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from fiks.core.errors import Konflikt
from portal.session.login_sessions import NyInnlogging

LILLEVIK, FJORDVIK = UUID(int=1), UUID(int=2)
NAVN = {LILLEVIK: "Lillevik kommune", FJORDVIK: "Fjordvik kommune"}


@dataclass(frozen=True)
class FakeSesjon:
    person_id: UUID | None
    navn: str
    acr: int
    auth_time: datetime | None
    organisasjon_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)
    sid: str | None = None
    id_token: str = ""
    representerer: str | None = None
    sub: str = ""
    iss: str = ""
    varer: timedelta = timedelta(minutes=30)
    varer_hoyst: timedelta = timedelta(minutes=120)


@dataclass(frozen=True)
class Valg:
    id: UUID
    navn: str


class FakeSesjoner:
    """Sessions in a dict. `grants` is (person, organisasjon) to privilege names; persons are known by pid."""

    def __init__(self) -> None:
        self.logins: dict[bytes, tuple[dict[str, Any], datetime]] = {}
        self.sessions: dict[str, FakeSesjon] = {}
        self.ended: dict[str, str] = {}
        self.expired: dict[str, FakeSesjon] = {}
        self.used: list[str] = []
        self.failures: list[tuple[str, str]] = []
        self.taken: set[str] = set()
        self.persons: dict[str, UUID] = {}
        self.names: dict[str, str] = {}
        self.grants: dict[tuple[UUID, UUID], frozenset[str]] = {}
        self.unfinished: set[UUID] = set()
        self.operators: set[UUID] = set()
        self.printers: set[tuple[UUID, UUID]] = set()

    def person(self, pid: str, navn: str = "Kari Nordmann", **grants: str) -> UUID:
        """Make a person; grants by organisation name: lillevik="SVARUT.SENDE AUDIT.LES"."""
        person_id = self.persons.setdefault(pid, uuid4())
        self.names[pid] = navn
        for where, names in grants.items():
            self.grants[person_id, {"lillevik": LILLEVIK, "fjordvik": FJORDVIK}[where]] = frozenset(
                names.split()
            )
        return person_id

    def begin_login(self, state_hash: bytes, *, data: dict[str, Any], expires: datetime) -> None:
        self.logins[state_hash] = (data, expires)

    def take_login(self, state_hash: bytes) -> dict[str, Any] | None:
        data, expires = self.logins.pop(state_hash, (None, datetime.now(UTC)))
        return data if expires > datetime.now(UTC) else None

    def kept_login(self, state_hash: bytes) -> dict[str, Any] | None:
        data, expires = self.logins.get(state_hash, (None, datetime.now(UTC)))
        return data if expires > datetime.now(UTC) else None

    def login_failed(self, kode: str, arsak: str) -> None:
        self.failures.append((kode, arsak))

    def expire(self) -> None:
        """Every session's time is over."""
        for token in list(self.sessions):
            self.end_session(token, "UTLOPT")

    def load_expired(self, token: str) -> FakeSesjon | None:
        return self.expired.get(token)

    def log_out(self, token: str) -> None:
        self.expired.pop(token, None)
        self.end_session(token, "LOGGET_UT")

    def take_logout_token(self, iss: str, jti: str, sid: str | None, sub: str | None) -> None:
        if jti in self.taken:
            raise Konflikt("UTLOGGINGSBEVIS_BRUKT")
        self.taken.add(jti)
        for token, sesjon in list(self.sessions.items()):
            named = sesjon.sid == sid if sid else sesjon.sub == sub
            if named and sesjon.iss == iss:
                self.end_session(token, "BAKKANAL")

    def open_session(self, innlogging: NyInnlogging, data: dict[str, Any], forrige: str) -> str:
        token = secrets.token_urlsafe(16)
        self.sessions[token] = FakeSesjon(
            self.persons.setdefault(innlogging.pid, uuid4()),
            self.names.get(innlogging.pid, ""),
            innlogging.acr,
            innlogging.auth_time,
            data=data,
            sid=innlogging.idporten_sid,
            sub=innlogging.sub,
            iss=innlogging.iss,
            id_token=innlogging.id_token,
        )
        return token

    def load_session(self, token: str) -> FakeSesjon | None:
        self.used.append(token)
        return self.sessions.get(token)

    def look_at_session(self, token: str) -> FakeSesjon | None:
        return self.sessions.get(token)

    def id_token_of(self, token: str) -> str | None:
        found = self.sessions.get(token) or self.expired.get(token)
        return found.id_token if found else None

    def end_session(self, token: str, grunn: str) -> None:
        if ended := self.sessions.pop(token, None):
            self.ended[token] = grunn
            if grunn == "UTLOPT":
                self.expired[token] = ended

    def end_sessions_by_sid(self, iss: str, sid: str) -> None:
        named = [token for token, one in self.sessions.items() if (one.iss, one.sid) == (iss, sid)]
        for token in named:
            self.end_session(token, "FRONTKANAL")

    def save_data(self, token: str, changed: Mapping[str, Any], removed: Collection[str] = ()) -> None:
        held = self.sessions[token]
        left = {name: value for name, value in held.data.items() if name not in removed}
        self.sessions[token] = replace(held, data={**left, **changed})

    def choose_organisation(self, token: str, organisasjon_id: UUID) -> None:
        self.sessions[token] = replace(self.sessions[token], organisasjon_id=organisasjon_id)

    def organisations(self, person_id: UUID) -> list[Valg]:
        found = [org for person, org in self.grants if person == person_id and self.grants[person, org]]
        return sorted((Valg(org, NAVN[org]) for org in found), key=lambda valg: valg.navn)

    def privileges(self, person_id: UUID, organisasjon_id: UUID) -> frozenset[str]:
        return self.grants.get((person_id, organisasjon_id), frozenset())

    def privileges_on(self, person_id: UUID, organisasjon_id: UUID) -> frozenset[str]:
        return self.privileges(person_id, organisasjon_id)

    def is_configured(self, organisasjon_id: UUID) -> bool:
        return organisasjon_id not in self.unfinished

    def runs_platform(self, person_id: UUID) -> bool:
        return person_id in self.operators

    def prints_by_hand(self, person_id: UUID, organisasjon_id: UUID) -> bool:
        return (person_id, organisasjon_id) in self.printers
