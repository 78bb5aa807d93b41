"""Use cases of integrasjoner: create, new password, change, delete; always by persons (konfigurasjon.md 5).

A password is generated here, returned once and stored only as a keyed hash. Grants are in
`integrasjon.grants`, login in `integrasjon.login`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon.passwords import Formal, Passord, hash_of
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta, code_fault, requested_fault
from fiks.konfigurasjon.models import ForespurtPrivilegium, Integrasjon, Ressurs, Tilgang
from fiks.konfigurasjon.rules import MAX_OVERLAP, ROOT_ID, Definisjon, P, Tilgangsgrunn
from fiks.konfigurasjon.stale_form import require_not_stale
from fiks.konfigurasjon.tilgang.lock import lock_organisasjon, require_fresh_login, require_person

PASSWORD_BYTES = 32


def create_integrasjon(
    organisasjon_id: UUID, *, integrasjon_id: UUID, fakta: Integrasjonsfakta, actor: Aktor
) -> Passord:
    """Create a local integrasjon and its password; it has no access until somebody gives it.

    `integrasjon_id` is chosen by the form, so that a form sent twice is refused:
    Konflikt("INTEGRASJON_FINNES"). Other errors: UgyldigInndata of the facts, NY_INNLOGGING, KUN_FOR_PERSON.
    """
    require_person(actor)
    queries.require(actor, P.INTEGRASJON_ADMINISTRER, organisasjon_id)
    require_fresh_login(actor)
    return _create(integrasjon_id, organisasjon_id, fakta.checked(), None, actor)


def create_global_integrasjon(
    *,
    integrasjon_id: UUID,
    kode: str,
    fakta: Integrasjonsfakta,
    forespurte: Sequence[Definisjon],
    actor: Aktor,
) -> Passord:
    """Create a global integrasjon: offered to every organisation, without access until each approves it.

    `forespurte` is what it requests of each; a request gives nothing. Root plane only. Errors: as
    `create_integrasjon`, and KODE_UGYLDIG, FORESPURT_UGYLDIG (422), INTEGRASJON_KODE_I_BRUK (409).
    """
    require_person(actor)
    queries.require(actor, P.ROT_ADMINISTRER, ROOT_ID)
    require_fresh_login(actor)
    if code_fault(kode):
        raise UgyldigInndata("KODE_UGYLDIG", felt="kode")
    if requested_fault(forespurte):
        raise UgyldigInndata("FORESPURT_UGYLDIG", felt="forespurte")
    with transaction() as tx:
        same = select(Integrasjon.id).where(Integrasjon.kode == kode, Integrasjon.slettet.is_(None))
        if tx.scalar(same) is not None:
            raise Konflikt("INTEGRASJON_KODE_I_BRUK", felt="kode")
        passord = _create(integrasjon_id, None, fakta.checked(), kode, actor)
        tx.add_all(
            ForespurtPrivilegium(
                integrasjon_id=integrasjon_id, ressurs_type=d.ressurs_type, privilegium=d.navn
            )
            for d in set(forespurte)
        )
        return passord


def _create(
    integrasjon_id: UUID,
    organisasjon_id: UUID | None,
    fakta: Integrasjonsfakta,
    kode: str | None,
    actor: Aktor,
) -> Passord:
    passord = _new_secret()
    with transaction() as tx:
        if tx.get(Integrasjon, integrasjon_id) is not None:
            raise Konflikt("INTEGRASJON_FINNES")
        tx.add(
            Integrasjon(
                id=integrasjon_id,
                organisasjon_id=organisasjon_id,
                kode=kode,
                navn=fakta.navn,
                beskrivelse=fakta.beskrivelse,
                autorisert_orgnr=fakta.autorisert_orgnr,
                tjenester=list(fakta.tjenester),
                passord_hash=hash_of(passord.verdi, Formal.INTEGRASJON),
                passord_laget=func.now(),
                opprettet_av=actor.person_id,
            )
        )
        tx.flush()
        audit.record(
            actor,
            "INTEGRASJON_OPPRETTET",
            "integrasjon",
            integrasjon_id,
            organisasjon_id=organisasjon_id,
            navn=fakta.navn,
        )
        audit.record(
            actor, "PASSORD_GENERERT", "integrasjon", integrasjon_id, organisasjon_id=organisasjon_id
        )
    return passord


def change_integrasjon(
    integrasjon_id: UUID, *, fakta: Integrasjonsfakta, vist: str | None = None, actor: Aktor
) -> None:
    """Change what is written about an integrasjon. A new autorisert organisasjon applies from the next call.

    A new autorisert organisasjon hands the integrasjon's access to another caller, so it needs a login less
    than five minutes old (NY_INNLOGGING), and the audit records both. `vist` is the form mark of what the
    page showed (`stale_form`), None for callers without a page.
    """
    with transaction():
        row = _lock_managed(integrasjon_id, actor)
        new = fakta.checked()
        stands = Integrasjonsfakta(row.navn, row.autorisert_orgnr, row.beskrivelse, row.tjenester)
        require_not_stale(vist, asdict(stands), asdict(new))
        changed = [name for name in asdict(new) if getattr(row, name) != getattr(new, name)]
        moved = _audit_caller_change(row, new, actor) if "autorisert_orgnr" in changed else {}
        for name in changed:
            setattr(row, name, getattr(new, name))
        if changed:
            audit.record(
                actor,
                "INTEGRASJON_ENDRET",
                "integrasjon",
                row.id,
                organisasjon_id=row.organisasjon_id,
                felter=sorted(changed),
                **moved,
            )


def _audit_caller_change(row: Integrasjon, new: Integrasjonsfakta, actor: Aktor) -> dict[str, Any]:
    """Require a fresh login and return the old and new autorisert orgnr for the audit."""
    require_fresh_login(actor)
    return {"orgnr_for": row.autorisert_orgnr, "orgnr": new.autorisert_orgnr}


def new_password(
    integrasjon_id: UUID, *, replaces: datetime, actor: Aktor, overlapp: timedelta = timedelta(0)
) -> Passord:
    """Generate a new password; the old one stops at once, or after `overlapp` (at most 24 hours).

    `replaces` is the creation time of the password the page showed. If there is a newer one (also by the same
    form sent twice), Konflikt("PASSORD_ENDRET"). Errors also NY_INNLOGGING, OVERLAPP_FOR_LANG.
    """
    if not timedelta(0) <= overlapp <= MAX_OVERLAP:
        raise UgyldigInndata("OVERLAPP_FOR_LANG", felt="overlapp")
    passord = _new_secret()
    with transaction():
        row = _lock_managed(integrasjon_id, actor)
        require_fresh_login(actor)
        if row.passord_laget != replaces:
            raise Konflikt("PASSORD_ENDRET")
        keeps = overlapp > timedelta(0)
        now = database_now()
        row.gammelt_passord_hash = row.passord_hash if keeps else None
        row.gammelt_gyldig_til = now + overlapp if keeps else None
        row.passord_hash, row.passord_laget = hash_of(passord.verdi, Formal.INTEGRASJON), now
        hours = round(overlapp / timedelta(hours=1))
        audit.record(
            actor,
            "PASSORD_GENERERT",
            "integrasjon",
            row.id,
            organisasjon_id=row.organisasjon_id,
            overlapp_timer=hours,
        )
    return passord


def delete_integrasjon(integrasjon_id: UUID, *, actor: Aktor) -> int:
    """Delete an integrasjon and end all its tilganger in every organisation; return how many. Its next call
    is refused.
    """
    with transaction() as tx:
        row = _lock_managed(integrasjon_id, actor)
        row.slettet, row.slettet_av = database_now(), actor.person_id
        row.passord_hash = row.gammelt_passord_hash = row.gammelt_gyldig_til = None
        ended = tx.execute(
            update(Tilgang)
            .where(Tilgang.integrasjon_id == row.id, Tilgang.avsluttet.is_(None))
            .values(
                avsluttet=func.now(),
                avsluttet_av=actor.person_id,
                avsluttet_grunn=Tilgangsgrunn.INTEGRASJON_SLETTET,
            )
            .returning(Tilgang.id, Tilgang.privilegium, Tilgang.ressurs_id)
        ).all()
        owners = select(Ressurs.id, Ressurs.organisasjon_id).where(Ressurs.id.in_([e[2] for e in ended]))
        where = {row[0]: row[1] for row in tx.execute(owners)}
        for tilgang_id, privilegium, ressurs_id in ended:
            audit.record(
                actor,
                "TILGANG_FJERNET",
                "tilgang",
                tilgang_id,
                organisasjon_id=where[ressurs_id],
                ressurs_id=ressurs_id,
                privilegium=privilegium,
                integrasjon=str(row.id),
                grunn=str(Tilgangsgrunn.INTEGRASJON_SLETTET),
            )
        audit.record(
            actor,
            "INTEGRASJON_SLETTET",
            "integrasjon",
            row.id,
            organisasjon_id=row.organisasjon_id,
            navn=row.navn,
        )
    return len(ended)


def _lock_managed(integrasjon_id: UUID, actor: Aktor) -> Integrasjon:
    """Lock the organisation and then the integrasjon, if the actor may manage it; errors as
    `queries.require`.
    """
    require_person(actor)
    owner = (
        session().execute(select(Integrasjon.organisasjon_id).where(Integrasjon.id == integrasjon_id)).first()
    )
    if owner is None:
        raise IkkeFunnet("FINNES_IKKE")
    if owner[0] is None:
        queries.require(actor, P.ROT_ADMINISTRER, ROOT_ID)
    else:
        queries.require(actor, P.INTEGRASJON_ADMINISTRER, owner[0])
        lock_organisasjon(owner[0])
    row = session().get(Integrasjon, integrasjon_id, with_for_update=True, populate_existing=True)
    if row is None or row.slettet is not None:
        raise IkkeFunnet("FINNES_IKKE")
    return row


def _new_secret() -> Passord:
    return Passord(secrets.token_urlsafe(PASSWORD_BYTES))
