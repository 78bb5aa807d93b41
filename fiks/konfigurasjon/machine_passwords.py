"""Passwords of integrasjoner, kontoer and mottakersystemer: random, shown once, a keyed hash, compared in one time."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core import crypto
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.konfigurasjon.rules import USED_EVERY

_NOBODY = b"\0" * 32
"""Compared with when there is no password: none has this hash."""


class Formal(StrEnum):
    """Whose passwords: the same one is another hash for each."""

    INTEGRASJON = "integrasjon.passord"
    KONTO = "konto.passord"
    MOTTAKERSYSTEM = "mottakersystem.passord"


@dataclass(frozen=True, slots=True, repr=False)
class Passord:
    """A new password in clear: for the page that shows it once, and for nothing else."""

    verdi: str

    def __repr__(self) -> str:
        return "Passord(…)"


def hash_of(passord: str, formal: Formal) -> bytes:
    """The keyed hash that is stored. A slow one is not needed for 122 random bits or more (ASVS 6.5.2)."""
    return crypto.blind_index(current().index_key, formal, passord)


def matches(given: bytes, *stored: bytes | None) -> bool:
    """Whether the hash is one of those that are stored, by the same work for each that is not there."""
    found = False
    for present in stored:
        found |= hmac.compare_digest(present or _NOBODY, given)
    return found


def used_lately(sist_brukt: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """Whether the last use is written down for the present; NULL when there was none."""
    return sist_brukt > func.now() - USED_EVERY


def mark_used(sist_brukt: InstrumentedAttribute[datetime | None], which: ColumnElement[bool]) -> None:
    """Write the last use down, at most once a day."""
    stale = or_(sist_brukt.is_(None), sist_brukt <= func.now() - USED_EVERY)
    with transaction() as tx:
        tx.execute(update(sist_brukt.class_).where(which, stale).values(sist_brukt=func.now()))
