"""A digest of everything a sender said and sent: two sendings are the same letter only if it is equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from fiks.svarut.mottak.innsending import Innsending


def fingerprint(innsending: Innsending, digests: Sequence[bytes]) -> bytes:
    """SHA-256 over the letter's facts in a fixed form and the SHA-256 of each document, in order."""
    facts = json.dumps(asdict(innsending), default=_plain, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(hashlib.sha256(facts).digest() + b"".join(digests)).digest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
