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


class Mappe:
    """The folder that a local store lies in; perhaps a mounted one.

    Where it is mounted no more there is another of its name; what is written there is lost when it is back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: int | None = None

    def is_there(self) -> bool:
        """Whether the folder is the one we know, or there is one and we know none yet."""
        here = self._identity()
        return here is not None and self._known in (None, here)

    def recognise(self) -> None:
        """Something of ours was found or put here: from now on the folder is the one it is now."""
        if self._known is None:
            self._known = self._identity()

    def _identity(self) -> int | None:
        """What tells a folder from another of the same name, as one that is mounted from the one it is mounted on, and
        is the same when it is mounted anew. None where there is none.
        """
        try:
            return self._path.stat().st_ino
        except OSError:
            return None

    def force_to_disk(self, name: str) -> None:
        """Make a finished file, and the folders that name it, survive a power cut."""
        path = self._path / name
        for place in (path, *(folder for folder in path.parents if folder.is_relative_to(self._path))):
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def cut_off_in(self, inner: str) -> Iterator[tuple[str, datetime]]:
        """What uploads that were killed have left in a folder of it, and what is being written: the names, and when
        each was last written to (UTC).
        """
        for path in (self._path / inner).iterdir():
            if _CUT_OFF.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    yield f"{inner}/{path.name}", datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; one that is gone already is fine."""
        for name in names:
            (self._path / name).unlink(missing_ok=True)
