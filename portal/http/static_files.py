"""URLs of static files that may be cached for ever: the content's hash is part of the address.

During a roll-out a page of one release may ask a process of the other for its files. The answer is then not
the file whose hash is in the address, and must not be cached under it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, url_for


def static_url(filename: str) -> str:
    """Return the URL of a static file with its content's hash."""
    return url_for("static", filename=filename, v=_version(filename))


def is_current_version(filename: str, v: str) -> bool:
    """Whether `v` of an address is the hash of this process's own file, so that the answer may be cached
    under it.
    """
    return v == _version(filename)


def _version(filename: str) -> str:
    assert current_app.static_folder is not None
    path = Path(current_app.static_folder) / filename
    return _digest(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=256)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if changed else "0"


def init_app(app: Flask) -> None:
    """Make `static_url` known to the templates."""
    app.jinja_env.globals["static_url"] = static_url
