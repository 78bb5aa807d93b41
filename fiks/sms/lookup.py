"""Look-up of telephone numbers in KRR: audited per person, and never answered for a person who is strengt
fortrolig.

For such a person the answer is the same as when KRR has no number, here and when an SMS is to be sent, so
that no combination of answers reveals who is protected. The same holds for the dead, and for unconfirmed
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, func, select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import KanalFeil
from fiks.core.values.identifiers import is_fnr
from fiks.core.values.krr_contact import Kontakt, usable_contact
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.audit.misuse import note_protected_lookup
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.sms import rules
from fiks.sms.errors import ForMangeOppslag, UgyldigSms
from fiks.sms.models import Sms, Smskonto, Smsutsendelse
from fiks.sms.service import SERVICE, open_konto, record_act

ACT, UNANSWERED = "SMS_KRR_OPPSLAG", "SMS_KRR_OPPSLAG_UTEN_SVAR"
MOST_TRIES = 60 * rules.MOST_NUMBERS
"""Numbers one actor may ask for in an hour, answered or not: a full call each minute while the registers are
down.
"""
_unanswered_sum = func.sum(Audit.detaljer["antall"].as_integer())
_asked_at = Audit.detaljer["spurt_tid"].as_string().cast(DateTime(timezone=True))
"""The time of an unanswered question. It is subtracted from the limit for as long as the question itself
counts.
"""
_A = TypeVar("_A")
_A_co = TypeVar("_A_co", covariant=True)


class Folkeregistrert(Protocol):
    """Folkeregisteret's facts about a person, as far as SMS needs them."""

    @property
    def doed(self) -> bool: ...

    @property
    def strengt_fortrolig(self) -> bool: ...


class Registre(Protocol):
    """KRR and Folkeregisteret. Raises KanalFeil."""

    def kontakt(self, fnrs: Sequence[str]) -> Mapping[str, Kontakt]: ...

    def personer(self, fnrs: Sequence[str]) -> Mapping[str, Folkeregistrert]: ...


class Svar(Protocol[_A_co]):
    """A register's answer about many, by number, and the error for each number without an answer."""

    @property
    def found(self) -> Mapping[str, _A_co]: ...

    @property
    def failed(self) -> Mapping[str, KanalFeil]: ...


class Spor(Protocol):
    """Asks a register about many numbers so that one failing number does not withhold the others' answers.

    Raises the KanalFeil of a register that does not answer, or fails for so many that no single number can be
    the cause.
    """

    def __call__(
        self, look_up: Callable[[Sequence[str]], Mapping[str, _A]], numbers: Sequence[str], /
    ) -> Svar[_A]: ...


class Nummerstatus(StrEnum):
    """Status of a person's number in KRR."""

    GYLDIG = "GYLDIG"
    UGYLDIG = "UGYLDIG"
    IKKE_FUNNET = "IKKE_FUNNET"


@dataclass(frozen=True, slots=True, repr=False)
class Nummer:
    """A person's number in KRR. No repr: it is personal."""

    fnr: str
    telefonnummer: str | None
    status: Nummerstatus


def look_up(
    konto_id: UUID, fnrs: Sequence[str], register: Registre, ask: Spor, *, actor: Aktor
) -> list[Nummer]:
    """Return KRR's numbers for at most 1 000 persons, in their order; each person sees the look-up, with
    legal basis, on Min side.

    IKKE_FUNNET also when the number may not be used, or a register gave no answer; questions about a person
    who is strengt fortrolig are reported to those who look for misuse. Needs VARSLING.SMS_SENDE. Errors:
    SMS_FOR_MANGE, FNR_UGYLDIG, SMS_FOR_MANGE_OPPSLAG and SMS_FOR_MANGE_FORSOK (429: more than one actor gets,
    or may ask for, within an hour; then none are answered), and KanalFeil when a register does not answer.
    """
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    if len(fnrs) > rules.MOST_NUMBERS:
        raise UgyldigSms("SMS_FOR_MANGE", felt="fnrs")
    if not all(is_fnr(fnr, current().synthetic_persons) for fnr in fnrs):
        raise UgyldigSms("FNR_UGYLDIG", felt="fnrs")
    different = list(dict.fromkeys(fnrs))
    with transaction():
        konto = open_konto(konto_id)
        asked = clock.database_now()
        _require_room_for(len(different), actor)
        for fnr in different:
            record_act(ACT, konto, actor, gjelder=fnr_index(fnr), hjemmel=rules.KRR_HJEMMEL)
    try:
        found = _contacts(different, register, ask, actor)
    except KanalFeil:
        _record_unanswered(len(different), asked, konto, actor)
        raise
    now = clock.now()
    return [_number_of(fnr, usable_contact(found.get(fnr), now).mobil) for fnr in fnrs]


def number_to_send_to(sms_id: UUID, fnr: str, register: Registre) -> str | None:
    """Return the number for an SMS to this person, as E.164; None when no number may be used. Errors:
    KanalFeil.
    """
    person = register.personer([fnr]).get(fnr)
    if _is_protected(person):
        _note_receiver(sms_id)
    if _is_withheld(person):
        return None
    found = register.kontakt([fnr]).get(fnr)
    return rules.e164(usable_contact(found, clock.now()).mobil)


def _require_room_for(antall: int, actor: Aktor) -> None:
    """Refuse more numbers than an actor may get in an hour; one call at a time per actor, until the audit
    entries are written.
    """
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"smsoppslag|{actor.ref}", 0))
    session().execute(select(lock))
    since = clock.database_now() - rules.HOUR
    tried = session().execute(_recent(func.count(), ACT, actor, since)).scalar_one()
    in_vain = _recent(_unanswered_sum, UNANSWERED, actor, since).where(_asked_at > since)
    given = tried - (session().execute(in_vain).scalar_one() or 0)
    if given + antall > rules.MOST_LOOK_UPS:
        raise ForMangeOppslag("SMS_FOR_MANGE_OPPSLAG", grense=rules.MOST_LOOK_UPS)
    if tried + antall > MOST_TRIES:
        raise ForMangeOppslag("SMS_FOR_MANGE_FORSOK")


def _recent(what: ColumnElement[int], act: str, actor: Aktor, since: datetime) -> Select[int]:
    return select(what).where(Audit.handling == act, Audit.tid > since, Audit.aktor == actor.ref)


def _record_unanswered(antall: int, asked: datetime, konto: Smskonto, actor: Aktor) -> None:
    """Record that the numbers asked for at `asked` got no answer, so that they do not count against the
    limit.
    """
    with transaction():
        record_act(UNANSWERED, konto, actor, antall=antall, spurt_tid=asked.isoformat())


def _contacts(fnrs: Sequence[str], register: Registre, ask: Spor, actor: Aktor) -> Mapping[str, Kontakt]:
    """Return KRR's answers for persons whose number may be given out and whom Folkeregisteret answered for.

    Raises KanalFeil when nobody got an answer. A withheld person counts as answered, so that a failing number
    in KRR does not reveal who they are.
    """
    people = ask(register.personer, fnrs)
    protected = sum(map(_is_protected, people.found.values()))
    if protected:
        with transaction():
            note_protected_lookup("sms", SERVICE, actor.ref, actor.request_id, antall=protected, av=len(fnrs))
    free = [fnr for fnr in fnrs if fnr not in people.failed and not _is_withheld(people.found.get(fnr))]
    contacts = ask(register.kontakt, free)
    failed = {**people.failed, **contacts.failed}
    if failed and len(failed) == len(fnrs):
        raise failed[fnrs[0]]
    return contacts.found


def _is_protected(person: Folkeregistrert | None) -> bool:
    return person is not None and person.strengt_fortrolig


def _is_withheld(person: Folkeregistrert | None) -> bool:
    """Return whether the person's number is neither given out nor used, whatever KRR says."""
    return _is_protected(person) or (person is not None and person.doed)


def _note_receiver(sms_id: UUID) -> None:
    """Report an SMS to a protected person to those who look for misuse; `av` is the number of receivers of
    the text.
    """
    sending = (
        select(Smsutsendelse.aktor, Smsutsendelse.request_id, Smsutsendelse.antall)
        .join(Sms, Sms.utsendelse_id == Smsutsendelse.id)
        .where(Sms.id == sms_id)
    )
    with transaction() as tx:
        sent = tx.execute(sending).one()
        note_protected_lookup("sms", SERVICE, sent.aktor, sent.request_id, av=sent.antall)


def _number_of(fnr: str, mobil: str) -> Nummer:
    """Return the answer for KRR's number, which is empty when none may be used."""
    if not mobil:
        return Nummer(fnr, None, Nummerstatus.IKKE_FUNNET)
    nummer = rules.e164(mobil)
    return Nummer(fnr, nummer or mobil, Nummerstatus.GYLDIG if nummer else Nummerstatus.UGYLDIG)
