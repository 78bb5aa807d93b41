"""Words in rows that a newer release may have written, while it is rolled out beside this one or was taken back.

Who only shows something shows the word as it stands; who acts on it takes nothing he does not know (ADR 0052).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


def known(words: type[E], word: str) -> E | str:
    """The word as one of these; itself, equal to none of them, where only a newer release knows it."""
    try:
        return words(word)
    except ValueError:
        return word


def known_or_none(words: type[E], word: str | None) -> E | str | None:
    """As `known`, of a word that may be lacking."""
    return known(words, word) if word else None
