"""Passwords of integrasjoner, kontoer and mottakersystemer: random, shown once, stored as a keyed hash,
compared in constant time.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core.crypto import encryption
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.konfigurasjon.rules import USED_EVERY

_NOBODY = b"\0" * 32
"""Stands in for a missing hash in a comparison; no password has this hash."""


class Formal(StrEnum):
    """Purpose of a password; the same password hashes differently for each."""

    INTEGRASJON = "integrasjon.passord"
    KONTO = "konto.passord"
    MOTTAKERSYSTEM = "mottakersystem.passord"


@dataclass(frozen=True, slots=True, repr=False)
class Passord:
    """A new password in clear, only for the page that shows it once."""

    verdi: str

    def __repr__(self) -> str:
        return "Passord(…)"


def hash_of(passord: str, formal: Formal) -> bytes:
    """Return the keyed hash to store. No slow hash is needed for 122 random bits or more (ASVS 6.5.2)."""
    return encryption.blind_index(current().index_key, formal, passord)


def matches(given: bytes, *stored: bytes | None) -> bool:
    """Return whether the hash equals one of the stored ones; a missing one takes the same work."""
    found = False
    for present in stored:
        found |= hmac.compare_digest(present or _NOBODY, given)
    return found


def is_use_recorded(sist_brukt: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """SQL: the last use is already recorded for the present day; NULL when never used."""
    return sist_brukt > func.now() - USED_EVERY


def mark_used(sist_brukt: InstrumentedAttribute[datetime | None], which: ColumnElement[bool]) -> None:
    """Record the last use, at most once a day."""
    stale = or_(sist_brukt.is_(None), sist_brukt <= func.now() - USED_EVERY)
    with transaction() as tx:
        tx.execute(update(sist_brukt.class_).where(which, stale).values(sist_brukt=func.now()))
