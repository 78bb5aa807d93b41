"""The blind indexes that letters are found by: of numbers, and of senders' own references."""

from __future__ import annotations

from fiks.core import crypto
from fiks.core.environment import current


def number_index(number: str) -> bytes:
    """The blind index a receiver's or reader's number is found by."""
    return crypto.blind_index(current().index_key, "mottaker", number)


def reference_index(reference: str) -> bytes:
    """The blind index a sender's own reference is found by."""
    return crypto.blind_index(current().index_key, "ekstern_referanse", reference)
