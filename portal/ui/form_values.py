"""Values of forms and addresses, read leniently: dates, digests, ids, numbers and page keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from flask import request

from fiks.svarut.sender.log import Nokkel


def number_arg(name: str) -> int | None:
    """A whole number from the query string, or None for anything else."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


YEARS = range(1900, 3000)
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def field_text(form: Mapping[str, str], name: str) -> str:
    """The text of a form field, stripped."""
    return form.get(name, "").strip()


def read_digest(text: str) -> bytes:
    """A SHA-256 from a form as bytes; empty, which matches nothing, for invalid text."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def read_ids(text: str) -> frozenset[UUID]:
    """UUIDs from a form, separated by spaces; other words are ignored."""
    return frozenset(UUID(word) for word in text.split() if ID.fullmatch(word))


def read_date(text: str) -> date | None:
    """dd.mm.åååå (or d.m.åååå) as a date; None for other text or a year outside 1900-2999."""
    parts = text.strip().split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts) or len(parts[2]) != 4:
        return None
    try:
        found = date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None
    return found if found.year in YEARS else None


def uuid_of(text: str) -> UUID | None:
    """The text as a UUID; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def page_key(nokkel: Nokkel) -> str:
    """Keyset paging: the key after which the next page begins, for its address (microseconds and id)."""
    made, letter = nokkel
    return f"{int(made.timestamp()) * 1_000_000 + made.microsecond}.{letter}"


def read_page_key(text: str) -> Nokkel | None:
    """The key from `page_key`; None, which is the first page, for anything else."""
    micros, _, letter = text.partition(".")
    found = uuid_of(letter)
    if found is None or not (micros.isascii() and micros.isdigit()) or len(micros) > 16:
        return None
    seconds, rest = divmod(int(micros), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), found
