"""Optimistic lock for forms: nobody overwrites data they have not seen.

The page's form carries `mark_of` what it showed, field by field; the use case that saves compares it, under
its lock, with the present values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fiks.core.errors import Konflikt

DIGEST_LENGTH = 16
"""Hex digits of each field's digest."""


def form_value(value: object) -> str:
    """Return a value as a form field has it: "" for nothing, one line for each item of a list."""
    if value is None or value is False:
        return ""
    if value is True:
        return "ja"
    lines = [str(one) for one in value] if isinstance(value, list | tuple) else str(value).splitlines()
    return "\n".join(line.strip() for line in lines).strip()


def digest_of(value: object) -> str:
    """Return the digest of one field's value."""
    return hashlib.sha256(form_value(value).encode()).hexdigest()[:DIGEST_LENGTH]


def mark_of(stands: Mapping[str, object]) -> str:
    """Return the form mark of these values: a digest of each field, to be carried by the page's form."""
    return " ".join(f"{name}={digest_of(value)}" for name, value in stands.items())


def digests_in(mark: str) -> dict[str, str]:
    """Return the digest of each field from a form mark; empty for a malformed mark."""
    pairs = (part.partition("=") for part in mark.split())
    return {name: digest for name, _, digest in pairs}


def require_same_as_shown(vist: str | None, stands: Mapping[str, object]) -> None:
    """Raise Konflikt("OPPLYSNINGER_ENDRET") when what is about to be ended or deleted differs from what the
    page showed.

    `vist` None (no page) always passes.
    """
    if vist is not None and vist != mark_of(stands):
        raise Konflikt("OPPLYSNINGER_ENDRET")


def require_not_stale(vist: str | None, stands: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Raise Konflikt("OPPLYSNINGER_ENDRET") when `given` would overwrite values the page did not show.

    `vist` is the page's form mark, None for callers without a page. Sending the present values is never
    refused.
    """
    same = all(form_value(stands[name]) == form_value(value) for name, value in given.items())
    if vist is not None and not same and vist != mark_of(stands):
        raise Konflikt("OPPLYSNINGER_ENDRET")
