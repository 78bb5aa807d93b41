"""Mojibake: recognise and repair text that was decoded with the wrong encoding."""

from __future__ import annotations

import re
import unicodedata

IMPOSSIBLE_SIGNS = "†‡‹›¿¾¯®ŒŸƒ¡¢£¤¥¦¨¬¶¸ˆ˜‰™€"
"""Characters no Norwegian name or address has: what æ, ø, å become when decoded wrongly."""
_HIGH = (
    "\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019"
    "\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
)
MOJIBAKE = re.compile(f"[Â-ô][{_HIGH}]")
# Signs that names do have, where no name has them: quotes and dots within a word, a low quote after a letter, and an
# apostrophe between consonants (æ stands there), but as in "D’Souza", "Hansen’s" and "Rock’n’Roll".
_LETTER = "A-Za-zÀ-ÖØ-öø-ſ"
_CONSONANT = "b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ"
_IN_WORD = (
    f"(?<=[{_LETTER}][“”…•])(?=[{_LETTER}])|(?<=[{_LETTER}][„‚])"
    f"|(?<=[{_CONSONANT}][‘’])(?=[{_CONSONANT}])"
    r"(?<!\b[DLMNdlmn].)(?<![‘’][Nn].)(?![SNTDMsntdm]\b)"
)
GARBLED = re.compile(f"[Â-ô“”…•„‚‘’](?:(?<=[Â-ô])[{_HIGH}]|{_IN_WORD})")
"""Letters decoded wrongly, besides the characters in `IMPOSSIBLE_SIGNS`."""
STRANGE_SIGN = re.compile(f"[{IMPOSSIBLE_SIGNS}]|[ÂÃ][{_HIGH}]|[“”…•„‚‘’](?:{_IN_WORD})")
LOST_SIGN = re.compile("\ufffd|ï¿½")
_LIKELY = (
    "\u00a0-\u0151\u0153-\u0155\u0157-\u017f\u01a1\u01af\u01b0\u01e4-\u01ef\u0218-\u021b\u0300-\u036f"
    "\u1e00-\u1eff\u2010-\u2026\u2030-\u203a\u20ac\u2122"
)
_UNLIKELY = re.compile(rf"[\x80-\x9f\ufffd]|(?<![^\x00-\x7f])[^\x00-\x7f{_LIKELY}](?![^\x00-\x7f])")


def repair_mojibake(text: str) -> str | None:
    """Repair UTF-8 that was decoded as Windows-1252 ("BodÃ¸"), also repeatedly; None if it is no mojibake.

    It is none if the result has a character that no name has: then it is a capital before a dash or quote
    ("BØ–").
    """
    if not MOJIBAKE.search(text):
        return None
    try:
        right = unicodedata.normalize("NFC", text.encode("cp1252").decode("utf-8"))
    except UnicodeError:
        return None
    return None if _UNLIKELY.search(right) else repair_mojibake(right) or right
