"""What a page showed of data that several may change, so that nobody writes over what they have not seen.

The page's form carries `mark_of` what it showed, field by field, and the use case that saves compares it, under its
lock, with what stands by then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fiks.core.errors import Konflikt

LENGTH = 16
"""Hex digits of each field's digest."""


def written(value: object) -> str:
    """A value as a form has it: nothing for what is not there, a line for each of several."""
    if value is None or value is False:
        return ""
    if value is True:
        return "ja"
    lines = [str(one) for one in value] if isinstance(value, list | tuple) else str(value).splitlines()
    return "\n".join(line.strip() for line in lines).strip()


def digest_of(value: object) -> str:
    """The digest of one field."""
    return hashlib.sha256(written(value).encode()).hexdigest()[:LENGTH]


def mark_of(stands: Mapping[str, object]) -> str:
    """What stands in each field, as the page's form carries it."""
    return " ".join(f"{name}={digest_of(value)}" for name, value in stands.items())


def seen_in(mark: str) -> dict[str, str]:
    """The digest of each field the page showed; what is no mark of ours showed nothing."""
    pairs = (part.partition("=") for part in mark.split())
    return {name: digest for name, _, digest in pairs}


def require_shown(vist: str | None, stands: Mapping[str, object]) -> None:
    """Konflikt("OPPLYSNINGER_ENDRET") when what is to be ended is not what the page said; as `require_seen`."""
    if vist is not None and vist != mark_of(stands):
        raise Konflikt("OPPLYSNINGER_ENDRET")


def require_seen(vist: str | None, stands: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Konflikt("OPPLYSNINGER_ENDRET") when `given` would be written over what the page did not show.

    `vist` is the page's mark, None for who has no page. Saying what stands there already is never refused.
    """
    same = all(written(stands[name]) == written(value) for name, value in given.items())
    if vist is not None and not same and vist != mark_of(stands):
        raise Konflikt("OPPLYSNINGER_ENDRET")
