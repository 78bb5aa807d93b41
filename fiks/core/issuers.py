"""An issuer of tokens tells of itself at an address that follows from its name, and must go by that name there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from fiks.core.wire import LOOPBACK

log = logging.getLogger(__name__)

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
"""Where a provider of logins tells of itself, and where one of tokens alone does."""
TIMEOUT = 5
LONGEST_NAME = 200


class AnnenUtsteder(ValueError):
    """An issuer goes by another name than the settings say. `satt` and `heter` are the two, letter by letter."""

    def __init__(self, satt: str, heter: str) -> None:
        super().__init__(f"{satt} calls itself {heter}")
        self.satt, self.heter = satt, heter


def metadata_address(issuer: str, kind: str) -> str:
    """Where an issuer tells of itself; `kind` is OPENID or OAUTH."""
    return issuer.rstrip("/") + kind


def require_named(metadata: Mapping[str, Any], issuer: str) -> None:
    """AnnenUtsteder, and both names in the log, unless the metadata are of the issuer, letter by letter."""
    called = str(metadata.get("issuer"))[:LONGEST_NAME]
    if called != issuer:
        tell(issuer, called)
        raise AnnenUtsteder(issuer, called)


def tell(satt: str, heter: str) -> None:
    """Write in the log what the settings call an issuer, and what it calls itself."""
    log.error("issuer_called_otherwise", extra={"satt": satt, "heter": heter})


def fetch_json(url: str) -> Mapping[str, Any]:
    """GET a JSON object. RequestException when nobody answers, ValueError when the answer is something else."""
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
