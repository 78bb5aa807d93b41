"""The one file of a letter, made when its sender has had the originals deleted: what printing and reading still need.

It is all that may be printed, in order, in one PDF. A letter with one such document has its file already. When none can
be made (nothing in it can be put together) the originals go all the same, as was asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, update

from fiks.core.db import discard, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, Konflikt
from fiks.core.storage import LagerUtilgjengelig, Lagret
from fiks.print.pdf import PdfFeil, Sammenfletter, Utskriftsdokument, Utskriftsfil
from fiks.svarut.deletion import forget_documents, hold_idle
from fiks.svarut.letters import Brev, Dokumentref, load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse
from fiks.svarut.rules import COVER, FORSENDELSESFIL
from fiks.svarut.transitions import remark

log = logging.getLogger(__name__)
AKTOR = "system:mottak"
LEASE = timedelta(minutes=10)
WAIT = timedelta(minutes=1)
MAX_TRIES = 3
NAME = "brev.pdf"


def is_waiting() -> bool:
    """Whether any letter is due to lose its originals."""
    waits = select(Forsendelse.id).where(
        Forsendelse.originaler_venter, Forsendelse.kontroll_neste <= func.now()
    )
    return bool(session().execute(select(waits.exists())).scalar_one())


def replace_originals(fletter: Sammenfletter) -> int:
    """Make the file of the letter that is next, and let its originals go; return how many (0 or 1).

    A letter that is just being handed over, and a store that is away, wait for the next time.
    """
    claimed = _claim()
    if claimed is None:
        return 0
    letter_id, tries = claimed
    brev = load_letters([letter_id])[letter_id]
    session().rollback()
    parts = [d for d in brev.dokumenter if d.is_printed and d.nr != COVER and d.objekt is not None]
    try:
        facts = _merged(brev, parts, fletter) if len(parts) > 1 else None
        made = current().store.put_document([facts.pdf], current().keys) if facts is not None else None
    except LagerUtilgjengelig as error:
        log.warning("originals_wait", extra={"forsendelse": str(letter_id), "kode": error.kode})
        _let_wait(letter_id, tries - 1)
    except FiksError as error:
        log.warning("file_not_made", extra={"forsendelse": str(letter_id), "kode": error.kode})
        if isinstance(error, PdfFeil) or tries >= MAX_TRIES:
            _replace(brev, [], None, None)
        else:
            _let_wait(letter_id, tries)
    else:
        _replace(brev, parts, made, facts)
    return 1


def _claim() -> tuple[UUID, int] | None:
    with transaction() as tx:
        due = (
            select(Forsendelse.id)
            .where(Forsendelse.originaler_venter, Forsendelse.kontroll_neste <= func.now())
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = tx.execute(
            update(Forsendelse)
            .where(Forsendelse.id == due.scalar_subquery())
            .values(kontroll_neste=func.now() + LEASE, kontroll_forsok=Forsendelse.kontroll_forsok + 1)
            .returning(Forsendelse.id, Forsendelse.kontroll_forsok)
            .execution_options(synchronize_session=False)
        ).first()
    return None if taken is None else (taken[0], taken[1])


def _let_wait(letter_id: UUID, tries: int) -> None:
    with transaction() as tx:
        mine = update(Forsendelse).where(Forsendelse.id == letter_id)
        later = mine.values(kontroll_neste=func.now() + WAIT, kontroll_forsok=tries)
        tx.execute(later.execution_options(synchronize_session=False))


def _merged(brev: Brev, parts: Sequence[Dokumentref], fletter: Sammenfletter) -> Utskriftsfil:
    documents = [Utskriftsdokument(read_checked(part), part.giroark) for part in parts]
    return fletter.merge(documents, tosidig=brev.tosidig)


def _replace(
    brev: Brev, parts: Sequence[Dokumentref], made: Lagret | None, facts: Utskriftsfil | None
) -> None:
    """Let the originals go, unless a channel is being handed the letter just now: then later."""
    kept = [COVER] if made is not None else [COVER, *(part.nr for part in parts)]
    try:
        with transaction() as tx:
            hold_idle(brev.id)
            waits = select(Forsendelse.originaler_venter).where(Forsendelse.id == brev.id)
            if not tx.execute(waits).scalar_one():
                discard([made.objekt] if made is not None else [])
                return
            forget_documents(brev.id, kept)
            if made is not None and facts is not None:
                tx.execute(insert(Dokument).values(_row(brev.id, made, facts)))
            done = update(Forsendelse).where(Forsendelse.id == brev.id).values(originaler_venter=False)
            tx.execute(done.execution_options(synchronize_session=False))
            remark(brev.id, "ORIGINALER_BORTE", aktor=AKTOR)
    except Konflikt:
        _let_wait(brev.id, 0)
        if made is not None:
            current().store.delete(made.objekt)


def _row(letter_id: UUID, made: Lagret, facts: Utskriftsfil) -> dict[str, object]:
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
    }
