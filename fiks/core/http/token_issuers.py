"""Metadata of token issuers (OpenID Connect, OAuth): fetched at the well-known address, and checked against
the issuer's name.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from fiks.core.http.client import LOOPBACK

log = logging.getLogger(__name__)

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
"""Well-known paths: of an OpenID provider's metadata, and of an OAuth authorization server's."""
TIMEOUT = 5
LONGEST_NAME = 200


class AnnenUtsteder(ValueError):
    """The issuer's metadata name another issuer than the settings do. `satt` and `heter` are the two names,
    exactly as written.
    """

    def __init__(self, satt: str, heter: str) -> None:
        super().__init__(f"{satt} calls itself {heter}")
        self.satt, self.heter = satt, heter


def metadata_address(issuer: str, kind: str) -> str:
    """Return the address of an issuer's metadata; `kind` is OPENID or OAUTH."""
    return issuer.rstrip("/") + kind


def require_issuer_name(metadata: Mapping[str, Any], issuer: str) -> None:
    """Raise AnnenUtsteder, and log both names, unless the metadata name exactly this issuer."""
    called = str(metadata.get("issuer"))[:LONGEST_NAME]
    if called != issuer:
        log_name_mismatch(issuer, called)
        raise AnnenUtsteder(issuer, called)


def log_name_mismatch(satt: str, heter: str) -> None:
    """Log the issuer's name in the settings and the name it gives itself."""
    log.error("issuer_called_otherwise", extra={"satt": satt, "heter": heter})


def fetch_json(url: str) -> Mapping[str, Any]:
    """GET a JSON object. RequestException when there is no answer, ValueError when the answer is anything
    else.
    """
    with requests.Session() as session:
        session.trust_env = urlsplit(url).hostname not in LOOPBACK
        answer = session.get(url, timeout=TIMEOUT, allow_redirects=False)
    if answer.status_code != 200:
        raise ValueError(f"HTTP {answer.status_code}")
    try:
        content = answer.json()
    except requests.JSONDecodeError as error:
        raise ValueError("no JSON") from error
    if not isinstance(content, dict):
        raise ValueError("no object")
    return content
