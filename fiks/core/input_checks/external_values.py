"""Validation of values received from other systems: a value that cannot be stored would block everything
behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def storable_text(value: object) -> str:
    """Return the value if it is text that PostgreSQL can store; ValueError otherwise."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text that can be stored")
    value.encode()
    return value


def storable_id(value: object) -> str:
    """Return another system's id, given as text or whole number. ValueError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not value:
        raise ValueError("no id")
    return storable_text(value)


def display_text(value: object) -> str | None:
    """Return a system's message to people, without characters that cannot be stored; None when there is none."""
    return value.replace("\0", "").encode(errors="replace").decode() if isinstance(value, str) else None


def feed_position(entry: Mapping[str, Any], name: str) -> str | None:
    """Return an entry's position in its feed, from the field `name`; None when it has none."""
    try:
        return storable_id(entry[name])
    except (KeyError, TypeError, ValueError):
        return None
