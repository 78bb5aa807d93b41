"""What a letter holds: links, where answers go and Noark facts, sealed as one JSON; and what kind of files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fiks.core import crypto
from fiks.core.environment import current

CONTENT_AAD = "forsendelse.innhold"


@dataclass(frozen=True, slots=True)
class Lenke:
    """A link in the message to the receiver: the address, its text, and what stands before it."""

    url: str
    tekst: str
    ledetekst: str = ""


def seal_content(content: Mapping[str, object]) -> bytes | None:
    """What is seldom asked for of a letter, as stored; None when there is nothing of it."""
    kept = {name: value for name, value in content.items() if value}
    if not kept:
        return None
    return crypto.encrypt_value(current().keys, json.dumps(kept, ensure_ascii=False).encode(), CONTENT_AAD)


def unseal_content(sealed: bytes | None) -> dict[str, Any]:
    """What `seal_content` kept, by the same names; empty when there was nothing, or it has been deleted."""
    if sealed is None:
        return {}
    content: dict[str, Any] = json.loads(crypto.decrypt_value(current().keys, sealed, CONTENT_AAD))
    return content


def links_of(content: Mapping[str, Any]) -> tuple[Lenke, ...]:
    """The links of a letter's unsealed content, in order."""
    return tuple(Lenke(**link) for link in content.get("lenker", ()))


def sent_at(content: Mapping[str, Any]) -> datetime | None:
    """When a letter of this content was sent, where that is not when it came in (eDialog)."""
    said = content.get("sendt")
    return datetime.fromisoformat(said) if said else None


def is_pdf(mime_type: str) -> bool:
    """Whether a file is said to be a PDF, which alone can be printed (svarut.md 1.4)."""
    return mime_type.partition(";")[0].strip().lower() == "application/pdf"
