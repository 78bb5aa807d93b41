"""Formula injection: cells that a spreadsheet would run as a formula."""

from __future__ import annotations

import re

_HARMLESS = re.compile(r"[+-]|-\d[\d .,\u00a0]*")


def neutralise(text: str) -> str:
    """Prefix an apostrophe to text that a spreadsheet could run as a formula (full-width signs too).

    Reading a list removes it again (`undo_neutralise`). Phone numbers get it too: a text file that is opened
    and saved would lose their plus.
    """
    return f"'{text}" if FORMULA_START.match(text) and not _HARMLESS.fullmatch(text) else text


FORMULA_START = re.compile(r"'*(?:[\s\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠|]|[\t\r\n])")
"""Start of a possible spreadsheet formula, also after apostrophes, so that one is not taken for ours."""


def undo_neutralise(cell: str) -> str:
    """Return the cell without the apostrophe that our own files put before a possible formula (`neutralise`)."""
    return cell[1:] if cell.startswith("'") and FORMULA_START.match(cell, 1) else cell
