"""Login sessions as PostgreSQL rows: opened after ID-porten, limited in time, ended from either side.

The cookie's value is 256 random bits; the row holds only its SHA-256. Limits: 30 minutes idle, 120 minutes
from the moment the person authenticated (konfigurasjon.md 7.3).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Row, Select, Text, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core.crypto import encryption
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.konfigurasjon import models
from fiks.konfigurasjon.person.service import find_or_create_person
from fiks.konfigurasjon.rules import ABSOLUTE_LIMIT, IDLE_LIMIT, TOUCH_EVERY

ID_TOKEN_AAD = "sesjon.id_token"
LOGIN_AAD = "innlogging.data"
ENDED_RETENTION = timedelta(days=1)
EXPIRED = "UTLOPT"
"""End reason of an expired session (`logout.Sesjonsslutt`)."""


@dataclass(frozen=True, slots=True)
class Sesjon:
    """A live session. `acr` 0 means nobody has logged in with it (form protection only).

    `ubrukt`: time since last use; `alder`: time since the person authenticated.
    """

    id: UUID
    person_id: UUID | None
    navn: str
    fnr_maskert: str
    acr: int
    auth_time: datetime | None
    organisasjon_id: UUID | None
    data: dict[str, Any]
    representerer: str | None = None
    ubrukt: timedelta = timedelta()
    alder: timedelta = timedelta()

    @property
    def varer_hoyst(self) -> timedelta:
        """Return how long the session lasts at most, however it is used."""
        return ABSOLUTE_LIMIT - self.alder

    @property
    def varer(self) -> timedelta:
        """Return how long the session lasts without further use."""
        return min(IDLE_LIMIT - self.ubrukt, self.varer_hoyst)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a session token, under which its row is stored."""
    return hashlib.sha256(token.encode()).digest()


def begin_login(state_hash: bytes, *, data: dict[str, Any], expires: datetime) -> None:
    """Store what a login needs at its callback (nonce, verifier, return path), encrypted, until `expires`."""
    sealed = encryption.encrypt_value(current().keys, json.dumps(data).encode(), LOGIN_AAD)
    with transaction() as tx:
        tx.execute(delete(models.Innlogging).where(models.Innlogging.utloper < func.now()))
        tx.add(models.Innlogging(state_hash=state_hash, data_kryptert=sealed, utloper=expires))


def take_pending_login(state_hash: bytes) -> dict[str, Any] | None:
    """Return and delete what `begin_login` stored; None if unknown, used or expired."""
    with transaction() as tx:
        row = tx.execute(
            delete(models.Innlogging)
            .where(models.Innlogging.state_hash == state_hash)
            .returning(models.Innlogging.data_kryptert, models.Innlogging.utloper > func.now())
        ).first()
    if row is None or not row[1]:
        return None
    data: dict[str, Any] = json.loads(encryption.decrypt_value(current().keys, row[0], LOGIN_AAD))
    return data


def pending_login(state_hash: bytes) -> dict[str, Any] | None:
    """Return what `begin_login` stored, without deleting it; None if unknown or expired."""
    row = session().execute(
        select(models.Innlogging.data_kryptert).where(
            models.Innlogging.state_hash == state_hash, models.Innlogging.utloper > func.now()
        )
    )
    sealed = row.scalar_one_or_none()
    if sealed is None:
        return None
    data: dict[str, Any] = json.loads(encryption.decrypt_value(current().keys, sealed, LOGIN_AAD))
    return data


def sub_index(iss: str, sub: str) -> bytes:
    """Blind index of a provider's `sub`."""
    return encryption.blind_index(current().index_key, "sub", f"{iss} {sub}")


def open_session(
    *,
    pid: str,
    acr: int,
    auth_time: datetime,
    iss: str,
    idporten_sid: str | None,
    id_token: str,
    navn: str | None = None,
    sub: str | None = None,
    data: dict[str, Any] | None = None,
) -> str:
    """Open a session for the person and return its token, which is the cookie's value."""
    token = secrets.token_urlsafe(32)
    person_id = find_or_create_person(pid, navn)
    with transaction() as tx:
        tx.add(
            models.Sesjon(
                token_hash=token_hash(token),
                person_id=person_id,
                acr=acr,
                auth_time=auth_time,
                idporten_iss=iss,
                idporten_sid=idporten_sid,
                idporten_sub_indeks=sub_index(iss, sub) if sub else None,
                id_token_kryptert=encryption.encrypt_value(current().keys, id_token.encode(), ID_TOKEN_AAD),
                data=data or {},
            )
        )
    return token


def load_session(token: str) -> Sesjon | None:
    """Return the live session of `token`; None when unknown, ended, idle too long or too old.

    Counts as use: the idle limit of half an hour starts again.
    """
    result = _live_session(token)
    if result is not None and result.ubrukt > TOUCH_EVERY:
        with transaction() as tx:
            tx.execute(
                update(models.Sesjon).where(models.Sesjon.id == result.id).values(sist_sett=func.now())
            )
        return replace(result, ubrukt=timedelta())
    return result


def peek_session(token: str) -> Sesjon | None:
    """As `load_session`, without counting as use: for requests a page makes by itself."""
    return _live_session(token)


def _live_session(token: str) -> Sesjon | None:
    """Return the live session; an expired one is ended."""
    row = _find(token, _LIVE)
    if row is None:
        return None
    stored, navn, masked, now = row
    found = replace(
        _sesjon(stored, navn, masked),
        ubrukt=now - stored.sist_sett,
        alder=now - stored.auth_time if stored.auth_time else timedelta(),
    )
    if found.varer < timedelta():
        end_session(token, EXPIRED)
        return None
    return found


def load_expired_session(token: str) -> Sesjon | None:
    """Return the session of `token` if it ended because it expired, otherwise None.

    A following login may take over its data; it gives no access to anything.
    """
    row = _find(token, _EXPIRED)
    return None if row is None else _sesjon(*row[:3])


_OF_TOKEN = (
    select(models.Sesjon, models.Person.navn, models.Person.fnr_maskert, func.now())
    .outerjoin(models.Person, models.Person.id == models.Sesjon.person_id)
    .where(models.Sesjon.token_hash == bindparam("token_hash", type_=LargeBinary()))
)
_LIVE = _OF_TOKEN.where(models.Sesjon.avsluttet.is_(None))
_EXPIRED = _OF_TOKEN.where(models.Sesjon.avsluttet_grunn == EXPIRED)
"""Statements run at every request, built once."""


def _find(token: str, statement: Select[*tuple[Any, ...]]) -> Row[*tuple[Any, ...]] | None:
    return session().execute(statement, {"token_hash": token_hash(token)}).first()


def _sesjon(stored: models.Sesjon, navn: str | None, masked: str | None) -> Sesjon:
    return Sesjon(
        stored.id,
        stored.person_id,
        navn or "",
        masked or "",
        stored.acr,
        stored.auth_time,
        stored.organisasjon_id,
        dict(stored.data),
        stored.representerer,
    )


def id_token_of(token: str) -> str | None:
    """Return the session's ID-porten token, needed as hint at logout; also for an expired session."""
    sealed = (
        session()
        .execute(select(models.Sesjon.id_token_kryptert).where(models.Sesjon.token_hash == token_hash(token)))
        .scalar_one_or_none()
    )
    return None if sealed is None else encryption.decrypt_value(current().keys, sealed, ID_TOKEN_AAD).decode()


def save_data(token: str, changed: Mapping[str, Any], removed: Collection[str] = ()) -> None:
    """Set some of the session's own data (form protection, flash messages) and remove some.

    Other keys are untouched, so two concurrent requests do not overwrite each other's data.
    """
    left = models.Sesjon.data.op("-")(literal(list(removed), ARRAY(Text())))
    data = left.op("||")(literal(dict(changed), JSONB()))
    with transaction() as tx:
        tx.execute(
            update(models.Sesjon).where(models.Sesjon.token_hash == token_hash(token)).values(data=data)
        )


def choose_organisation(token: str, organisasjon_id: UUID | None) -> None:
    """Set the organisation the person works for in this session; the caller has checked access."""
    with transaction() as tx:
        tx.execute(
            update(models.Sesjon)
            .where(models.Sesjon.token_hash == token_hash(token))
            .values(organisasjon_id=organisasjon_id)
        )


def end_session(token: str, grunn: str) -> None:
    """End one session.

    An expired session keeps its ID-porten token as long as its row: the session at ID-porten may still be
    alive, and pressing «Logg ut» then must end it too.
    """
    ended: dict[str, Any] = {"avsluttet": func.now(), "avsluttet_grunn": grunn}
    if grunn != EXPIRED:
        ended["id_token_kryptert"] = None
    with transaction() as tx:
        tx.execute(
            update(models.Sesjon)
            .where(models.Sesjon.token_hash == token_hash(token), models.Sesjon.avsluttet.is_(None))
            .values(ended)
        )


def delete_old_sessions(limit: int = 10_000) -> int:
    """Delete sessions last seen more than a day ago; return how many."""
    old = (
        select(models.Sesjon.id)
        .where(models.Sesjon.sist_sett < func.now() - ENDED_RETENTION)
        .order_by(models.Sesjon.sist_sett)
        .limit(limit)
    )
    with transaction() as tx:
        gone = tx.scalars(
            delete(models.Sesjon).where(models.Sesjon.id.in_(old)).returning(models.Sesjon.id)
        ).all()
    return len(gone)
