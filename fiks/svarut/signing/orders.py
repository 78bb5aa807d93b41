"""Signing orders (svarut.md 1.7): each is registered with the signing service, or refused with a reason.

The letter itself is delivered as usual meanwhile. An order is leased by a time in its row, without an owner:
the service knows it by the letter's id, so a call repeated after a crash makes no second order. Lock order is
signeringsoppdrag before forsendelse. The results are handled by `signing.feed` and `signing.copies`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import ColumnElement, func, select, update

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.db import guarded_update, session, transaction
from fiks.core.errors import Avvist, FiksError, KanalFeil, ProvIgjen
from fiks.core.telemetry import trace
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.svarut import history
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.history import remark
from fiks.svarut.letters import Brev, Dokumentref, load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse, Signeringsoppdrag
from fiks.svarut.rules import Signeringsstatus, Status
from fiks.svarut.signing.client import Signeringsmelding, Signeringsordre
from fiks.svarut.signing.rules import CLOSED, MAX_BYTES, SIGNERINGSOVERGANGER, wait_after

log = logging.getLogger(__name__)
HOUSE = system("signering")
LEASE = timedelta(minutes=10)
"""How long a claimed order is reserved; longer than any call to the service and the store."""
SERVER_ERROR = 500
"""Errors of this status or above (store unavailable, key missing) are not the letter's fault."""
PORTION = 5
REFUSED = Counter(
    "fiks_signing_refused_total", "Signing orders that could not be given to the signing service"
)


class Signeringsport(Protocol):
    """The signing service. Everything raises only Avvist, ProvIgjen or Uavklart."""

    def create(self, ordre: Signeringsordre) -> str: ...

    def find(self, referanse: str) -> str | None: ...

    def events(self, after: str | None, limit: int) -> tuple[Sequence[Signeringsmelding], str | None]: ...

    def signed(self, referanse: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Krav:
    """A claimed order: its letter and request, the number of this try, the signature type and its deadline."""

    forsendelse_id: UUID
    forsok: int
    type: str
    utloper: datetime
    request_id: str | None

    def followed(self) -> AbstractContextManager[None]:
        """Context manager: log lines inside carry the letter's id and the id of its request."""
        return trace.continue_trace(self.request_id, forsendelse=str(self.forsendelse_id))


def claim_order(*due: ColumnElement[bool]) -> Krav | None:
    """Lease the longest waiting order that matches `due`, for LEASE; None when there is none."""
    row = Signeringsoppdrag
    with transaction() as tx:
        first = (
            select(row.forsendelse_id)
            .join(Forsendelse, Forsendelse.id == row.forsendelse_id)
            .where(row.neste_forsok <= func.now(), Forsendelse.status != Status.MOTTATT, *due)
            .order_by(row.neste_forsok, row.forsendelse_id)
            .limit(1)
            .with_for_update(of=row, skip_locked=True)
        )
        taken = tx.execute(
            update(row)
            .where(row.forsendelse_id == first.scalar_subquery())
            .values(neste_forsok=func.now() + LEASE, forsok=row.forsok + 1)
            .returning(row.forsendelse_id, row.forsok, row.type, row.utloper)
            .execution_options(synchronize_session=False)
        ).first()
        if taken is None:
            return None
        known = history.request_ids_of([taken.forsendelse_id])
    return Krav(*taken, known.get(taken.forsendelse_id))


def postpone_order(krav: Krav, error: KanalFeil | FiksError) -> None:
    """Postpone an order whose call failed or has an unknown outcome."""
    wait = wait_after(krav.forsok)
    if isinstance(error, ProvIgjen) and error.after is not None:
        wait = max(wait, timedelta(seconds=error.after))
    log.warning("signing_waits", extra={"forsendelse": str(krav.forsendelse_id), "kode": error.kode})
    with transaction() as tx:
        mine = update(Signeringsoppdrag).where(
            Signeringsoppdrag.forsendelse_id == krav.forsendelse_id, Signeringsoppdrag.forsok == krav.forsok
        )
        tx.execute(mine.values(neste_forsok=func.now() + wait).execution_options(synchronize_session=False))


def move_signing_order(
    forsendelse_id: UUID,
    til: Signeringsstatus,
    *,
    kode: str,
    where: dict[str, object] | None = None,
    **detaljer: object,
) -> bool:
    """Move an order to `til` with its event, if that is legal and the row matches `where`; return whether it
    moved.
    """
    legal = [str(fra) for fra, tils in SIGNERINGSOVERGANGER.items() if til in tils]
    moved = guarded_update(
        Signeringsoppdrag,
        where={"forsendelse_id": forsendelse_id, "status": legal, **(where or {})},
        values={"status": til},
    )
    if moved is None:
        return False
    remark(forsendelse_id, kode, aktor=HOUSE.ref, **detaljer)
    return True


def refuse_order(forsendelse_id: UUID, grunn: str) -> None:
    """Refuse to have the letter signed, with the reason for its sender; it is delivered as an ordinary
    letter.
    """
    with transaction():
        refused = move_signing_order(
            forsendelse_id, Signeringsstatus.AVVIST_AV_SVARUT, kode="SIGNERING_AVVIST_AV_SVARUT", grunn=grunn
        )
    if refused:
        REFUSED.inc()
        log.warning("signing_refused", extra={"forsendelse": str(forsendelse_id), "kode": grunn})


def register_orders(port: Signeringsport) -> int:
    """Register a portion of orders of accepted letters with the service; return how many were handled.

    None while sending is frozen, since each asks a person to act. A portion ends with the first order that
    must wait, so that a silent service blocks nobody for long.
    """
    done, answered = 0, True
    while answered and done < PORTION and (krav := _claim_unregistered()) is not None:
        with krav.followed():
            answered = _register_one(krav, port)
        done += 1
    return done


def _claim_unregistered() -> Krav | None:
    """Lease the next order that the service does not have, unless sending is frozen; its deadline runs all
    the same.
    """
    row = Signeringsoppdrag
    waits = row.status == Signeringsstatus.VENTER_SIGNERING
    with transaction():
        if circuit_breaker.is_frozen():
            return None
        return claim_order(waits, row.referanse.is_(None), row.signert.is_(None), row.utloper > clock.now())


def _register_one(krav: Krav, port: Signeringsport) -> bool:
    """Register one order with the service, or refuse it; False when it must wait."""
    try:
        known = _known(krav, port) if krav.forsok > 1 else None
        referanse = known or _give(_order(krav), port)
    except Avvist as error:
        refuse_order(krav.forsendelse_id, error.kode)
    except KanalFeil as error:
        postpone_order(krav, error)
        return False
    except FiksError as error:
        if error.status >= SERVER_ERROR:
            postpone_order(krav, error)
            return False
        refuse_order(krav.forsendelse_id, error.kode)
    else:
        _record(krav, referanse)
    return True


def _give(ordre: Signeringsordre, port: Signeringsport) -> str:
    """Create the order and return the service's id. ProvIgjen when sending was frozen meanwhile."""
    frozen = circuit_breaker.is_frozen()
    session().rollback()
    if frozen:
        raise ProvIgjen("SENDING_STANSET")
    return port.create(ordre)


def _known(krav: Krav, port: Signeringsport) -> str | None:
    """The service's id of the order if an earlier try created it: it may be signed, whatever became of the
    letter.

    ProvIgjen while the service cannot tell.
    """
    try:
        return port.find(str(krav.forsendelse_id))
    except Avvist as error:
        raise ProvIgjen(error.kode, error.detalj) from None


def _order(krav: Krav) -> Signeringsordre:
    """The order as sent to the service, read without an open transaction. FiksError: why the letter is not
    signed.
    """
    brev = load_letters([krav.forsendelse_id])[krav.forsendelse_id]
    document = _require_signable(krav, brev)
    session().rollback()
    return Signeringsordre(
        referanse=str(brev.id),
        signatar=brev.mottaker.digital_id,
        avsender_orgnr=brev.avsender_orgnr,
        avsender_navn=brev.avsender_navn,
        tittel=brev.tittel,
        type=krav.type,
        sikkerhetsniva=brev.sikkerhetsniva,
        frist=krav.utloper,
        dokument=read_checked(document),
    )


def _require_signable(krav: Krav, brev: Brev) -> Dokumentref:
    """The document to sign. FiksError: BREVET_ER_AVSLUTTET, SIGNERING_IKKE_AKTIV, DOKUMENT_FOR_STORT."""
    if brev.status in CLOSED:
        raise FiksError("BREVET_ER_AVSLUTTET")
    active = select(Kontooppsett.sdp_signering).where(Kontooppsett.konto_id == brev.konto_id)
    if not (brev.sdp_aktiv and session().execute(active).scalar_one_or_none()):
        raise FiksError("SIGNERING_IKKE_AKTIV")
    wanted = select(Dokument.nr).where(Dokument.forsendelse_id == brev.id, Dokument.skal_signeres)
    nr = session().execute(wanted).scalar_one()
    document = next(d for d in brev.dokumenter if d.nr == nr)
    if document.storrelse > MAX_BYTES:
        raise FiksError("DOKUMENT_FOR_STORT")
    return document


def _record(krav: Krav, referanse: str) -> None:
    """Record that the service has the order, unless its row has moved on meanwhile."""
    with transaction():
        recorded = guarded_update(
            Signeringsoppdrag,
            where={"forsendelse_id": krav.forsendelse_id, "referanse": None},
            values={"referanse": referanse},
            old=("status",),
        )
        if recorded is not None and recorded.status == Signeringsstatus.VENTER_SIGNERING:
            remark(
                krav.forsendelse_id,
                "SIGNERING_REGISTRERT",
                aktor=HOUSE.ref,
                type=krav.type,
                utloper=krav.utloper.isoformat(timespec="seconds"),
            )
