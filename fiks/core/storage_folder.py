"""A folder as an object store: what its engine does not tell of it, and does not do for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_CUT_OFF = re.compile(r"[0-9a-f]{32}#\d+")
"""What the engine calls a large object while it writes it. It leaves such files out of every listing."""


def identity(folder: Path) -> int | None:
    """What tells a folder from another of the same name, as one that is mounted from the one it is mounted on, and is
    the same when it is mounted anew. None where there is none.
    """
    try:
        return folder.stat().st_ino
    except OSError:
        return None


def force_to_disk(path: Path, root: Path) -> None:
    """Make a finished file, and the folders that name it, survive a power cut."""
    for place in (path, *(folder for folder in path.parents if folder.is_relative_to(root))):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def cut_off_in(folder: Path) -> Iterator[tuple[str, datetime]]:
    """Names of what uploads that were killed have left, and of what is being written, with when it last was (UTC)."""
    for path in folder.iterdir():
        if _CUT_OFF.fullmatch(path.name):
            with suppress(FileNotFoundError):
                yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)


def remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files; one that is gone already is fine."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
