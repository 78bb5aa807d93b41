"""Parsers of single settings. Each raises ValueError for an unusable text."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

SMTP_PORTS = {"smtp": 587, "smtps": 465}
"""Schemes of a mail server (STARTTLS, or TLS from the start), each with its default port."""
LONGEST_LINE = 200


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


def parse_line(text: str) -> str:
    """Check a line meant for people, at most 200 characters; ValueError otherwise."""
    if len(text) > LONGEST_LINE or not text.isprintable():
        raise ValueError("not one short line")
    return text


def parse_acr(text: str) -> tuple[tuple[int, str], ...]:
    """Parse `3=<acr>,4=<acr>`: the provider's names of our two levels, which must differ; ValueError
    otherwise.
    """
    pairs = sorted(part.strip().partition("=")[::2] for part in text.split(","))
    names = {acr for _, acr in pairs if acr}
    if [level for level, _ in pairs] != ["3", "4"] or len(names) != 2:
        raise ValueError("not level=acr for both levels")
    return tuple((int(level), acr) for level, acr in pairs)


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Address of the mail server. `scheme` is one of SMTP_PORTS; `user` is "" where no login is needed."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> SmtpAddress:
        """Parse `smtp://user:password@host:port` or `smtps://…`; user, password and port are optional.

        Raises ValueError, which does not repeat the URL, for anything else. Text after the port belongs to a
        password whose `/`, `?` or `#` is not written as `%2F`, `%3F` or `%23`, so it is refused.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("no host and port") from None
        rest = parts.path.strip("/") + parts.query + parts.fragment
        if parts.scheme not in SMTP_PORTS or not host or port == 0 or rest:
            raise ValueError("not smtp://host:port or smtps://host:port")
        return cls(
            scheme=parts.scheme,
            host=host,
            port=port or SMTP_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
