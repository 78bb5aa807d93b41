"""A letter's encrypted content: links, reply address and Noark facts, sealed as one JSON.

Also the blind indexes that letters are found by.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fiks.core.crypto import encryption
from fiks.core.environment import current

CONTENT_AAD = "forsendelse.innhold"


@dataclass(frozen=True, slots=True)
class Lenke:
    """A link in the message to the receiver: its address, its text and the text before it."""

    url: str
    tekst: str
    ledetekst: str = ""


def seal_content(content: Mapping[str, object]) -> bytes | None:
    """Encrypt a letter's seldom needed facts for storage; None when all are empty."""
    kept = {name: value for name, value in content.items() if value}
    if not kept:
        return None
    return encryption.encrypt_value(
        current().keys, json.dumps(kept, ensure_ascii=False).encode(), CONTENT_AAD
    )


def unseal_content(sealed: bytes | None) -> dict[str, Any]:
    """Decrypt what `seal_content` stored, by the same names; empty when there was nothing or it has been
    deleted.
    """
    if sealed is None:
        return {}
    content: dict[str, Any] = json.loads(encryption.decrypt_value(current().keys, sealed, CONTENT_AAD))
    return content


def links_of(content: Mapping[str, Any]) -> tuple[Lenke, ...]:
    """The links of a letter's decrypted content, in order."""
    return tuple(Lenke(**link) for link in content.get("lenker", ()))


def sent_at(content: Mapping[str, Any]) -> datetime | None:
    """When a letter of this content was sent, if that is not when it came in (eDialog)."""
    said = content.get("sendt")
    return datetime.fromisoformat(said) if said else None


def is_pdf(mime_type: str) -> bool:
    """Whether the declared media type is PDF. Only PDFs can be printed (svarut.md 1.4)."""
    return mime_type.partition(";")[0].strip().lower() == "application/pdf"


def number_index(number: str) -> bytes:
    """The blind index of a receiver's or reader's number."""
    return encryption.blind_index(current().index_key, "mottaker", number)


def reference_index(reference: str) -> bytes:
    """The blind index of a sender's own reference."""
    return encryption.blind_index(current().index_key, "ekstern_referanse", reference)
