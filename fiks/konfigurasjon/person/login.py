"""Login: a successful one opens a session and is audited; of a failed one only the cause is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.audit import Utfall
from fiks.core.db import session, transaction
from fiks.konfigurasjon.models import Person, Sesjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.person.names import learn_name

KANAL = "WEB"


@dataclass(frozen=True, slots=True, repr=False)
class Bevis:
    """What the identity provider proved. No repr: `pid` and perhaps `sub` are personal numbers."""

    pid: str
    sub: str
    acr: int
    auth_time: datetime
    iss: str
    idporten_sid: str | None
    id_token: str
    navn: str | None


def log_in(bevis: Bevis, *, data: dict[str, Any], forrige: str) -> str:
    """Open a session for the person and return its token; audited as INNLOGGET, or NIVAAHEVING for a step-up
    to a higher level.

    `forrige` is the token of the browser's previous session, empty if none. If it is the same person's, the
    organisation they represent carries over to the new session; another person starts with none.
    """
    with transaction() as tx:
        token = sessions.open_session(
            pid=bevis.pid,
            acr=bevis.acr,
            auth_time=bevis.auth_time,
            iss=bevis.iss,
            idporten_sid=bevis.idporten_sid,
            id_token=bevis.id_token,
            navn=bevis.navn,
            sub=bevis.sub,
            data=data,
        )
        tx.flush()
        new = _row(token)
        if bevis.navn and new.person_id is not None:
            learn_name(new.person_id, bevis.navn, actor=_actor(new))
        old = _row(forrige) if forrige else None
        same = old is not None and old.person_id == new.person_id and old.avsluttet is None
        if same and old is not None:
            new.representerer = old.representerer
        raised = same and old is not None and old.acr < new.acr
        audit.record(
            _actor(new),
            "NIVAAHEVING" if raised else "INNLOGGET",
            "sesjon",
            new.id,
            fornyet=same,
        )
    return token


def _row(token: str) -> Sesjon:
    found = select(Sesjon).where(Sesjon.token_hash == sessions.token_hash(token))
    return session().scalars(found).one()


def _actor(row: Sesjon) -> Aktor:
    navn = session().execute(select(Person.navn).where(Person.id == row.person_id)).scalar_one()
    return Aktor(Aktortype.PERSON, navn, person_id=row.person_id, acr=row.acr, sesjon_id=row.id, kanal=KANAL)


def record_failure(kode: str, arsak: str) -> None:
    """Audit a failed login. Nobody is identified, so only the cause is stored."""
    with transaction():
        audit.record(
            system("innlogging"),
            "INNLOGGING_FEILET",
            "innlogging",
            kode,
            utfall=Utfall.AVVIST,
            arsak=arsak,
        )
