"""Comparing an encrypted letter sent again with the one taken in: both are decrypted and compared."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from uuid import UUID

from fiks.core.crypto.cms_reader import CmsFeil
from fiks.core.db import session
from fiks.core.errors import FiksError, IkkeFunnet
from fiks.core.storage.store import LagerUtilgjengelig, Lagret
from fiks.svarut.letters import Dokumentref, load_documents, stream_checked
from fiks.svarut.mottak.innsending import Dokumentfakta
from fiks.svarut.rules import COVER, FORSENDELSESFIL

log = logging.getLogger(__name__)


def is_same_in_clear(letter_id: UUID, said: Sequence[Dokumentfakta], stored: Sequence[Lagret]) -> bool:
    """Whether each document equals the letter's document of that name. Reads both whole: not for a
    transaction.

    A stored document that is deleted or cannot be decrypted is not compared: the letter is then recognised by
    its facts and sizes alone, which is logged. A new document that cannot be decrypted counts as different,
    so that a forger learns nothing more. LagerUtilgjengelig.
    """
    kept = {one.filnavn: one for one in load_documents(letter_id) if one.nr not in (COVER, FORSENDELSESFIL)}
    session().rollback()
    not_compared: list[str] = []
    for facts, lagret in zip(said, stored, strict=True):
        try:
            before = _clear_digest(kept.get(facts.filnavn))
        except LagerUtilgjengelig:
            raise
        except FiksError as error:
            not_compared.append(error.kode)
            continue
        try:
            if _clear_digest(_ref(facts, lagret)) != before:
                return False
        except CmsFeil:
            return False
    if not_compared:
        extra = {"forsendelse": str(letter_id), "antall": len(not_compared), "kode": not_compared[0]}
        log.warning("letter_known_by_size_alone", extra=extra)
    return True


def _ref(facts: Dokumentfakta, lagret: Lagret) -> Dokumentref:
    """The reference of a stored document that belongs to no letter yet."""
    return Dokumentref(
        nr=0,
        filnavn=facts.filnavn,
        mime_type=facts.mime_type,
        storrelse=lagret.storrelse,
        sha256=lagret.sha256,
        objekt=lagret.objekt,
        fra=None,
        lengde=None,
        nokkel=lagret.nokkel,
        sider=0,
        giroark=(),
        kryptert=True,
    )


def _clear_digest(document: Dokumentref | None) -> bytes:
    if document is None:
        raise IkkeFunnet("DOKUMENT_BORTE")
    digest = hashlib.sha256()
    for chunk in stream_checked(document):
        digest.update(chunk)
    return digest.digest()
