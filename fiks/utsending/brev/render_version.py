"""Renderer version: a digest of the code and libraries that draw letters.

Two releases that draw alike have the same version, in every process and on every machine. Fonts are not part
of the digest: they lie with the portal's files and are passed in by the caller.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("fonttools", "pillow", "pydyf", "pyphen", "tinycss2", "uharfbuzz", "weasyprint")
"""Libraries that lay out and write a letter, besides our own files."""
FILES_OUTSIDE = (
    "core/values/address.py",
    "core/values/calendar.py",
    "core/values/money.py",
    "utsending/rules.py",
    "utsending/liste/property_tax.py",
)
"""Files outside this folder, below `fiks`, that decide what a letter says."""
_FIKS = Path(__file__).resolve().parents[2]
_KINDS = frozenset({".css", ".py", ".txt"})


@cache
def render_version() -> str:
    """Return the SHA-256 (hex) of library versions and drawing files; computed once per process."""
    return render_version_of(_FIKS, {name: version(name) for name in LIBRARIES})


def render_version_of(fiks: Path, libraries: dict[str, str]) -> str:
    """Return the version for this folder `fiks` and these library versions.

    Install location and file times do not count.
    """
    digest = hashlib.sha256(repr(sorted(libraries.items())).encode())
    drawing = [path for path in (fiks / "utsending" / "brev").rglob("*") if path.suffix in _KINDS]
    for path in sorted([*drawing, *(fiks / name for name in FILES_OUTSIDE)]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(fiks).as_posix()} {content}\n".encode())
    return digest.hexdigest()
