"""Login sessions as PostgreSQL rows: opened after ID-porten, limited in time, ended from either side.

The cookie's value is 256 random bits; the row holds only its SHA-256. Limits: 30 minutes idle, 120 minutes from
the moment the person proved who they are (konfigurasjon.md 7.3).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Row, Select, Text, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from fiks.core import crypto
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.identifiers import Fnr
from fiks.konfigurasjon import models
from fiks.konfigurasjon.insight import index_of
from fiks.konfigurasjon.rules import ABSOLUTE_LIMIT, IDLE_LIMIT, TOUCH_EVERY

ID_TOKEN_AAD = "sesjon.id_token"
LOGIN_AAD = "innlogging.data"
FNR_AAD = "person.fnr"
KEEP_ENDED = timedelta(days=1)
EXPIRED = "UTLOPT"
"""Why a session ended whose time was over (`logout.Sesjonsslutt`)."""


@dataclass(frozen=True, slots=True)
class Sesjon:
    """A live session. `acr` 0 means nobody has logged in with it (only form protection).

    `ubrukt`: how long nobody has used it; `alder`: since the person proved who they are.
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
        """How long it goes on however it is used."""
        return ABSOLUTE_LIMIT - self.alder

    @property
    def varer(self) -> timedelta:
        """How long it goes on if nobody uses it."""
        return min(IDLE_LIMIT - self.ubrukt, self.varer_hoyst)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def begin_login(state_hash: bytes, *, data: dict[str, Any], expires: datetime) -> None:
    """Remember what a login needs at its callback (nonce, verifier, return path), encrypted, until `expires`."""
    sealed = crypto.encrypt_value(current().keys, json.dumps(data).encode(), LOGIN_AAD)
    with transaction() as tx:
        tx.execute(delete(models.Innlogging).where(models.Innlogging.utloper < func.now()))
        tx.add(models.Innlogging(state_hash=state_hash, data_kryptert=sealed, utloper=expires))


def take_login(state_hash: bytes) -> dict[str, Any] | None:
    """Return and forget what `begin_login` remembered; None if unknown, used or too old."""
    with transaction() as tx:
        row = tx.execute(
            delete(models.Innlogging)
            .where(models.Innlogging.state_hash == state_hash)
            .returning(models.Innlogging.data_kryptert, models.Innlogging.utloper > func.now())
        ).first()
    if row is None or not row[1]:
        return None
    data: dict[str, Any] = json.loads(crypto.decrypt_value(current().keys, row[0], LOGIN_AAD))
    return data


def kept_login(state_hash: bytes) -> dict[str, Any] | None:
    """Return what `begin_login` remembered and keep it; None if unknown or too old."""
    row = session().execute(
        select(models.Innlogging.data_kryptert).where(
            models.Innlogging.state_hash == state_hash, models.Innlogging.utloper > func.now()
        )
    )
    sealed = row.scalar_one_or_none()
    if sealed is None:
        return None
    data: dict[str, Any] = json.loads(crypto.decrypt_value(current().keys, sealed, LOGIN_AAD))
    return data


def find_or_create_person(pid: str, navn: str | None) -> UUID:
    """Return the person with this number, making the row at the first login."""
    number = Fnr.parse(pid, synthetic=current().synthetic_persons).value
    return find_or_create_persons({number: navn})[number]


def find_or_create_persons(names: Mapping[str, str | None]) -> dict[str, UUID]:
    """As `find_or_create_person` for many, number to name: number to person. FNR_UGYLDIG (422) for any wrong one."""
    numbers = [Fnr.parse(pid, synthetic=current().synthetic_persons) for pid in names]
    with transaction() as tx:
        found = known_persons(names)
        new = {index_of(n.value): n for n in numbers if n.value not in found}
        if not new:
            return found
        rows = [
            {
                "fnr_kryptert": crypto.encrypt_value(current().keys, number.value.encode(), FNR_AAD),
                "fnr_indeks": index,
                "fnr_maskert": str(number),
                "navn": names[number.value] or "",
            }
            # In one order, so that two who make the same persons wait for each other and never deadlock.
            for index, number in sorted(new.items())
        ]
        tx.execute(insert(models.Person).values(rows).on_conflict_do_nothing(index_elements=["fnr_indeks"]))
        return known_persons(names)


def known_persons(numbers: Iterable[str]) -> dict[str, UUID]:
    """Those of the numbers that belong to somebody known here, and to whom."""
    by_index = {index_of(number): number for number in numbers}
    found = select(models.Person.fnr_indeks, models.Person.id).where(models.Person.fnr_indeks.in_(by_index))
    return {by_index[row.fnr_indeks]: row.id for row in session().execute(found)}


def sub_index(iss: str, sub: str) -> bytes:
    """How a provider's `sub` is stored and found again."""
    return crypto.blind_index(current().index_key, "sub", f"{iss} {sub}")


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
    """Open a session for the person and return the new token (what the cookie holds)."""
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
                id_token_kryptert=crypto.encrypt_value(current().keys, id_token.encode(), ID_TOKEN_AAD),
                data=data or {},
            )
        )
    return token


def load_session(token: str) -> Sesjon | None:
    """Return the live session of `token`, or None when unknown, ended, idle too long or too old.

    It counts as use: from now on the person has half an hour again.
    """
    result = _live(token)
    if result is not None and result.ubrukt > TOUCH_EVERY:
        with transaction() as tx:
            tx.execute(
                update(models.Sesjon).where(models.Sesjon.id == result.id).values(sist_sett=func.now())
            )
        return replace(result, ubrukt=timedelta())
    return result


def look_at_session(token: str) -> Sesjon | None:
    """As `load_session`, and does not count as use: for what a page asks for by itself while nobody is at it."""
    return _live(token)


def _live(token: str) -> Sesjon | None:
    """The live session; one whose time is over is ended."""
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


def load_expired(token: str) -> Sesjon | None:
    """Return the session of `token` if it ended because its time was over and for no other reason, else None.

    A login after it may take over what it held; it gives no right to anything.
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
"""Asked at every request, and made once."""


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
    """The ID-porten token of the session, needed as hint at logout; also of one whose time is over."""
    sealed = (
        session()
        .execute(select(models.Sesjon.id_token_kryptert).where(models.Sesjon.token_hash == token_hash(token)))
        .scalar_one_or_none()
    )
    return None if sealed is None else crypto.decrypt_value(current().keys, sealed, ID_TOKEN_AAD).decode()


def save_data(token: str, changed: Mapping[str, Any], removed: Collection[str] = ()) -> None:
    """Write some of the session's own data (form protection, messages to show) and take some away.

    The rest stays as it is by now: of two requests at once neither writes back what it read of the other's.
    """
    left = models.Sesjon.data.op("-")(literal(list(removed), ARRAY(Text())))
    data = left.op("||")(literal(dict(changed), JSONB()))
    with transaction() as tx:
        tx.execute(
            update(models.Sesjon).where(models.Sesjon.token_hash == token_hash(token)).values(data=data)
        )


def choose_organisation(token: str, organisasjon_id: UUID | None) -> None:
    """Set the organisation the person works for in this session; the caller has checked the right to."""
    with transaction() as tx:
        tx.execute(
            update(models.Sesjon)
            .where(models.Sesjon.token_hash == token_hash(token))
            .values(organisasjon_id=organisasjon_id)
        )


def end_session(token: str, grunn: str) -> None:
    """End one session for good.

    One whose time is over keeps its ID-porten token as long as its row: ID-porten's own session may still live, and
    whoever presses «Logg ut» then is to be logged out there too.
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


def pid_of(person_id: UUID) -> str:
    """The person's number in clear, for look-ups on their behalf. Never to be shown or logged."""
    sealed = (
        session()
        .execute(select(models.Person.fnr_kryptert).where(models.Person.id == person_id))
        .scalar_one()
    )
    return crypto.decrypt_value(current().keys, sealed, FNR_AAD).decode()


def delete_old(limit: int = 10_000) -> int:
    """Delete sessions that ended, or were last seen, more than a day ago; return how many."""
    old = (
        select(models.Sesjon.id)
        .where(models.Sesjon.sist_sett < func.now() - KEEP_ENDED)
        .order_by(models.Sesjon.sist_sett)
        .limit(limit)
    )
    with transaction() as tx:
        gone = tx.scalars(
            delete(models.Sesjon).where(models.Sesjon.id.in_(old)).returning(models.Sesjon.id)
        ).all()
    return len(gone)
