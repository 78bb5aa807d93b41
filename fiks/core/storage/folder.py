"""A folder as object store: identity of the mount, fsync and remains of uploads, which the storage engine
does not handle.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_CUT_OFF = re.compile(r"[0-9a-f]{32}#\d+")
"""File name of a large object while the engine writes it. The engine leaves such files out of every listing.
"""


class Mappe:
    """The folder of a local store, possibly a mount.

    When the mount is gone another folder of the same name appears; files written there are lost when the
    mount is back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: int | None = None

    def is_there(self) -> bool:
        """Return whether the folder is the known one; any existing folder will do until one is known."""
        here = self._identity()
        return here is not None and self._known in (None, here)

    def recognise(self) -> None:
        """Remember this folder's identity: an object of ours was found in it or written to it."""
        if self._known is None:
            self._known = self._identity()

    def _identity(self) -> int | None:
        """Return the folder's inode, None when there is no folder.

        It tells a mounted folder from its mount point, and stays the same when the folder is mounted again.
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
        """Yield the names of unfinished uploads in an inner folder, killed or still running, with their last
        write (UTC).
        """
        for path in (self._path / inner).iterdir():
            if _CUT_OFF.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    yield f"{inner}/{path.name}", datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; one that is already gone is fine."""
        for name in names:
            (self._path / name).unlink(missing_ok=True)
