"""Writes e-mails in the transaction of the event they report, and sends them.

At least once: an e-mail whose sender process died is sent again under the same Message-ID. One that the mail
server refuses for good, or has not accepted after two days, becomes FEILET and is counted. So does one that
keeps failing in our own code: it stops no other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from prometheus_client import Counter, Gauge
from sqlalchemy import CursorResult, Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core.crypto import encryption
from fiks.core.db import guarded_update, ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, ProvIgjen, Utilgjengelig
from fiks.core.queue.retry_policy import retry_delay
from fiks.core.telemetry import trace
from fiks.core.telemetry.counters import start_at_zero
from fiks.epost import rules
from fiks.epost.client import Epostport, Utgaende
from fiks.epost.models import Epost
from fiks.epost.rules import OVERGANGER, Mal, Sprak, Status, Verdi

log = logging.getLogger(__name__)
LANE = "epost"
Claimed = Row[UUID, int, str, str, bytes, dict[str, Any], str | None]
ADDRESS_AAD = "epost.til"
INDEX = "epost.til"
LEASE = timedelta(minutes=10)
"""Longer than any call lives: a claim older than this belongs to nobody."""
PUT_BACK_FOR = timedelta(minutes=1)
"""Wait before an e-mail that this process could not open is tried by another one."""
OWN_FAULT = "EPOST_MISLYKTES"
"""Error code of a fault of our own; the log's `mail_broken` has its traceback."""
KEPT = timedelta(days=30)
LATE_AFTER = 3_600
"""Seconds an e-mail may wait before operations are alerted."""
SENT = Counter("fiks_mail_sent_total", "E-mails the mail server has taken over", ["mal"])
FAILED = start_at_zero(Counter("fiks_mail_failed_total", "E-mails that were given up", ["mal"]), Mal)
OLDEST = Gauge("fiks_mail_oldest_seconds", "For how long the oldest e-mail has waited to be sent")


def write(
    mal: Mal, til: Iterable[str], verdier: Mapping[str, Verdi], *, nokkel: str, sprak: Sprak = Sprak.NB
) -> int:
    """Write an e-mail to each of these addresses, in the present transaction; return how many were new.

    `nokkel` names the event: an e-mail with the same key is written only once per address. Raises ValueError
    for values that do not fit the e-mail (`rules.check_values`).
    """
    environment = current()
    stored = rules.check_values(mal, verdier, (environment.portal_base_url, environment.minside_base_url))
    rows = [
        {
            "nokkel": nokkel,
            "mal": mal,
            "sprak": sprak,
            "til_kryptert": environment.keys.seal(address.encode(), ADDRESS_AAD),
            "til_indeks": encryption.blind_index(environment.index_key, INDEX, address.lower()),
            "verdier": stored,
        }
        for address in dict.fromkeys(til)
    ]
    if not rows:
        return 0
    written = session().execute(
        insert(Epost)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["nokkel", "til_indeks"])
        .returning(Epost.id)
    )
    ring(LANE)
    return len(written.all())


def send_next(port: Epostport) -> int:
    """Send the next due e-mail, if any, and record the result; return how many (0 or 1)."""
    row = _claim()
    if row is None:
        return 0
    with trace.continue_trace(row.request_id, epost=str(row.id), mal=row.mal):
        try:
            port.send(_outgoing(row))
        except Avvist as error:
            _end(row.id, row.forsok, Status.FEILET, row.mal, feilkode=error.kode)
        except ProvIgjen as error:
            _wait(row.id, row.forsok, row.mal, error.kode)
        except Utilgjengelig as error:
            _put_back(row.id, row.forsok, error.kode)
        except Exception:
            log.exception("mail_broken")
            _wait(row.id, row.forsok, row.mal, OWN_FAULT)
        else:
            _end(row.id, row.forsok, Status.SENDT, row.mal)
    return 1


def _claim() -> Claimed | None:
    with transaction() as tx:
        due = (
            select(Epost.id)
            .where(Epost.status == Status.KLAR, Epost.neste_forsok <= func.now())
            .order_by(Epost.neste_forsok, Epost.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return tx.execute(
            update(Epost)
            .where(Epost.id == due.scalar_subquery())
            .values(neste_forsok=func.now() + LEASE, forsok=Epost.forsok + 1)
            .returning(
                Epost.id,
                Epost.forsok,
                Epost.mal,
                Epost.sprak,
                Epost.til_kryptert,
                Epost.verdier,
                Epost.request_id,
            )
            .execution_options(synchronize_session=False)
        ).first()


def _outgoing(row: Claimed) -> Utgaende:
    mal, sprak = Mal(row.mal), Sprak(row.sprak)
    melding = rules.render_mail(mal, sprak, template(mal, sprak), row.verdier)
    return Utgaende(row.id, current().keys.open(row.til_kryptert, ADDRESS_AAD).decode(), sprak, melding)


def template(mal: Mal, sprak: Sprak) -> str:
    """Return the template file of an e-mail in one language."""
    return files("fiks.epost").joinpath("maler", f"{mal.lower()}.{sprak}.txt").read_text("utf-8")


def _end(epost_id: UUID, attempt: int, status: Status, mal: str, *, feilkode: str | None = None) -> None:
    with transaction():
        ended = _release(epost_id, attempt, til=status, avsluttet=func.now(), feilkode=feilkode)
    if not ended:
        log.info("mail_not_ours")
    elif status is Status.SENDT:
        SENT.labels(mal).inc()
    else:
        FAILED.labels(mal).inc()
        log.error("mail_failed", extra={"kode": feilkode})


def _wait(epost_id: UUID, attempt: int, mal: str, kode: str) -> None:
    delay = retry_delay(attempt)
    if delay is None:
        _end(epost_id, attempt, Status.FEILET, mal, feilkode=kode)
        return
    log.warning("mail_waits", extra={"kode": kode})
    with transaction():
        _release(epost_id, attempt, neste_forsok=func.now() + delay, feilkode=kode)


def _put_back(epost_id: UUID, attempt: int, kode: str) -> None:
    """Put the e-mail back for another process that has what this one lacks; it does not count as an attempt."""
    log.warning("mail_waits", extra={"kode": kode})
    with transaction():
        _release(epost_id, attempt, forsok=attempt - 1, neste_forsok=func.now() + PUT_BACK_FOR, feilkode=kode)


def _release(epost_id: UUID, attempt: int, *, til: Status = Status.KLAR, **values: object) -> bool:
    """Release the e-mail with status `til`, or for a retry; False when it is no longer ours."""
    assert til is Status.KLAR or til in OVERGANGER[Status.KLAR]
    held = {"id": epost_id, "status": Status.KLAR, "forsok": attempt}
    return guarded_update(Epost, where=held, values={"status": til, **values}) is not None


def ready_lanes() -> list[str]:
    """Return the lane, when an e-mail is due, for the sweeper to ring."""
    due = select(Epost.id).where(Epost.status == Status.KLAR, Epost.neste_forsok <= func.now())
    return [LANE] if session().execute(select(due.exists())).scalar_one() else []


def measure() -> int:
    """Export how long the oldest e-mail has waited; return the seconds."""
    since = func.extract("epoch", func.now() - func.min(Epost.opprettet))
    waited = session().execute(select(since).where(Epost.status == Status.KLAR)).scalar_one()
    seconds = int(waited or 0)
    OLDEST.set(seconds)
    if seconds >= LATE_AFTER:
        log.warning("mail_late", extra={"sekunder": seconds})
    return seconds


def delete_old() -> int:
    """Delete e-mails sent or given up more than thirty days ago; return how many."""
    with transaction() as tx:
        gone = tx.execute(delete(Epost).where(Epost.avsluttet < func.now() - KEPT))
        assert isinstance(gone, CursorResult)
        return gone.rowcount
