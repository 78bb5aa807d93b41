"""A digest of everything a sender said and sent: two sendings are the same letter only if it is equal.

Whoever encrypts again gets other bytes of the same document, under a new content key. Such a letter has a second
digest, of its facts and sizes, which follow from those of the clear documents; `clear` tells whether they are the same.

What a field says when its sender says nothing is left out, so that a release which knows of one more makes the same
digest of the same letter. Therefore what a field says by default never changes, nor do fields' names.

What the interfaces declare as a set (uniqueItems) is in no order: a client that keeps it as one writes it in another
order after it has been started again. Letters of older releases are known by the order they came in as well.
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

from fiks.core.storage import Lagret
from fiks.svarut.mottak.innsending import Innsending


def fingerprints(innsending: Innsending, stored: Sequence[Lagret]) -> tuple[bytes, ...]:
    """The letter's digest, and after it those by which older releases' letters are known again."""
    digests = [one.sha256 for one in stored]
    older = _digest(_said(innsending), digests), fingerprint_of_all(innsending, digests)
    return fingerprint(innsending, digests), *older


def fingerprint(innsending: Innsending, digests: Sequence[bytes]) -> bytes:
    """SHA-256 over what the letter's facts say in a fixed form and the SHA-256 of each document, in order."""
    return _digest(_said(_in_order(innsending)), digests)


def fingerprint_of_all(innsending: Innsending, digests: Sequence[bytes]) -> bytes:
    """As `fingerprint`, with every field, sets as they came: what the oldest releases made."""
    return _digest(asdict(innsending), digests)


def fingerprints_of_encrypted(innsending: Innsending, sizes: Sequence[int]) -> tuple[bytes, ...]:
    """As `fingerprints`, of facts and sizes."""
    return fingerprint_of_encrypted(innsending, sizes), _of_sizes(innsending, sizes)


def fingerprint_of_encrypted(innsending: Innsending, sizes: Sequence[int]) -> bytes:
    """SHA-256 over what the letter's facts say, each document's with its size.

    By name, not in order: clients that encrypt and keep documents in a set (eFormidling) send them in any order. The
    letter keeps the order in which it was taken in.
    """
    return _of_sizes(_in_order(innsending), sizes)


def _of_sizes(innsending: Innsending, sizes: Sequence[int]) -> bytes:
    pairs = zip(innsending.dokumenter, sizes, strict=True)
    documents = sorted(((one.filnavn, _said(one), size) for one, size in pairs), key=itemgetter(0))
    return _digest({"brev": _said(replace(innsending, dokumenter=())), "dokumenter": documents}, ())


def _in_order(new: Innsending) -> Innsending:
    """The letter with its sets sorted: who may read it, pages on giro paper, and extra metadata."""
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
    """The value with every dataclass in it as the fields that say something."""
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
