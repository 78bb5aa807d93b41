"""Values as other systems tell them, read soundly: one that cannot be stored would hold up all that comes after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text(value: object) -> str:
    """A text that a system told and that can be stored. ValueError for what is none, or has what PostgreSQL refuses."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text that can be stored")
    value.encode()
    return value


def ident(value: object) -> str:
    """An id of a system's own, a text or a whole number. ValueError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not value:
        raise ValueError("no id")
    return text(value)


def words(value: object) -> str | None:
    """What a system says to people, without what cannot be stored; None when it says nothing."""
    return value.replace("\0", "").encode(errors="replace").decode() if isinstance(value, str) else None


def place(entry: Mapping[str, Any], name: str) -> str | None:
    """Where in its feed an entry is, by what it has of this name; None for one that doesn't say."""
    try:
        return ident(entry[name])
    except (KeyError, TypeError, ValueError):
        return None
