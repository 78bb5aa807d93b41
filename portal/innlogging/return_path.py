"""Return paths: where to go after a login. Only a path of our own, whatever the address bar was made to hold."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

HOME = "/"
LONGEST = 2_400
"""Room for a full page of «Utskriftskø» with every letter ticked. In the address of the login it is written once more,
and what is percent-encoded grows by two thirds, to 4 000: the web server takes 4 094 in a request's first line."""

# Browsers drop control characters and read a backslash as a slash, so neither may occur anywhere.
_PLAIN = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def own_path(path: str | None) -> str:
    """Return `path` if it is a path (with query) of our own site, else the front page."""
    if not path or len(path) > LONGEST or not _PLAIN.fullmatch(path):
        return HOME
    parts = urlsplit(path)
    return HOME if parts.scheme or parts.netloc else path
