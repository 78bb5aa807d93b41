"""Findings as sentences: in rows, in rows read from letters, and in PDFs."""

from __future__ import annotations

from portal.texts import tekst
from portal.texts.samlet import IN_LETTERS


def letter_text(kode: str, felt: str) -> str:
    """What is wrong with the letter, and what to do. `felt`: the name the person knows."""
    return IN_LETTERS.get(kode) or tekst(kode, felt=felt)
