"""Rules about persons: their data as an organisation gives it, and whether two spellings of a name may be the
same person's.

A grant goes to whoever has the number, so the name a page states is checked against it.
"""

from __future__ import annotations

import re
import unicodedata

from fiks.konfigurasjon.rules import norwegian_order

_WORD = re.compile(r"\w+")


def is_name_of(navn: str, written: str) -> bool:
    """Return whether `written` may mean the person named `navn`: one of the two contains every word of the
    other.

    Case, accents, spaces, hyphens and word order are ignored, and middle names may be omitted; a single word
    is enough only for a person with a single name. A person without a known name matches any.
    """
    known, said = _words(navn), _words(written)
    if not known:
        return True
    enough = len(said) >= min(2, len(known))
    return enough and (said <= known or known <= said)


def is_called(navn: str, written: str) -> bool:
    """Return whether `written` is the name word for word: as `may_be_name_of`, but no name may be omitted or
    added.

    Used where more is at stake than an organisation's own administrators decide: the platform, or a whole
    organisation.
    """
    return not _words(navn) or _words(navn) == _words(written)


def _words(navn: str) -> frozenset[str]:
    return frozenset(map(norwegian_order, _WORD.findall(unicodedata.normalize("NFC", navn))))
