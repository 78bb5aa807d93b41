"""The one file of a letter, made when its sender has had the originals deleted: what printing and reading still need.

It is all that may be printed, in order, in one PDF. A letter with one such document has its file already. Whoever needs
the originals comes first: the channel that is to be chosen, the mottakersystem that is to fetch them, and the signing
service. When no file can be made (nothing in it can be put together) the originals go all the same, as was asked for,
once the letter cannot come on paper.

The sender is told at once that it was heard, and sees in the letter's log when they are gone. A letter that waits for
its mottakersystem, which has no time limit, keeps them until that has answered: the sweeper then finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from fiks.core.db import discard, session, transaction
from fiks.core.discards import delete_now
from fiks.core.environment import current
from fiks.core.errors import FiksError, Konflikt
from fiks.core.storage import LagerUtilgjengelig, Lagret
from fiks.print.pdf import PdfFeil, Sammenfletter, Utskriftsdokument, Utskriftsfil
from fiks.svarut import origin, turns
from fiks.svarut.deletion import forget_documents, hold_idle
from fiks.svarut.history import remark
from fiks.svarut.letters import Brev, Dokumentref, load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse, Levering
from fiks.svarut.rules import (
    COVER,
    FORSENDELSESFIL,
    NOT_YET_FETCHED,
    OVERGANGER,
    Leveringsstatus,
    Signeringsstatus,
    Status,
)
from fiks.svarut.signing_models import Signeringsoppdrag
from fiks.svarut.turns import Tur

log = logging.getLogger(__name__)
AKTOR = "system:mottak"
WAIT_FOR_PAPER = timedelta(hours=1)
NAME = "brev.pdf"


def is_waiting() -> bool:
    """Whether any letter is due to lose its originals."""
    return bool(session().execute(select(select(Forsendelse.id).where(*_due()).exists())).scalar_one())


def replace_originals(fletter: Sammenfletter) -> int:
    """Make the file of the letter that is next, and let its originals go; return how many (0 or 1).

    A letter that is just being handed over, and a store that is away, wait for the next time.
    """
    first = (
        select(Forsendelse.id)
        .where(*_due())
        .order_by(Forsendelse.kontroll_neste, Forsendelse.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    tur = turns.take(first)
    if tur is None:
        return 0
    with origin.following(tur.forsendelse_id):
        _make_file(tur, fletter)
    return 1


def _make_file(tur: Tur, fletter: Sammenfletter) -> None:
    brev = load_letters([tur.forsendelse_id])[tur.forsendelse_id]
    session().rollback()
    parts = [d for d in brev.dokumenter if d.is_printed and d.nr != COVER and d.objekt is not None]
    try:
        facts = _merged(brev, parts, fletter) if len(parts) > 1 else None
        made = current().store.put_document([facts.pdf], current().keys) if facts is not None else None
    except LagerUtilgjengelig as error:
        log.warning("originals_wait", extra={"forsendelse": str(brev.id), "kode": error.kode})
        turns.put_back(tur)
    except FiksError as error:
        log.warning("file_not_made", extra={"forsendelse": str(brev.id), "kode": error.kode})
        if not isinstance(error, PdfFeil) and tur.forsok < turns.MAX_TRIES:
            turns.let_wait(tur)
        elif _may_come_on_paper(brev):
            turns.put_back(tur, WAIT_FOR_PAPER)
        else:
            _replace(tur, [], None, None)
    else:
        _replace(tur, parts, made, facts)


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


def _may_come_on_paper(brev: Brev) -> bool:
    """Whether the letter may yet be printed, or printed again."""
    on_its_way = brev.status is Status.SENDT_PRINT or Status.SENDT_PRINT in OVERGANGER[brev.status]
    return brev.can_be_printed and on_its_way


def _merged(brev: Brev, parts: Sequence[Dokumentref], fletter: Sammenfletter) -> Utskriftsfil:
    documents = [Utskriftsdokument(read_checked(part), part.giroark) for part in parts]
    return fletter.merge(documents, tosidig=brev.tosidig)


def _replace(tur: Tur, parts: Sequence[Dokumentref], made: Lagret | None, facts: Utskriftsfil | None) -> None:
    """Let the originals go, unless a channel is being handed the letter just now: then later."""
    letter_id = tur.forsendelse_id
    kept = [COVER] if made is not None else [COVER, *(part.nr for part in parts)]
    try:
        with transaction() as tx:
            hold_idle(letter_id)
            waits = select(Forsendelse.originaler_venter).where(Forsendelse.id == letter_id)
            if not tx.execute(waits).scalar_one():
                discard([made.objekt] if made is not None else [])
                return
            forget_documents(letter_id, kept)
            if made is not None and facts is not None:
                tx.execute(insert(Dokument).values(_row(letter_id, parts, made, facts)))
            done = update(Forsendelse).where(Forsendelse.id == letter_id).values(originaler_venter=False)
            tx.execute(done.execution_options(synchronize_session=False))
            remark(letter_id, "ORIGINALER_BORTE", aktor=AKTOR)
    except Konflikt:
        turns.put_back(tur)
        delete_now([made.objekt] if made is not None else [])


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
