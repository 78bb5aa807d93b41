"""Look-ups by people and fagsystemer: by privilege and legal basis, audited before the register is asked, and
never stored.

The audit entry names the person by a blind index, through which the citizen finds it on Min side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import KanalFeil
from fiks.core.values.identifiers import Fnr, Orgnr
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.audit.misuse import note_protected_lookup
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import Organisasjonstype, P
from fiks.registeroppslag import queries
from fiks.registeroppslag.errors import ForMangeOppslag, RegisterSvarerIkke
from fiks.registeroppslag.hjemler import require_hjemmel
from fiks.registeroppslag.rules import (
    Enhetstatus,
    Kontaktinformasjon,
    Kontaktsvar,
    Person,
    Personsvar,
    Registernavn,
    Virksomhet,
    contact_for_display,
    hourly_limit,
    is_strictly_protected,
    person_for_display,
)

_ACTS = {
    Registernavn.FOLKEREGISTER: queries.PERSON_LOOK_UP,
    Registernavn.KRR: "KONTAKTOPPSLAG",
    Registernavn.ENHETSREGISTER: "VIRKSOMHETSOPPSLAG",
}


class Registre(Protocol):
    """The three registers. Each raises KanalFeil when it has no answer."""

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]: ...

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]: ...

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]: ...


def look_up_contact(
    organisasjon_id: UUID, fnr: str, hjemmel: str, register: Registre, *, actor: Aktor
) -> Kontaktsvar:
    """Look up in KRR how a person can be reached. Needs REGISTER.OPPSLAG on the organisation.

    Folkeregisteret is asked first, whatever the legal basis opens: nothing is shown of a person who is
    strengt fortrolig, and without its answer there is no answer. A look-up of such a person is reported to
    those who look for misuse. `hjemmel` is a code of HJEMLER. Errors: FNR_UGYLDIG, HJEMMEL_MANGLER,
    HJEMMEL_GJELDER_IKKE (422), FOR_MANGE_OPPSLAG (429), OPPSLAG_UTEN_SVAR (503).
    """
    number = _note_person(organisasjon_id, fnr, hjemmel, Registernavn.KRR, actor)
    try:
        person = register.personer([number]).get(number)
        if is_strictly_protected(person):
            _note_protected(actor)
            return contact_for_display(None, person)
        return contact_for_display(register.kontakt([number]).get(number), person)
    except KanalFeil as error:
        raise RegisterSvarerIkke("OPPSLAG_UTEN_SVAR") from error


def look_up_person(
    organisasjon_id: UUID, fnr: str, hjemmel: str, register: Registre, *, actor: Aktor
) -> Personsvar:
    """Look a person up in Folkeregisteret: name, status, and the address unless it is protected.

    Privilege and errors as for `look_up_contact`.
    """
    number = _note_person(organisasjon_id, fnr, hjemmel, Registernavn.FOLKEREGISTER, actor)
    try:
        person = register.personer([number]).get(number)
    except KanalFeil as error:
        raise RegisterSvarerIkke("OPPSLAG_UTEN_SVAR") from error
    if is_strictly_protected(person):
        _note_protected(actor)
    return person_for_display(person)


def look_up_organisation(
    organisasjon_id: UUID, orgnr: str, register: Registre, *, actor: Aktor
) -> Virksomhet:
    """Look a unit up in Enhetsregisteret, which is public and needs no legal basis; an unknown one is
    IKKE_FUNNET.

    Privilege as for `look_up_contact`. Errors: ORGNR_UGYLDIG (422), FOR_MANGE_OPPSLAG (429),
    OPPSLAG_UTEN_SVAR (503).
    """
    konfigurasjon.require(actor, P.REGISTER_OPPSLAG, organisasjon_id)
    number = Orgnr.parse(orgnr).value
    _note(organisasjon_id, Registernavn.ENHETSREGISTER, actor)
    try:
        found = register.virksomheter([number]).get(number)
    except KanalFeil as error:
        raise RegisterSvarerIkke("OPPSLAG_UTEN_SVAR") from error
    return found or Virksomhet(number, "", Enhetstatus.IKKE_FUNNET)


def _note_person(organisasjon_id: UUID, fnr: str, hjemmel: str, register: Registernavn, actor: Aktor) -> str:
    """Check that the look-up is allowed, write its audit entry, and return the number in the register's form."""
    konfigurasjon.require(actor, P.REGISTER_OPPSLAG, organisasjon_id)
    number = Fnr.parse(fnr, synthetic=current().synthetic_persons).value
    kind = Organisasjonstype(konfigurasjon.organisasjon(organisasjon_id).type)
    basis = require_hjemmel(hjemmel, register, kind)
    _note(organisasjon_id, register, actor, fnr=number, hjemmel=basis.navn)
    return number


def _note(
    organisasjon_id: UUID,
    register: Registernavn,
    actor: Aktor,
    *,
    fnr: str | None = None,
    hjemmel: str | None = None,
) -> None:
    """Write the look-up's audit entry, unless the actor's hourly limit is reached."""
    with transaction():
        require_look_up_left(actor)
        row: dict[str, Any] = {"i_rekke": True} if fnr and queries.is_neighbour_of_recent(fnr, actor) else {}
        audit.record(
            actor,
            _ACTS[register],
            "register",
            register,
            organisasjon_id=organisasjon_id,
            tjeneste=queries.SERVICE,
            ressurs_id=organisasjon_id,
            gjelder=fnr_index(fnr) if fnr else None,
            hjemmel=hjemmel,
            **row,
        )


def require_look_up_left(actor: Aktor) -> None:
    """Raise ForMangeOppslag unless the actor may look up once more within the hour.

    The caller writes the audit entry in the same transaction. A lock until its end makes the actor's other
    look-ups wait, so that two at once cannot both take the last one allowed.
    """
    most = hourly_limit(actor)
    session().execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"registeroppslag|{actor.ref}", 0)))
    )
    if queries.look_ups_within_an_hour(actor) >= most:
        raise ForMangeOppslag("FOR_MANGE_OPPSLAG", grense=most)


def _note_protected(actor: Aktor) -> None:
    with transaction():
        note_protected_lookup("registeroppslag", queries.SERVICE, actor.ref, actor.request_id)
