"""Creating SMS: one transaction with the text, every SMS of it and the audit entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.crypto import encryption
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale.activation import require_active
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of
from fiks.sms import rules
from fiks.sms.errors import UgyldigSms
from fiks.sms.kontoer import facts_of
from fiks.sms.models import Sms, Smskonto, Smsutsendelse
from fiks.sms.transitions import record_created

LANE = "sms"
SERVICE = "VARSLING"
TO_PERSON = "SMS_TIL_PERSON"
"""Audit code: a person's number in KRR will be looked up for an SMS to them. Nobody is given the number, so
no limit counts it.
"""
TEXT_AAD, TO_AAD, INDEX = "smsutsendelse.tekst", "sms.til", "sms.til"
KEY_LENGTH = 255


@dataclass(frozen=True, slots=True, repr=False)
class _Mottaker:
    til: str
    er_fnr: bool


@dataclass(frozen=True, slots=True)
class _Inntatt:
    """A created sending, and the SMS id of each receiver in the order given."""

    utsendelse_id: UUID
    ids: list[UUID]


@dataclass(frozen=True, slots=True)
class _Kjent:
    """A sending that exists, and its SMS by the receiver's index."""

    utsendelse_id: UUID
    ids: dict[bytes, UUID]


@dataclass(frozen=True, slots=True)
class Sendt:
    """The sending a form resulted in, and the konto it went from."""

    konto_id: UUID
    utsendelse_id: UUID


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """A sending before it is confirmed: konto, length of the text, and receivers. No repr: it is personal.

    `sett` is the version mark of the konto as shown, for `send_to_list`.
    """

    konto: str
    avsender: str
    sett: str
    maal: rules.Maal
    mottakere: rules.Mottakere

    @property
    def sms(self) -> int:
        """Return how many SMS the gateway will count."""
        return self.maal.deler * self.mottakere.antall


def check_text(tekst: str) -> None:
    """Raise UgyldigSms SMS_TEKST_MANGLER or SMS_TEKST_FOR_LANG."""
    if not tekst.strip():
        raise UgyldigSms("SMS_TEKST_MANGLER", felt="tekst")
    if len(tekst) > rules.LONGEST or "\0" in tekst:
        raise UgyldigSms("SMS_TEKST_FOR_LANG", felt="tekst")


def send_to_number(konto_id: UUID, tekst: str, nummer: str, *, nokkel: str = "", actor: Aktor) -> UUID:
    """Create one SMS to a telephone number and return its id; needs VARSLING.SMS_SENDE on the konto.

    `nokkel` is the idempotency key: the same key with the same content is the same SMS, even if the konto has
    been closed since; with other content it is Konflikt("NOKKEL_BRUKT"). Errors: SMS_TEKST_MANGLER,
    SMS_TEKST_FOR_LANG, SMS_NUMMER_UGYLDIG (400), TJENESTE_IKKE_AKTIV, KONTO_IKKE_AKTIV.
    """
    return send_to_numbers(konto_id, tekst, [nummer], nokkel=nokkel, actor=actor)[0]


def send_to_numbers(
    konto_id: UUID, tekst: str, numre: Sequence[str], *, nokkel: str = "", actor: Aktor
) -> list[UUID]:
    """As `send_to_number`, to at most 1 000; ids in the order of the numbers, the same id for a repeated
    number.

    Nothing is created when one number is invalid; the error's `plasser` lists the invalid ones, counted from
    1. Error also SMS_FOR_MANGE.
    """
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    if not 1 <= len(numre) <= rules.MOST_NUMBERS:
        raise UgyldigSms("SMS_FOR_MANGE" if numre else "SMS_NUMMER_UGYLDIG", felt="telefonnummere")
    found = [rules.e164(nummer) for nummer in numre]
    wrong = [str(place) for place, nummer in enumerate(found, 1) if nummer is None]
    if wrong:
        felt = "telefonnummere" if len(numre) > 1 else "telefonnummer"
        raise UgyldigSms("SMS_NUMMER_UGYLDIG", felt=felt, plasser=", ".join(wrong[:10]))
    mottakere = [_Mottaker(nummer, False) for nummer in found if nummer is not None]
    return _take_in(konto_id, tekst, mottakere, nokkel, actor).ids


def send_to_person(konto_id: UUID, tekst: str, fnr: str, *, nokkel: str = "", actor: Aktor) -> UUID:
    """As `send_to_number`, to the number KRR has for the person at the time of sending; the person sees it on
    Min side.

    Error also FNR_UGYLDIG (400).
    """
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    if not is_fnr(fnr, current().synthetic_persons):
        raise UgyldigSms("FNR_UGYLDIG", felt="fnr")
    sent = _take_in(konto_id, tekst, [_Mottaker(fnr, True)], nokkel, actor)
    return sent.ids[0]


def plan_sending(konto_id: UUID, tekst: str, liste: str, *, actor: Aktor) -> Plan:
    """Return what `send_to_list` would send, and to whom; nothing is stored. The same privilege and errors."""
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    check_text(tekst)
    mottakere = _receivers(liste)
    konto = open_konto(konto_id)
    sett = mark_of(facts_of(konto))
    return Plan(konto.visningsnavn, konto.avsender, sett, rules.measure(tekst), mottakere)


def send_to_list(
    konto_id: UUID, tekst: str, liste: str, *, nokkel: str, sett: str | None = None, actor: Aktor
) -> UUID:
    """Create one text to everybody on a pasted list, as read by `rules.read_receivers`; return the sending's
    id.

    The same `nokkel` with the same content is the same sending; from another konto of the organisation it is
    Konflikt("NOKKEL_BRUKT"), and `find_earlier_sending` has the details. `sett` is that of the reviewed
    `Plan`, None for callers without a page. Errors: those of `send_to_number`, and SMS_MOTTAKERE_MANGLER,
    SMS_LINJER_UGYLDIGE (`linjer`: the first ten lines), SMS_FOR_MANGE, SMS_AVSENDER_ENDRET (409: the sender
    changed after the review).
    """
    konfigurasjon.require(actor, P.SMS_SENDE, konto_id)
    mottakere = _receivers_of_list(liste)
    with transaction():
        if nokkel:
            _require_sent_from_no_other(konto_id, nokkel)
        return _take_in(konto_id, tekst, mottakere, nokkel, actor, sett).utsendelse_id


def find_earlier_sending(
    organisasjon_id: UUID, tekst: str, liste: str, *, nokkel: str, actor: Aktor
) -> Sendt | None:
    """Return what `send_to_list` sent with this key from any konto of the organisation, open or closed; None
    for nothing.

    Konflikt("NOKKEL_BRUKT") when the content differs, or the actor may not send from that konto. Errors also
    those of the list.
    """
    kontoer = select(Smskonto.id).where(Smskonto.organisasjon_id == organisasjon_id)
    mine = (Smsutsendelse.konto_id.in_(kontoer), Smsutsendelse.nokkel == nokkel)
    columns = Smsutsendelse.konto_id, Smsutsendelse.id, Smsutsendelse.avtrykk
    row = session().execute(select(*columns).where(*mine).order_by(Smsutsendelse.opprettet).limit(1)).first()
    if row is None:
        return None
    same = konfigurasjon.may(actor, P.SMS_SENDE, row.konto_id) and row.avtrykk == _digest(
        tekst, _indexes(_receivers_of_list(liste))
    )
    if not same:
        raise Konflikt("NOKKEL_BRUKT", felt="Idempotency-Key")
    return Sendt(row.konto_id, row.id)


def _require_sent_from_no_other(konto_id: UUID, nokkel: str) -> None:
    """Raise Konflikt("NOKKEL_BRUKT") when another konto of the organisation has used the key; one call at a
    time per key.
    """
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"smsskjema|{nokkel}", 0))
    session().execute(select(lock))
    own = select(Smskonto.organisasjon_id).where(Smskonto.id == konto_id).scalar_subquery()
    others = select(Smskonto.id).where(Smskonto.organisasjon_id == own, Smskonto.id != konto_id)
    sent = select(Smsutsendelse.id).where(Smsutsendelse.konto_id.in_(others), Smsutsendelse.nokkel == nokkel)
    if session().execute(sent.limit(1)).first() is not None:
        raise Konflikt("NOKKEL_BRUKT", felt="Idempotency-Key")


def _receivers_of_list(liste: str) -> list[_Mottaker]:
    found = _receivers(liste)
    numbers = [_Mottaker(nummer, False) for nummer in found.numre]
    return numbers + [_Mottaker(fnr, True) for fnr in found.fnrs]


def _receivers(liste: str) -> rules.Mottakere:
    found = rules.read_receivers(liste, synthetic=current().synthetic_persons)
    if wrong := found.feil_linjer:
        lines = ", ".join(map(str, wrong[:10])) + (" …" if len(wrong) > 10 else "")
        raise UgyldigSms("SMS_LINJER_UGYLDIGE", felt="mottakere", linjer=lines)
    if not found.antall:
        raise UgyldigSms("SMS_MOTTAKERE_MANGLER", felt="mottakere")
    if found.antall > rules.MOST_NUMBERS:
        raise UgyldigSms("SMS_FOR_MANGE", felt="mottakere")
    return found


def _take_in(
    konto_id: UUID,
    tekst: str,
    mottakere: Sequence[_Mottaker],
    nokkel: str,
    actor: Aktor,
    sett: str | None = None,
) -> _Inntatt:
    check_text(tekst)
    if len(nokkel) > KEY_LENGTH or not nokkel.isprintable():
        raise UgyldigSms("NOKKEL_UGYLDIG", felt="Idempotency-Key")
    indexes = _indexes(mottakere)
    digest = _digest(tekst, indexes)
    with transaction():
        known = _sent_under_key(konto_id, nokkel, digest) if nokkel else None
        if known is None:  # only what is new is asked whether it may be sent
            konto = open_konto(konto_id)
            _require_shown(konto, sett)
            to = dict(zip(indexes, mottakere, strict=True))
            known = _write(konto, tekst, to, nokkel, digest, actor)
    return _Inntatt(known.utsendelse_id, [known.ids[index] for index in indexes])


def _require_shown(konto: Smskonto, sett: str | None) -> None:
    """Raise Konflikt("SMS_AVSENDER_ENDRET") unless the konto is as shown; locks it until the sending is
    written.
    """
    if sett is None:
        return
    session().refresh(konto, with_for_update={"read": True})
    if sett != mark_of(facts_of(konto)):
        raise Konflikt("SMS_AVSENDER_ENDRET")


def _write(
    konto: Smskonto, tekst: str, to: Mapping[bytes, _Mottaker], nokkel: str, digest: bytes, actor: Aktor
) -> _Kjent:
    """Write the rows of a new sending; `to` maps index to receiver."""
    tx, keys, maal = session(), current().keys, rules.measure(tekst)
    utsendelse = Smsutsendelse(
        id=uuid4(),
        konto_id=konto.id,
        tekst_kryptert=keys.seal(tekst.encode(), TEXT_AAD),
        koding=maal.koding,
        deler=maal.deler,
        antall=len(to),
        nokkel=nokkel or None,
        avtrykk=digest,
        aktor=actor.ref,
        request_id=actor.request_id,
        opprettet=clock.now(),
    )
    tx.add(utsendelse)
    tx.flush()
    ids = {index: uuid4() for index in to}
    one_row = {"utsendelse_id": utsendelse.id, "konto_id": konto.id}
    tx.execute(
        insert(Sms),
        [
            one_row
            | {
                "id": ids[index],
                "til_kryptert": keys.seal(one.til.encode(), TO_AAD),
                "til_indeks": index,
                "er_fnr": one.er_fnr,
            }
            for index, one in to.items()
        ],
    )
    record_created(ids.values())
    record_act("SMS_SENDT", konto, actor, antall=len(ids), deler=maal.deler)
    _record_persons(konto, to.values(), actor)
    ring(LANE)
    return _Kjent(utsendelse.id, ids)


def _record_persons(konto: Smskonto, mottakere: Iterable[_Mottaker], actor: Aktor) -> None:
    """Write an audit entry, with legal basis, for each person whose number will be looked up in KRR."""
    for one in mottakere:
        if one.er_fnr:
            record_act(TO_PERSON, konto, actor, gjelder=fnr_index(one.til), hjemmel=rules.KRR_HJEMMEL)


def open_konto(konto_id: UUID) -> Smskonto:
    """Return the konto if SMS may be sent from it: IkkeFunnet, TJENESTE_IKKE_AKTIV, KONTO_IKKE_AKTIV. Inside
    a transaction.
    """
    konto = session().get(Smskonto, konto_id, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    require_active(konto.organisasjon_id, SERVICE)
    if not konto.aktivert:
        raise Konflikt("KONTO_IKKE_AKTIV")
    return konto


def _sent_under_key(konto_id: UUID, nokkel: str, digest: bytes) -> _Kjent | None:
    """Return the sending under this key; two concurrent calls with one key wait for each other."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"smsnokkel|{konto_id}|{nokkel}", 0))
    session().execute(select(lock))
    mine = (Smsutsendelse.konto_id == konto_id, Smsutsendelse.nokkel == nokkel)
    row = session().execute(select(Smsutsendelse.id, Smsutsendelse.avtrykk).where(*mine)).first()
    if row is None:
        return None
    if row.avtrykk != digest:
        raise Konflikt("NOKKEL_BRUKT", felt="Idempotency-Key")
    each = session().execute(select(Sms.til_indeks, Sms.id).where(Sms.utsendelse_id == row.id))
    return _Kjent(row.id, {one.til_indeks: one.id for one in each})


def _indexes(mottakere: Iterable[_Mottaker]) -> list[bytes]:
    return [encryption.blind_index(current().index_key, INDEX, one.til) for one in mottakere]


def _digest(tekst: str, indexes: Sequence[bytes]) -> bytes:
    """Return the digest that identifies text and receivers; receivers enter by their keyed indexes."""
    said = json.dumps([tekst, sorted({index.hex() for index in indexes})])
    return hashlib.sha256(said.encode()).digest()


def record_act(handling: str, konto: Smskonto, actor: Aktor, **said: Any) -> None:
    """Write the audit entry for an act with the konto."""
    audit.record(
        actor,
        handling,
        "smskonto",
        konto.id,
        organisasjon_id=konto.organisasjon_id,
        tjeneste=SERVICE,
        ressurs_id=konto.id,
        **said,
    )
