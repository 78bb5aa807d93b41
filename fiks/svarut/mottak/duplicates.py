"""Duplicate detection: a digest of everything a sender sent. Two submissions are the same letter only if it
is equal.

Encrypting again gives other bytes of the same document, under a new content key. An encrypted letter
therefore has a second digest, of its facts and sizes, which follow from the clear documents; the clear
documents are then compared (`is_same_in_clear`).

Fields with their default value are left out, so that a release with one more field makes the same digest of
the same letter. Therefore defaults and field names never change.

Sets in the interfaces (uniqueItems) are sorted: a client may write them in another order after a restart.
Letters of older releases are recognised by their original order as well.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, fields, is_dataclass, replace
from datetime import datetime
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from fiks.core.crypto.cms_reader import CmsFeil
from fiks.core.db import session
from fiks.core.errors import FiksError, IkkeFunnet
from fiks.core.storage.store import LagerUtilgjengelig, Lagret
from fiks.svarut.letters import Dokumentref, load_documents, stream_checked
from fiks.svarut.mottak.innsending import Dokumentfakta, Innsending
from fiks.svarut.rules import COVER, FORSENDELSESFIL


def fingerprints(innsending: Innsending, stored: Sequence[Lagret]) -> tuple[bytes, ...]:
    """The letter's digest, followed by the digests that older releases would have made."""
    digests = [one.sha256 for one in stored]
    older = _digest(_stated_fields(innsending), digests), fingerprint_of_all(innsending, digests)
    return fingerprint(innsending, digests), *older


def fingerprint(innsending: Innsending, digests: Sequence[bytes]) -> bytes:
    """SHA-256 over the letter's facts in a fixed form and the SHA-256 of each document, in order."""
    return _digest(_stated_fields(_in_order(innsending)), digests)


def fingerprint_of_all(innsending: Innsending, digests: Sequence[bytes]) -> bytes:
    """As `fingerprint`, with every field and unsorted sets: the digest of the oldest releases."""
    return _digest(asdict(innsending), digests)


def fingerprints_of_encrypted(innsending: Innsending, sizes: Sequence[int]) -> tuple[bytes, ...]:
    """As `fingerprints`, over facts and sizes."""
    return fingerprint_of_encrypted(innsending, sizes), _of_sizes(innsending, sizes)


def fingerprint_of_encrypted(innsending: Innsending, sizes: Sequence[int]) -> bytes:
    """SHA-256 over the letter's facts, each document's with its size.

    Documents by name, not in order: clients that keep documents in a set (eFormidling) send them in any
    order. The letter keeps the order of its intake.
    """
    return _of_sizes(_in_order(innsending), sizes)


def _of_sizes(innsending: Innsending, sizes: Sequence[int]) -> bytes:
    pairs = zip(innsending.dokumenter, sizes, strict=True)
    documents = sorted(((one.filnavn, _stated_fields(one), size) for one, size in pairs), key=itemgetter(0))
    return _digest({"brev": _stated_fields(replace(innsending, dokumenter=())), "dokumenter": documents}, ())


def _in_order(new: Innsending) -> Innsending:
    """The letter with its sets sorted: exposed readers, giro pages and extra metadata."""
    documents = tuple(
        replace(
            one,
            giroark=tuple(sorted(one.giroark)),
            ekstra=tuple(sorted(one.ekstra, key=attrgetter("key", "value"))),
        )
        for one in new.dokumenter
    )
    return replace(
        new,
        eksponert_for=tuple(sorted(new.eksponert_for)),
        dokumenter=documents,
        noark_fra=_noark_in_order(new.noark_fra),
    )


def _noark_in_order(noark: Mapping[str, object]) -> Mapping[str, object]:
    extra = noark.get("ekstraMetadata")
    if not isinstance(extra, list):
        return noark
    return {**noark, "ekstraMetadata": sorted(extra, key=partial(json.dumps, sort_keys=True))}


def _digest(facts: object, digests: Sequence[bytes]) -> bytes:
    text = json.dumps(facts, default=_plain, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(hashlib.sha256(text).digest() + b"".join(digests)).digest()


def _stated_fields(value: object) -> object:
    """The value with each dataclass in it reduced to the fields that differ from their default."""
    if is_dataclass(value):
        told = {one.name: getattr(value, one.name) for one in fields(value) if not _is_default(value, one)}
        return {name: _stated_fields(own) for name, own in told.items()}
    if isinstance(value, tuple):
        return [_stated_fields(one) for one in value]
    return value


def _is_default(of: object, one: Field[Any]) -> bool:
    default = one.default_factory() if one.default_factory is not MISSING else one.default
    return default is not MISSING and getattr(of, one.name) == default


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


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
