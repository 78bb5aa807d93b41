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
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, fields, is_dataclass, replace
from datetime import datetime
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from fiks.core.storage.store import Lagret
from fiks.svarut.mottak.innsending import Innsending


def fingerprints(innsending: Innsending, stored: Sequence[Lagret]) -> tuple[bytes, ...]:
    """The letter's digest, followed by the digests that older releases would have made."""
    digests = [one.sha256 for one in stored]
    older = _digest(_said(innsending), digests), fingerprint_of_all(innsending, digests)
    return fingerprint(innsending, digests), *older


def fingerprint(innsending: Innsending, digests: Sequence[bytes]) -> bytes:
    """SHA-256 over the letter's facts in a fixed form and the SHA-256 of each document, in order."""
    return _digest(_said(_in_order(innsending)), digests)


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
    documents = sorted(((one.filnavn, _said(one), size) for one, size in pairs), key=itemgetter(0))
    return _digest({"brev": _said(replace(innsending, dokumenter=())), "dokumenter": documents}, ())


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


def _said(value: object) -> object:
    """The value with each dataclass in it reduced to the fields that differ from their default."""
    if is_dataclass(value):
        told = {one.name: getattr(value, one.name) for one in fields(value) if not _is_default(value, one)}
        return {name: _said(own) for name, own in told.items()}
    if isinstance(value, tuple):
        return [_said(one) for one in value]
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
