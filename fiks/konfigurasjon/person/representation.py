"""Representation: a citizen acts for an organisation. Altinn's answer is cached with the session for fifteen
minutes and checked at each use.

The codes that give the right are in `fullmaktkrav` (konfigurasjon.md 8). The organisation a caller names is a
wish, never a proof.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.crypto import encryption
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeTilgang, KanalFeil, UgyldigInndata
from fiks.core.values.identifiers import is_orgnr
from fiks.konfigurasjon.models import Fullmaktkrav, Sesjon
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.person.altinn import Altinnpart

PARTIES_AAD = "sesjon.parter"
CACHE_TIME = timedelta(minutes=15)
MINSIDE, SVARUT, CONFIDENTIAL = "MINSIDE", "SVARUT", "SVARUT_TAUSHET"
"""CONFIDENTIAL is for taushetsbelagt post to an organisation, which the ordinary Post/arkiv role does not
open.
"""

Spor = Callable[[str], Sequence[Altinnpart]]
"""Callable that asks Altinn about a personal number; raises KanalFeil."""


class RollerUtilgjengelig(FiksError):
    """Altinn does not answer, so nobody can be represented; a citizen's own things still work."""

    status: ClassVar[int] = 503


class RepresentererIkke(IkkeTilgang):
    """The person may not, or may no longer, act for the organisation."""


def parties(sesjon_id: UUID, spor: Spor) -> list[Altinnpart]:
    """Return the organisations of the session's person; asks Altinn again when the cached answer is fifteen
    minutes old.

    Raises RollerUtilgjengelig("ROLLER_UTILGJENGELIG"); an expired answer is never used in place of a new one.
    """
    kept = _cached_parties(sesjon_id)
    if kept is not None:
        return kept
    person_id = session().execute(select(Sesjon.person_id).where(Sesjon.id == sesjon_id)).scalar_one()
    assert person_id is not None
    pid = service.pid_of(person_id)
    session().rollback()
    try:
        found = list(spor(pid))
    except KanalFeil as error:
        raise RollerUtilgjengelig("ROLLER_UTILGJENGELIG", arsak=error.kode) from error
    sealed = encryption.encrypt_value(current().keys, _encode(found), PARTIES_AAD)
    with transaction() as tx:
        tx.execute(
            update(Sesjon)
            .where(Sesjon.id == sesjon_id)
            .values(parter_kryptert=sealed, parter_hentet=func.now())
        )
    return found


def _cached_parties(sesjon_id: UUID) -> list[Altinnpart] | None:
    fresh = select(Sesjon.parter_kryptert).where(
        Sesjon.id == sesjon_id, Sesjon.parter_hentet > func.now() - CACHE_TIME
    )
    sealed = session().execute(fresh).scalar_one_or_none()
    if sealed is None:
        return None
    return _decode(encryption.decrypt_value(current().keys, sealed, PARTIES_AAD))


def _encode(found: Iterable[Altinnpart]) -> bytes:
    rows = [[p.orgnr, p.navn, sorted(p.fullmakter), p.velgbar, p.hovedenhet] for p in found]
    return json.dumps(rows).encode()


def _decode(packed: bytes) -> list[Altinnpart]:
    return [
        Altinnpart(orgnr, navn, frozenset((kind, code) for kind, code in held), velgbar, main)
        for orgnr, navn, held, velgbar, main in json.loads(packed)
    ]


def required_codes(tjeneste: str) -> frozenset[tuple[str, str]]:
    """Return the (kind, code) pairs of which any one gives the right to act for an organisation in the
    service.
    """
    rows = session().execute(
        select(Fullmaktkrav.type, Fullmaktkrav.kode).where(Fullmaktkrav.tjeneste == tjeneste).limit(200)
    )
    return frozenset((row.type, row.kode) for row in rows)


def parties_to_act_for(found: Iterable[Altinnpart], krav: frozenset[tuple[str, str]]) -> list[Altinnpart]:
    """Return the parties the person may act for: selectable, and with one of the codes."""
    return [part for part in found if part.velgbar and part.fullmakter & krav]


def rights_for(part: Altinnpart, tjenester: Iterable[str]) -> frozenset[str]:
    """Return those of the services the person may use for this organisation."""
    return frozenset(
        tjeneste for tjeneste in tjenester if parties_to_act_for([part], required_codes(tjeneste))
    )


def act_for(sesjon_id: UUID, tjeneste: str, spor: Spor, *, orgno: str | None) -> Altinnpart | None:
    """Decide whom this call is for: the organisation, or None for the person themselves.

    Raises RepresentererIkke without a role there, RollerUtilgjengelig when Altinn does not answer, and
    UgyldigInndata("ORGNR_UGYLDIG").
    """
    wanted = (orgno or "").strip()
    if not wanted:
        return None
    if not is_orgnr(wanted):
        raise UgyldigInndata("ORGNR_UGYLDIG", felt="orgno")
    krav = required_codes(tjeneste)
    held = {part.orgnr: part for part in parties_to_act_for(parties(sesjon_id, spor), krav)}
    if wanted not in held:
        raise RepresentererIkke("REPRESENTERER_IKKE")
    return held[wanted]


def choose_representation(
    sesjon_id: UUID, orgnr: str | None, spor: Spor, *, actor: Aktor
) -> Altinnpart | None:
    """Act for `orgnr` in the actor's own session from now on, or for themselves when None; audited.

    Raises as `act_for`.
    """
    if actor.sesjon_id != sesjon_id:
        raise RepresentererIkke("REPRESENTERER_IKKE")
    chosen = act_for(sesjon_id, MINSIDE, spor, orgno=orgnr)
    with transaction() as tx:
        tx.execute(
            update(Sesjon)
            .where(Sesjon.id == sesjon_id)
            .values(representerer=chosen.orgnr if chosen else None)
        )
        audit.record(
            actor, "AKTOR_VALGT", "sesjon", sesjon_id, representerer=chosen.orgnr if chosen else "seg selv"
        )
    return chosen
