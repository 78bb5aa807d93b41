"""Whether text read from a page is what one sees on it: letters that were lost or exchanged on the way into the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fiks.utsending.liste.postal import postnummer
from fiks.utsending.liste.values import single_spaced

NORTHERN = frozenset("æøåÆØÅ")
LEAST_LETTERS = 50
"""Among so many Norwegian addresses some have æ, ø or å."""

_STRANGE = "¿¾®¯¢¥¤{}|\\[\\]\\\\^~†‡□■▯"
_IN_WORD = re.compile(rf"(?:\w[{_STRANGE}]|[{_STRANGE}]\w)")
_LOST = re.compile(r"[^A-Z]")


def strange_letters(text: str) -> bool:
    """Whether a word has a sign in it that stands for a letter in some other alphabet than the one it is read by."""
    return bool(_IN_WORD.search(text))


def has_northern(texts: Iterable[str]) -> bool:
    """Whether æ, ø or å stands in any of these."""
    return any(NORTHERN & set(text) for text in texts)


def lacks_northern(postnr: str, poststed: str) -> bool:
    """Whether the place is the registered one without its æ, ø and å ("KRAGER", "KRAGER?", "KRAG RØ" of KRAGERØ)."""
    registered = postnummer().get(postnr, "")
    written = single_spaced(poststed).upper()
    if not NORTHERN & set(registered) or written == registered.upper() or NORTHERN & set(written):
        return False
    return _LOST.sub("", written) == _LOST.sub("", registered.upper())
