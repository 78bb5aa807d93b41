"""Text quality: whether text extracted from a page is what one sees, or letters were lost or exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fiks.utsending.liste.postal_codes import postnummer
from fiks.utsending.liste.values import collapse_spaces

NORTHERN = frozenset("æøåÆØÅ")
LEAST_LETTERS = 50
"""Among this many Norwegian addresses some contain æ, ø or å."""

_STRANGE = "¿¾®¯¢¥¤{}|\\[\\]\\\\^~†‡□■▯"
_IN_WORD = re.compile(rf"(?:\w[{_STRANGE}]|[{_STRANGE}]\w)")
_LOST = re.compile(r"[^A-Z]")


def has_strange_letters(text: str) -> bool:
    """Return whether a word contains a sign that stands for a letter in another encoding."""
    return bool(_IN_WORD.search(text))


def has_northern(texts: Iterable[str]) -> bool:
    """Return whether any of these texts contains æ, ø or å."""
    return any(NORTHERN & set(text) for text in texts)


def lacks_northern(postnr: str, poststed: str) -> bool:
    """Return whether the place is the registered one without æ, ø, å ("KRAGER", "KRAGER?", "KRAG RØ" for
    KRAGERØ).
    """
    registered = postnummer().get(postnr, "")
    written = collapse_spaces(poststed).upper()
    if not NORTHERN & set(registered) or written == registered.upper() or NORTHERN & set(written):
        return False
    return _LOST.sub("", written) == _LOST.sub("", registered.upper())
