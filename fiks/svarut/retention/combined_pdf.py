"""The combined PDF that stays when a sender deletes the originals: all printable documents, in order.

Printing and reading still need it. A letter with a single printable document has its file already. Whoever
needs the originals comes first: the channel choice, the mottakersystem, the signing service. Documents that
cannot be merged are kept, since the receiver must be able to open the letter; the rest is deleted. A fault of
ours makes the originals wait, however long.

The sender gets an answer at once, and sees in the letter's history when the originals are gone. A letter
waiting for its mottakersystem, without time limit, keeps them until it is answered; the sweeper finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from prometheus_client import Gauge
from sqlalchemy import ColumnElement, and_, func, insert, select, update

from fiks.core.actor import MOTTAK
from fiks.core.crypto.cms_reader import CmsFeil
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.deferred_deletes import delete_now
from fiks.core.environment import current
from fiks.core.errors import FiksError, Konflikt
from fiks.core.isolate import BarnFeil
from fiks.core.storage.store import Lagret
from fiks.pdf import PdfFeil, Sammenfletter, Utskriftsdokument, Utskriftsfil
from fiks.svarut import history, lease
from fiks.svarut.history import remark
from fiks.svarut.lease import Tur
from fiks.svarut.letters import Dokumentref, load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse, Levering, Signeringsoppdrag
from fiks.svarut.retention.deletion import destroy_documents, hold_idle
from fiks.svarut.rules import COVER, FORSENDELSESFIL, NOT_YET_FETCHED, Leveringsstatus, Signeringsstatus

log = logging.getLogger(__name__)
LONGEST_WAIT = timedelta(hours=1)
MANY_TRIES = 6
"""After so many tries the wait has grown from lease.WAIT to LONGEST_WAIT, and operations are alerted."""
MAX_CRASHES = 12
"""After so many crashes of the child process, hours after the first, the letter is the cause and not the
machine.
"""
NAME = "brev.pdf"
STUCK = Gauge(
    "fiks_originals_stuck",
    "Letters whose one file could not be made for an hour, so that their originals stay",
)


def is_waiting() -> bool:
    """Whether any letter's originals are due to be replaced."""
    return bool(session().execute(select(select(Forsendelse.id).where(*_due()).exists())).scalar_one())


def measure() -> int:
    """Count, report and return the letters that keep their originals because of a fault of ours."""
    stuck = select(func.count()).where(
        Forsendelse.originaler_venter,
        Forsendelse.status.not_in([str(s) for s in NOT_YET_FETCHED]),
        Forsendelse.kontroll_forsok > MANY_TRIES,
    )
    letters = session().execute(stuck).scalar_one()
    STUCK.set(letters)
    if letters:
        log.warning("originals_stuck", extra={"antall": letters})
    return letters


def replace_originals(fletter: Sammenfletter) -> int:
    """Make the combined PDF of the next letter and delete its originals; return how many (0 or 1).

    A letter being handed over, or hit by a fault of ours, is postponed.
    """
    first = (
        select(Forsendelse.id)
        .where(*_due())
        .order_by(Forsendelse.kontroll_neste, Forsendelse.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    tur = lease.acquire(first)
    if tur is None:
        return 0
    with history.trace_letter(tur.forsendelse_id):
        _make_file(tur, fletter)
    return 1


def _make_file(tur: Tur, fletter: Sammenfletter) -> None:
    parts: list[Dokumentref] = []
    try:
        brev = load_letters([tur.forsendelse_id])[tur.forsendelse_id]
        session().rollback()
        parts += [d for d in brev.dokumenter if d.is_printed and d.nr != COVER and d.objekt is not None]
        file = _merge_and_store(parts, fletter, brev.tosidig) if len(parts) > 1 else None
    except FiksError as error:
        told = {"forsendelse": str(tur.forsendelse_id), "kode": error.kode}
        if _is_fault_of_documents(error, tur):
            log.warning("file_not_made", extra=told)
            _replace(tur, parts, None, kode="ORIGINALER_BEHOLDT")
        else:
            log.warning("originals_wait", extra=told)
            lease.retry_later(tur, min(lease.WAIT * 2 ** min(tur.forsok - 1, MANY_TRIES), LONGEST_WAIT))
    else:
        _replace(tur, parts, file, kode="ORIGINALER_BORTE")


def _is_fault_of_documents(error: FiksError, tur: Tur) -> bool:
    """Whether the documents themselves are at fault, so that they can never be merged."""
    return isinstance(error, PdfFeil | CmsFeil) or (isinstance(error, BarnFeil) and tur.forsok >= MAX_CRASHES)


def _due() -> tuple[ColumnElement[bool], ...]:
    busy = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id,
        Levering.status.in_([str(Leveringsstatus.SENDER), str(Leveringsstatus.UAVKLART)]),
    )
    to_be_ordered = select(Signeringsoppdrag.forsendelse_id).where(
        Signeringsoppdrag.forsendelse_id == Forsendelse.id,
        Signeringsoppdrag.status == Signeringsstatus.VENTER_SIGNERING,
        Signeringsoppdrag.referanse.is_(None),
    )
    return (
        and_(Forsendelse.originaler_venter, Forsendelse.kontroll_neste <= func.now()),
        Forsendelse.status.not_in([str(s) for s in NOT_YET_FETCHED]),
        ~busy.exists(),
        ~to_be_ordered.exists(),
    )


def _merge_and_store(
    parts: Sequence[Dokumentref], fletter: Sammenfletter, tosidig: bool
) -> tuple[Lagret, Utskriftsfil]:
    """Merge these documents into one stored PDF."""
    made = fletter.merge([Utskriftsdokument(read_checked(p), p.giroark) for p in parts], tosidig=tosidig)
    return current().store.put_document([made.pdf], current().keys), made


def _replace(
    tur: Tur, parts: Sequence[Dokumentref], file: tuple[Lagret, Utskriftsfil] | None, *, kode: str
) -> None:
    """Delete the originals; keep these parts when no combined PDF was made of them.

    Postponed while the letter is being handed over to a channel.
    """
    letter_id = tur.forsendelse_id
    kept = [COVER] if file is not None else [COVER, *(part.nr for part in parts)]
    stored = [file[0].objekt] if file is not None else []
    try:
        with transaction() as tx:
            hold_idle(letter_id)
            waits = select(Forsendelse.originaler_venter).where(Forsendelse.id == letter_id)
            if not tx.execute(waits).scalar_one():
                delete_after_commit(stored)
                return
            destroy_documents(letter_id, kept)
            if file is not None:
                tx.execute(insert(Dokument).values(_row(letter_id, parts, *file)))
            done = update(Forsendelse).where(Forsendelse.id == letter_id).values(originaler_venter=False)
            tx.execute(done.execution_options(synchronize_session=False))
            remark(letter_id, kode, aktor=MOTTAK.ref)
    except Konflikt:
        lease.release(tur)
        delete_now(stored)


def _row(
    letter_id: UUID, parts: Sequence[Dokumentref], made: Lagret, facts: Utskriftsfil
) -> dict[str, object]:
    merged = Dokument.forsendelse_id == letter_id, Dokument.nr.in_([part.nr for part in parts])
    sensitive = select(Dokument.id).where(*merged, Dokument.sensitiv).exists()
    return {
        "forsendelse_id": letter_id,
        "nr": FORSENDELSESFIL,
        "filnavn": NAME,
        "storrelse": made.storrelse,
        "sha256": made.sha256,
        "objekt": made.objekt,
        "nokkel": made.nokkel,
        "sider": facts.sider,
        "giroark": list(facts.giro_sider),
        "sensitiv": session().execute(select(sensitive)).scalar_one(),
    }
