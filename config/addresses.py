"""Rules for addresses in settings, and whether one lies on this machine. Nothing is called."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

USUAL_PORTS = {"http": ":80", "https": ":443"}
_ORIGIN = re.compile(r"(https?)://(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


def parse_origin(text: str) -> str:
    """Parse `https://host` into a browser's form: lower case, without default port or slash.

    ValueError for a path, a query or a user too: pages and links begin right after the host.
    """
    origin = text.lower().removesuffix("/")
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise ValueError("not scheme and host alone")
    return origin.removesuffix(USUAL_PORTS[found[1]])


def parse_redis(text: str) -> str:
    """Check `redis://…`, `rediss://…` or `unix:///…`; ValueError for anything else."""
    parts = urlsplit(text)
    has_host = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    if not has_host and not (parts.scheme == "unix" and parts.path):
        raise ValueError("not redis://host:port")
    return text


def parse_database(text: str) -> str:
    """Check that the text is a PostgreSQL URL, in any of its spellings; ValueError for anything else."""
    if urlsplit(text).scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError("not postgresql://")
    return text


def is_absolute(url: str) -> bool:
    """Return whether the URL has a scheme and a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def is_local(url: str) -> bool:
    """Return whether the URL's host is this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
