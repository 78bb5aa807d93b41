"""Looking numbers up in KRR: written down for each person, and never the number of who is strengt fortrolig.

Of such a person the answer is the one of somebody KRR has no number for, here and when an SMS to them is to be sent, so
that no two answers together say who is protected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit, clock
from fiks.core.actor import Aktor, system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.identifiers import is_fnr
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.insight import index_of
from fiks.konfigurasjon.misuse import PROTECTED_ASKED
from fiks.konfigurasjon.rules import P
from fiks.sms import rules
from fiks.sms.errors import ForMangeOppslag, UgyldigSms
from fiks.sms.service import SERVICE, open_konto, record_act

ACT = "SMS_KRR_OPPSLAG"


class Kontakt(Protocol):
    """What KRR says of a person, as far as SMS needs it."""

    @property
    def mobil(self) -> str | None: ...


class Folkeregistrert(Protocol):
    """What Folkeregisteret says of a person, as far as SMS needs it."""

    @property
    def adressebeskyttelse(self) -> str: ...


class Registre(Protocol):
    """KRR and Folkeregisteret. Raises KanalFeil."""

    def kontakt(self, fnrs: Sequence[str]) -> Mapping[str, Kontakt]: ...

    def personer(self, fnrs: Sequence[str]) -> Mapping[str, Folkeregistrert]: ...


class Nummerstatus(StrEnum):
    """What KRR's number of somebody is worth."""

    GYLDIG = "GYLDIG"
    UGYLDIG = "UGYLDIG"
    IKKE_FUNNET = "IKKE_FUNNET"


@dataclass(frozen=True, slots=True, repr=False)
class Nummer:
    """Somebody's number in KRR. No repr: it is personal."""

    fnr: str
    telefonnummer: str | None
    status: Nummerstatus


def look_up(konto_id: UUID, fnrs: Sequence[str], register: Registre, *, actor: Aktor) -> list[Nummer]:
    """The numbers KRR has for at most 1 000 persons, in their order; each finds it on Min side, with the legal basis.

    IKKE_FUNNET also for who is strengt fortrolig; that one was asked about is told to those who look for misuse. Needs
    VARSLING.SMS_SENDE. Errors: SMS_FOR_MANGE, FNR_UGYLDIG, SMS_FOR_MANGE_OPPSLAG (429: more than one actor is given
    within an hour, and then none of them), and KanalFeil when a register does not answer.
    """
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    if len(fnrs) > rules.MOST_NUMBERS:
        raise UgyldigSms("SMS_FOR_MANGE", felt="fnrs")
    if not all(is_fnr(fnr, current().synthetic_persons) for fnr in fnrs):
        raise UgyldigSms("FNR_UGYLDIG", felt="fnrs")
    different = list(dict.fromkeys(fnrs))
    with transaction():
        konto = open_konto(konto_id)
        _require_room_for(len(different), actor)
        for fnr in different:
            record_act(ACT, konto, actor, gjelder=index_of(fnr), hjemmel=rules.KRR_HJEMMEL)
    protected = _strictly_protected(different, register)
    if protected:
        _note_protected(len(protected), len(different), actor)
    found = _contacts([fnr for fnr in different if fnr not in protected], register)
    return [_number_of(fnr, found.get(fnr)) for fnr in fnrs]


def number_to_send_to(fnr: str, register: Registre) -> str | None:
    """The number an SMS to the person goes to, as E.164; None when there is none to use. Errors: KanalFeil."""
    if _strictly_protected([fnr], register):
        return None
    found = _contacts([fnr], register).get(fnr)
    return rules.e164(found.mobil) if found is not None and found.mobil else None


def _require_room_for(antall: int, actor: Aktor) -> None:
    """Refuse more numbers than an actor may be given in an hour; one call at a time for each, until it is written."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"smsoppslag|{actor.ref}", 0))
    session().execute(select(lock))
    lately = select(func.count()).where(
        Audit.handling == ACT,
        Audit.tid > clock.database_now() - rules.HOUR,
        Audit.aktor == actor.ref,
    )
    if session().execute(lately).scalar_one() + antall > rules.MOST_LOOK_UPS:
        raise ForMangeOppslag("SMS_FOR_MANGE_OPPSLAG", grense=rules.MOST_LOOK_UPS)


def _strictly_protected(fnrs: Sequence[str], register: Registre) -> frozenset[str]:
    people = register.personer(fnrs) if fnrs else {}
    return frozenset(
        fnr for fnr, person in people.items() if person.adressebeskyttelse == rules.STRENGT_FORTROLIG
    )


def _contacts(fnrs: Sequence[str], register: Registre) -> Mapping[str, Kontakt]:
    return register.kontakt(fnrs) if fnrs else {}


def _note_protected(antall: int, spurt: int, actor: Aktor) -> None:
    """Write down who asked about protected persons, where no organisation sees it: `antall` among the `av` asked about.

    Not about whom: a row that said so would tell what it is there to keep.
    """
    house = replace(system("sms"), request_id=actor.request_id)
    with transaction():
        audit.record(house, PROTECTED_ASKED, "aktor", actor.ref, tjeneste=SERVICE, antall=antall, av=spurt)


def _number_of(fnr: str, kontakt: Kontakt | None) -> Nummer:
    if kontakt is None or not kontakt.mobil:
        return Nummer(fnr, None, Nummerstatus.IKKE_FUNNET)
    nummer = rules.e164(kontakt.mobil)
    return Nummer(fnr, nummer or kontakt.mobil, Nummerstatus.GYLDIG if nummer else Nummerstatus.UGYLDIG)
