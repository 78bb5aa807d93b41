"""What the texts of single settings mean. Each raises ValueError for a text that cannot be used."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any


def parse_key(text: str) -> bytes:
    """Decode a base64 key of exactly 32 bytes; ValueError otherwise."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 32:
        raise ValueError("not 32 bytes")
    return key


def parse_master_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    """Parse `id:base64,id:base64` (newest first); ValueError on a bad key or a repeated id."""
    pairs = []
    for part in text.split(","):
        key_id, _, key = part.strip().partition(":")
        if not key_id:
            raise ValueError("no id")
        pairs.append((key_id, parse_key(key)))
    if len({key_id for key_id, _ in pairs}) != len(pairs):
        raise ValueError("an id is repeated")
    return tuple(pairs)


def parse_private_jwk(text: str) -> Mapping[str, Any]:
    """Parse one private JWK (RSA or EC) that carries a `kid`; ValueError otherwise."""
    jwk = json.loads(text)
    if (
        not isinstance(jwk, dict)
        or not jwk.get("kid")
        or "d" not in jwk
        or jwk.get("kty") not in {"RSA", "EC"}
    ):
        raise ValueError("not a private JWK with kid")
    return jwk


def parse_acr(text: str) -> tuple[tuple[int, str], ...]:
    """Parse `3=<acr>,4=<acr>`: what the provider calls our two levels. A bare value names level 4 only."""
    pairs = []
    for part in text.split(","):
        level, separator, acr = part.strip().partition("=")
        if not separator:
            level, acr = "4", level
        if level not in {"3", "4"} or not acr:
            raise ValueError("not level=acr")
        pairs.append((int(level), acr))
    return tuple(sorted(pairs))
