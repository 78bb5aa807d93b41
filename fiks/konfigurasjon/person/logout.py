"""Ending sessions: by the person, by the provider (front and back channel), by an administrator, or when a
person leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core import audit
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon.models import Person, Sesjon, Utloggingsbevis
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.rules import ABSOLUTE_LIMIT, IDLE_LIMIT

KANAL = "WEB"
TOKEN_MEMORY = timedelta(hours=1)
"""How long the id of a logout token is stored to reject replays: well over the time such a token is accepted.
"""


class Sesjonsslutt(StrEnum):
    """Why a session ended."""

    UTLOPT = "UTLOPT"
    FORNYET = "FORNYET"
    NY_INNLOGGING = "NY_INNLOGGING"
    LOGGET_UT = "LOGGET_UT"
    FRONTKANAL = "FRONTKANAL"
    BAKKANAL = "BAKKANAL"
    AVSLUTTET_SELV = "AVSLUTTET_SELV"
    AVSLUTTET_AV_ADMINISTRATOR = "AVSLUTTET_AV_ADMINISTRATOR"
    AVSLUTTET_AV_DRIFT = "AVSLUTTET_AV_DRIFT"
    SLUTTET = "SLUTTET"


@dataclass(frozen=True, slots=True)
class Sesjonsrad:
    """A live session as its owner sees it; `enhet` is the kind of browser, as the browser says."""

    id: UUID
    opprettet: datetime
    sist_sett: datetime
    acr: int
    enhet: str


def log_out(token: str) -> None:
    """Log the person out of this session.

    An expired session becomes logged out too, so that no later login takes over its data.
    """
    mine = Sesjon.token_hash == sessions.token_hash(token)
    with transaction() as tx:
        end_sessions(mine, Sesjonsslutt.LOGGET_UT)
        tx.execute(
            update(Sesjon)
            .where(mine, Sesjon.avsluttet_grunn == Sesjonsslutt.UTLOPT)
            .values(avsluttet_grunn=Sesjonsslutt.LOGGET_UT, id_token_kryptert=None, parter_kryptert=None)
        )


def end_sessions_by_sid(iss: str, sid: str) -> int:
    """End every session from this login at the provider (front channel); return how many."""
    return end_sessions((Sesjon.idporten_iss == iss) & (Sesjon.idporten_sid == sid), Sesjonsslutt.FRONTKANAL)


def accept_logout_token(iss: str, jti: str, *, sid: str | None, sub: str | None) -> int:
    """End the sessions a validated logout token names: the login `sid`, or without it every session of `sub`.

    Returns how many. Konflikt("UTLOGGINGSBEVIS_BRUKT") for a token accepted before (OpenID Connect
    Back-Channel Logout 1.0 section 2.6, step 7).
    """
    with transaction() as tx:
        tx.execute(delete(Utloggingsbevis).where(Utloggingsbevis.utloper < func.now()))
        known = hashlib.sha256(f"{iss} {jti}".encode()).hexdigest()
        row = insert(Utloggingsbevis).values(jti=known, utloper=func.now() + TOKEN_MEMORY)
        new = tx.execute(row.on_conflict_do_nothing().returning(Utloggingsbevis.jti)).first()
        if new is None:
            raise Konflikt("UTLOGGINGSBEVIS_BRUKT")
        if sid is not None:
            whose = Sesjon.idporten_sid == sid
        elif sub is not None:
            whose = Sesjon.idporten_sub_indeks == sessions.sub_index(iss, sub)
        else:
            raise ValueError("neither sid nor sub")
        return end_sessions((Sesjon.idporten_iss == iss) & whose, Sesjonsslutt.BAKKANAL)


def end_sessions_of(person_id: UUID, grunn: Sesjonsslutt, *, actor: Aktor | None = None) -> int:
    """End every session of the person, who has left or lost their rights. Returns how many."""
    return end_sessions(Sesjon.person_id == person_id, grunn, actor=actor)


def end_all_sessions(*, actor: Aktor) -> int:
    """End every session on the platform, so that everybody must log in again. By command only, when a key or
    a provider is compromised.
    """
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")
    return end_sessions(Sesjon.person_id.is_not(None), Sesjonsslutt.AVSLUTTET_AV_DRIFT, actor=actor)


def end_own_session(sesjon_id: UUID, *, actor: Aktor) -> None:
    """End one of the actor's own sessions, perhaps on another machine; IkkeFunnet for anybody else's."""
    mine = (Sesjon.id == sesjon_id) & (Sesjon.person_id == actor.person_id)
    if not end_sessions(mine, Sesjonsslutt.AVSLUTTET_SELV, actor=actor):
        raise IkkeFunnet("FINNES_IKKE")


def own_sessions(person_id: UUID, limit: int = 50) -> list[Sesjonsrad]:
    """Return the person's live sessions, most recently used first."""
    rows = session().execute(
        select(Sesjon.id, Sesjon.opprettet, Sesjon.sist_sett, Sesjon.acr, Sesjon.data["enhet"].astext)
        .where(
            Sesjon.person_id == person_id,
            Sesjon.avsluttet.is_(None),
            Sesjon.sist_sett > func.now() - IDLE_LIMIT,
            Sesjon.auth_time > func.now() - ABSOLUTE_LIMIT,
        )
        .order_by(Sesjon.sist_sett.desc())
        .limit(limit)
    )
    return [Sesjonsrad(row[0], row[1], row[2], row[3], row[4] or "") for row in rows]


def end_sessions(which: ColumnElement[bool], grunn: Sesjonsslutt, *, actor: Aktor | None = None) -> int:
    """End the live sessions that `which` selects, each audited as UTLOGGET by `actor` or its own person;
    return how many.
    """
    with transaction() as tx:
        ended = tx.execute(
            update(Sesjon)
            .where(which, Sesjon.avsluttet.is_(None))
            .values(avsluttet=func.now(), avsluttet_grunn=grunn, id_token_kryptert=None, parter_kryptert=None)
            .returning(Sesjon.id, Sesjon.person_id, Sesjon.acr)
            .execution_options(synchronize_session=False)
        ).all()
        names = _names([row.person_id for row in ended])
        for row in ended:
            if row.person_id is None:
                continue
            own = Aktor(
                Aktortype.PERSON,
                names[row.person_id],
                person_id=row.person_id,
                acr=row.acr,
                sesjon_id=row.id,
                kanal=KANAL,
            )
            audit.record(
                actor or own, "UTLOGGET", "sesjon", row.id, grunn=str(grunn), person=str(row.person_id)
            )
    return len(ended)


def _names(person_ids: Sequence[Any]) -> dict[UUID, str]:
    rows = session().execute(select(Person.id, Person.navn).where(Person.id.in_(person_ids)))
    return {row.id: row.navn for row in rows}
