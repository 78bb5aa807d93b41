"""What draws letters in this release: two that draw alike have the same edition, in every process and on every machine.

The fonts are none of it: they lie with the portal's files, and are handed to whoever draws.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("fonttools", "pillow", "pydyf", "pyphen", "tinycss2", "uharfbuzz", "weasyprint")
"""What lays out and writes a letter, besides our own files."""
BESIDE = (
    "core/address.py",
    "core/calendar.py",
    "core/money.py",
    "utsending/rules.py",
    "utsending/tax.py",
)
"""Files outside this folder that decide what a letter says, below `fiks`."""
_FIKS = Path(__file__).resolve().parents[2]
_KINDS = frozenset({".css", ".py", ".txt"})


@cache
def edition() -> str:
    """SHA-256, in hex, of the libraries' versions and of the files that draw: reckoned once a process."""
    return edition_of(_FIKS, {name: version(name) for name in LIBRARIES})


def edition_of(fiks: Path, libraries: dict[str, str]) -> str:
    """As `edition`, of this folder `fiks` and these versions. Where the folder lies, and when its files were written,
    is no part of it."""
    digest = hashlib.sha256(repr(sorted(libraries.items())).encode())
    drawing = [path for path in (fiks / "utsending" / "brev").rglob("*") if path.suffix in _KINDS]
    for path in sorted([*drawing, *(fiks / name for name in BESIDE)]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(fiks).as_posix()} {content}\n".encode())
    return digest.hexdigest()
