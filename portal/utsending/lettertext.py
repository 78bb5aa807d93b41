"""What was found in a row that was read from a letter, in words: there is no list to correct."""

from __future__ import annotations

from portal.texts import tekst
from portal.texts.samlet import IN_LETTERS


def letter_text(kode: str, felt: str) -> str:
    """What is wrong with the letter, and what to do. `felt` as the person knows it."""
    return IN_LETTERS.get(kode) or tekst(kode, felt=felt)
