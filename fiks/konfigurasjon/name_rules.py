"""Whether two ways of writing a name may be one person's: a right goes to who has the number, and a page names them."""

from __future__ import annotations

import re
import unicodedata

from fiks.konfigurasjon.rules import norwegian_order

_WORD = re.compile(r"\w+")


def is_name_of(navn: str, written: str) -> bool:
    """Whether `written` may be meant for who is called `navn`: one of the two has every word of the other.

    Capitals, accents, spaces, hyphens and the order do not count, and names in the middle may be left out; but one
    word alone is enough only for who has no more. Nobody without a name is called otherwise.
    """
    known, said = _words(navn), _words(written)
    if not known:
        return True
    enough = len(said) >= min(2, len(known))
    return enough and (said <= known or known <= said)


def is_called(navn: str, written: str) -> bool:
    """Whether `written` is what somebody is called, word for word: as `is_name_of`, but no name is left out or added.

    For who gives more than an organisation's administrators do: the platform, or a whole organisation.
    """
    return not _words(navn) or _words(navn) == _words(written)


def _words(navn: str) -> frozenset[str]:
    return frozenset(map(norwegian_order, _WORD.findall(unicodedata.normalize("NFC", navn))))
