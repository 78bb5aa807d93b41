"""Blind indexes that letters are found by: of personal and organisation numbers, and of senders' references."""

from __future__ import annotations

from fiks.core.crypto import encryption
from fiks.core.environment import current


def number_index(number: str) -> bytes:
    """The blind index of a receiver's or reader's number."""
    return encryption.blind_index(current().index_key, "mottaker", number)


def reference_index(reference: str) -> bytes:
    """The blind index of a sender's own reference."""
    return encryption.blind_index(current().index_key, "ekstern_referanse", reference)
