"""Return paths after a login: only a path of our own site is accepted, whatever the query parameter holds."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

HOME = "/"
LONGEST = 2_400
"""Longest path in characters: room for a full page of «Utskriftskø» with every letter ticked. Percent-encoded
in the login's address it grows by two thirds, to 4 000; gunicorn accepts 4 094 in a request line.
"""

# Browsers drop control characters and read a backslash as a slash, so neither may occur anywhere.
_PLAIN = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def own_path(path: str | None) -> str:
    """Return `path` if it is a path (with query) of our own site, else the front page."""
    if not path or len(path) > LONGEST or not _PLAIN.fullmatch(path):
        return HOME
    parts = urlsplit(path)
    return HOME if parts.scheme or parts.netloc else path
