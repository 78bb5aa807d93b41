"""Hand-over to a mottakersystem: beginning a letter's wait, and closing it when the letter has moved on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from fiks.core import clock
from fiks.core.db import session
from fiks.svarut.letters import Dokumentref, stream_checked
from fiks.svarut.models import SvarinnFeil, SvarinnMottak
from fiks.svarut.rules import COVER, FORSENDELSESFIL

REPORT_AAD, NOTE_AAD = "svarinn.feil", "svarinn.notat"


def files_for_mottakersystem(documents: Sequence[Dokumentref]) -> tuple[Dokumentref, ...]:
    """The files given to a mottakersystem: the originals, or the combined PDF when they are deleted."""
    sent = tuple(d for d in documents if d.nr not in (COVER, FORSENDELSESFIL) and d.objekt is not None)
    return sent or tuple(d for d in documents if d.nr == FORSENDELSESFIL)


def zip_name(forsendelse_id: UUID) -> str:
    """The file name of the ZIP of a letter's files, for systems and persons."""
    return f"dokumenter-{forsendelse_id.hex[:8]}.zip"


def clear_facts(documents: Sequence[Dokumentref]) -> dict[str, Any]:
    """Digest and size in clear of the documents that the sender encrypted, by number; reads them whole.

    Raises DOKUMENT_ENDRET, DOKUMENT_BORTE, CmsFeil. Not for a transaction.
    """
    facts: dict[str, Any] = {}
    for document in files_for_mottakersystem(documents):
        if document.kryptert:
            digest, size = hashlib.sha256(), 0
            for chunk in stream_checked(document):
                digest.update(chunk)
                size += len(chunk)
            facts[str(document.nr)] = {"sha256": digest.hexdigest(), "storrelse": size}
    return facts


def begin_wait(
    forsendelse_id: UUID, mottakersystem_id: UUID, *, klar: datetime, klarfiler: Mapping[str, Any]
) -> None:
    """Begin the letter's wait for its system, in the transaction that makes it KLAR_FOR_MOTTAK."""
    row = SvarinnMottak(
        forsendelse_id=forsendelse_id,
        mottakersystem_id=mottakersystem_id,
        klar=klar,
        klarfiler=dict(klarfiler),
    )
    session().add(row)
    session().flush()


def close_wait(forsendelse_ids: Sequence[UUID], **changes: object) -> None:
    """End the wait of these letters, in the transaction that moves them on."""
    session().execute(
        update(SvarinnMottak)
        .where(SvarinnMottak.forsendelse_id.in_(forsendelse_ids), SvarinnMottak.lukket.is_(None))
        .values(lukket=clock.now_sql(), **changes)
        .execution_options(synchronize_session=False)
    )


def erase_reports(forsendelse_id: UUID) -> None:
    """Delete the receivers' reports and notes on the letter, with the rest of its content."""
    session().execute(delete(SvarinnFeil).where(SvarinnFeil.forsendelse_id == forsendelse_id))
    session().execute(
        update(SvarinnMottak)
        .where(SvarinnMottak.forsendelse_id == forsendelse_id, SvarinnMottak.notat_kryptert.is_not(None))
        .values(notat_kryptert=None)
        .execution_options(synchronize_session=False)
    )
