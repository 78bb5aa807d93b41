"""Sends SMS, at most once: the row is marked before the call leaves the house, and an unknown outcome is
never tried again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter, Gauge
from psycopg.errors import UniqueViolation
from sqlalchemy import ColumnElement, ScalarSelect, func, select, update
from sqlalchemy.exc import IntegrityError

from fiks.core import clock
from fiks.core.crypto import encryption
from fiks.core.crypto.encryption import VerdiOdelagt
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart, Utilgjengelig
from fiks.core.queue.feed_markers import follow_feed
from fiks.core.queue.planned_jobs import TURN_SECONDS, in_portions
from fiks.core.telemetry import trace
from fiks.sms import after_restore, rules
from fiks.sms.client import Kvittering, Smsport, Utfall, Utgaende
from fiks.sms.lookup import Registre, number_to_send_to
from fiks.sms.models import Sms, Smskonto, Smsutsendelse
from fiks.sms.rules import Grunn, Status
from fiks.sms.service import INDEX, LANE, TEXT_AAD, TO_AAD
from fiks.sms.transitions import move

log = logging.getLogger(__name__)
KILDE = "SMS"
LEASE = timedelta(minutes=5)
"""Lease of an SMS before its call; when it ends another process may take the SMS."""
LONGEST_CALL = timedelta(minutes=10)
PORTION = 500
KEPT = timedelta(days=90)
FORGET_PORTION = 100
"""Sendings, of up to 1 000 numbers each, whose content is deleted in one transaction."""
LATE_AFTER = timedelta(minutes=15)
"""Age at which an unsent SMS is reported; a warning of a flood is no use tomorrow."""
UNKNOWN = Counter("fiks_sms_unknown_total", "SMS whose outcome nobody knows, and which are not sent again")
UNKNOWN_RECEIPTS = Counter("fiks_sms_unknown_receipts_total", "Receipts of SMS that are not ours")
OLDEST = Gauge("fiks_sms_oldest_seconds", "How long ago the oldest SMS that is not sent yet was taken in")
EXPIRED = Counter(
    "fiks_sms_expired_total", "SMS that were given up, since they could not be sent within a day"
)


_turn_key = func.coalesce(Sms.konto_id, Sms.utsendelse_id)
"""Key by which SMS take turns: the konto, or the sending."""


@dataclass(frozen=True, slots=True, repr=False)
class _Tatt:
    """A claimed SMS."""

    id: UUID
    forsok: int
    til_kryptert: bytes
    er_fnr: bool
    tekst_kryptert: bytes
    avsender: str
    for_gammel: bool
    request_id: str | None


def send_next(port: Smsport, register: Registre) -> int:
    """Send the next due SMS, if any, and record the result; return how many (0 or 1)."""
    taken = _claim()
    if taken is None:
        return 0
    with trace.continue_trace(taken.request_id, sms=str(taken.id)):
        _send(taken, port, register)
    return 1


def _claim() -> _Tatt | None:
    """Claim the first due SMS of a random konto that has one.

    Kontoer take turns by chance, so that a konto that sends a hundred thousand keeps no other waiting.
    """
    with transaction() as tx:
        due = (
            select(Sms.id)
            .where(_turn_key == _whose_turn(), *_due())
            .order_by(Sms.neste_forsok, Sms.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        mine = tx.execute(
            update(Sms)
            .where(Sms.id == due.scalar_subquery())
            .values(neste_forsok=func.now() + LEASE, forsok=Sms.forsok + 1)
            .returning(Sms.id, Sms.forsok, Sms.til_kryptert, Sms.er_fnr, Sms.utsendelse_id)
            .execution_options(synchronize_session=False)
        ).first()
        if mine is None:
            return None
        said = tx.execute(
            select(
                Smsutsendelse.tekst_kryptert,
                Smsutsendelse.opprettet,
                Smsutsendelse.request_id,
                Smskonto.avsender,
            )
            .join(Smskonto, Smskonto.id == Smsutsendelse.konto_id)
            .where(Smsutsendelse.id == mine.utsendelse_id)
        ).one()
        old = said.opprettet <= clock.now() - rules.GYLDIG_I
    return _Tatt(
        mine.id,
        mine.forsok,
        mine.til_kryptert,
        mine.er_fnr,
        said.tekst_kryptert,
        said.avsender,
        old,
        said.request_id,
    )


def _due() -> tuple[ColumnElement[bool], ...]:
    return Sms.status == Status.OPPRETTET, Sms.neste_forsok <= func.now()


def _whose_turn() -> ScalarSelect[UUID]:
    """Return a subquery for a random konto with an SMS due, each equally likely: two index steps per konto
    with unsent SMS.
    """
    first = select(_turn_key).where(Sms.status == Status.OPPRETTET).order_by(_turn_key).limit(1)
    kontoer = select(first.scalar_subquery().label("konto_id")).cte("kontoer", recursive=True)
    following = first.where(_turn_key > kontoer.c.konto_id).correlate(kontoer).scalar_subquery()
    walked = kontoer.union_all(select(following).where(kontoer.c.konto_id.is_not(None)))
    oldest = (
        select(Sms.neste_forsok)
        .where(_turn_key == walked.c.konto_id, Sms.status == Status.OPPRETTET)
        .order_by(Sms.neste_forsok)
        .limit(1)
        .scalar_subquery()
    )
    waiting = select(walked.c.konto_id).where(walked.c.konto_id.is_not(None), oldest <= func.now())
    return waiting.order_by(func.random()).limit(1).scalar_subquery()


def _send(taken: _Tatt, port: Smsport, register: Registre) -> None:
    if taken.for_gammel:
        _expire(taken)
        return
    try:
        tekst = _decrypt(taken.tekst_kryptert, TEXT_AAD)
        nummer = _number(taken, register)
    except VerdiOdelagt as error:
        _give_up_damaged(taken, error.kode)
        return
    except (KanalFeil, Utilgjengelig) as error:
        _wait(taken, error.kode, fra=Status.OPPRETTET)
        return
    if nummer is None:
        _give_up(taken, Grunn.UTEN_NUMMER_I_KRR)
    elif _begin_call(taken, nummer):
        _call(taken, Utgaende(taken.id, taken.avsender, nummer, tekst), port)


def _decrypt(sealed: bytes, aad: str) -> str:
    return encryption.decrypt_value(current().keys, sealed, aad).decode()


def _number(taken: _Tatt, register: Registre) -> str | None:
    til = _decrypt(taken.til_kryptert, TO_AAD)
    return number_to_send_to(taken.id, til, register) if taken.er_fnr else til


def _begin_call(taken: _Tatt, nummer: str) -> bool:
    """Mark on the row that its only call may leave the house now; return whether to call.

    False when the SMS is no longer ours, or another SMS of the sending has the same number: that one is given
    up.
    """
    try:
        with transaction():
            return move(
                taken.id,
                fra=(Status.OPPRETTET,),
                til=Status.SENDER,
                forsok=taken.forsok,
                kall_startet=func.clock_timestamp(),
                nummer_indeks=encryption.blind_index(current().index_key, INDEX, nummer),
            )
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
    _give_up(taken, Grunn.SAMME_NUMMER)
    return False


def _call(taken: _Tatt, outgoing: Utgaende, port: Smsport) -> None:
    try:
        ref = port.send(outgoing)
    except Avvist as error:
        _give_up(taken, Grunn.AVVIST_AV_LEVERANDOR, kode=error.kode)
    except ProvIgjen as error:
        _wait(taken, error.kode, fra=Status.SENDER, after=error.after)
    except Uavklart as error:
        _mark_unknown(taken.id, error.kode, forsok=taken.forsok)
    else:
        with transaction():
            if not move(
                taken.id, fra=(Status.SENDER,), til=Status.SENDT, forsok=taken.forsok, leverandor_ref=ref
            ):
                log.info("sms_not_ours")


def _expire(taken: _Tatt) -> None:
    if _give_up(taken, Grunn.UTLOPT):
        EXPIRED.inc()
        log.error("sms_expired")


def _give_up_damaged(taken: _Tatt, kode: str) -> None:
    """Give up an SMS that cannot be decrypted. Counted as expired for operations; its history has the reason."""
    if _give_up(taken, Grunn.UTLOPT, kode=kode):
        EXPIRED.inc()
        log.error("sms_unreadable", extra={"kode": kode})


def _give_up(taken: _Tatt, grunn: Grunn, kode: str | None = None) -> bool:
    with transaction():
        return move(
            taken.id,
            fra=(Status.OPPRETTET, Status.SENDER),
            til=Status.IKKE_SENDT,
            forsok=taken.forsok,
            kode=kode or grunn,
            grunn=grunn,
        )


def _wait(taken: _Tatt, kode: str, *, fra: Status, after: float | None = None) -> None:
    """Certainly nothing was sent: schedule a retry, until the SMS is too old."""
    delay = timedelta(seconds=after) if after is not None else rules.retry_delay(taken.forsok)
    log.warning("sms_waits", extra={"kode": kode})
    with transaction() as tx:
        if fra is Status.SENDER:
            move(
                taken.id,
                fra=(fra,),
                til=Status.OPPRETTET,
                forsok=taken.forsok,
                kode=kode,
                kall_startet=None,
                neste_forsok=func.now() + delay,
            )
        else:
            mine = (Sms.id == taken.id, Sms.status == fra, Sms.forsok == taken.forsok)
            tx.execute(update(Sms).where(*mine).values(neste_forsok=func.now() + delay))


def _mark_unknown(sms_id: UUID, kode: str, *, forsok: int | None = None) -> bool:
    with transaction():
        lost = move(sms_id, fra=(Status.SENDER,), til=Status.UKJENT, forsok=forsok, kode=kode)
    if lost:
        UNKNOWN.inc()
        log.error("sms_unknown", extra={"kode": kode})
    return lost


def recover() -> int:
    """Set SMS whose sender never returned after the call began to UKJENT; return how many."""
    gone = Sms.kall_startet < func.now() - LONGEST_CALL
    stuck = (
        session()
        .scalars(select(Sms.id).where(Sms.status == Status.SENDER, gone).order_by(Sms.id).limit(PORTION))
        .all()
    )
    lost = 0
    for sms_id in stuck:
        with trace.continue_trace(_request_of(sms_id), sms=str(sms_id)):
            lost += _mark_unknown(sms_id, "EIER_TAPT")
    if lost:
        log.error("sms_owners_lost", extra={"antall": lost})
    return lost


def _request_of(sms_id: UUID) -> str | None:
    ordered = select(Smsutsendelse.request_id).join(Sms, Sms.utsendelse_id == Smsutsendelse.id)
    return session().scalar(ordered.where(Sms.id == sms_id))


def read_receipts(port: Smsport) -> int:
    """Read and apply one portion of the gateway's receipts; return how many were read. Raises KanalFeil."""
    return follow_feed(KILDE, port.receipts, _apply)


def _apply(receipt: Kvittering) -> None:
    til = Status.LEVERT if receipt.utfall is Utfall.LEVERT else Status.IKKE_LEVERT
    called = func.coalesce(Sms.kall_startet, func.clock_timestamp())
    with transaction() as tx:
        if tx.scalar(select(Sms.id).where(Sms.id == receipt.referanse)) is None:
            UNKNOWN_RECEIPTS.inc()
            log.warning("sms_receipt_unknown")
        else:
            move(receipt.referanse, fra=tuple(Status), til=til, grunn=None, kall_startet=called)


def ready_lanes() -> list[str]:
    """Return the lane, when an SMS is due, for the sweeper to ring."""
    due = select(Sms.id).where(*_due())
    return [LANE] if session().execute(select(due.exists())).scalar_one() else []


def measure() -> int:
    """Export the age of the oldest unsent SMS, tried or not, and how many were given up after a restore;
    return the age in seconds.
    """
    after_restore.measure()
    unsent = select(Sms.utsendelse_id).where(Sms.status == Status.OPPRETTET)
    since = func.extract("epoch", clock.now_sql() - func.min(Smsutsendelse.opprettet))
    waited = session().execute(select(since).where(Smsutsendelse.id.in_(unsent))).scalar_one()
    late = max(float(waited or 0), 0.0)
    OLDEST.set(late)
    if late >= LATE_AFTER.total_seconds():
        log.warning("sms_late", extra={"sekunder": int(late)})
    return int(late)


def forget_content(portion: int = FORGET_PORTION, seconds: float = TURN_SECONDS) -> int:
    """Delete texts and numbers of SMS sent more than ninety days ago, `portion` sendings at a time; return
    how many sendings.

    Goes on for at most `seconds`. Parts and outcomes stay for billing.
    """
    return in_portions(lambda: _forget_portion(portion), seconds)


def _forget_portion(portion: int) -> int:
    old = (Smsutsendelse.tekst_kryptert.is_not(None)) & (Smsutsendelse.opprettet < clock.now() - KEPT)
    with transaction() as tx:
        ids = tx.scalars(select(Smsutsendelse.id).where(old).limit(portion).with_for_update()).all()
        if not ids:
            return 0
        for change in (
            update(Smsutsendelse).where(Smsutsendelse.id.in_(ids)).values(tekst_kryptert=None),
            update(Sms).where(Sms.utsendelse_id.in_(ids)).values(til_kryptert=None, nummer_indeks=None),
        ):
            tx.execute(change.execution_options(synchronize_session=False))
    return len(ids)
