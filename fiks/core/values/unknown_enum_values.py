"""Forward compatibility: stored values that a newer release may have written, during a roll-out or before a
roll-back.

Code that only displays a value shows it as it stands; code that acts on rows leaves unknown values alone (ADR
0052).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


def enum_or_text(words: type[E], word: str) -> E | str:
    """Return the stored text as an enum member; the text itself, equal to no member, if only a newer release
    knows it.
    """
    try:
        return words(word)
    except ValueError:
        return word


def enum_or_text_or_none(words: type[E], word: str | None) -> E | str | None:
    """As `enum_or_text`, but None for an empty or missing text."""
    return enum_or_text(words, word) if word else None
