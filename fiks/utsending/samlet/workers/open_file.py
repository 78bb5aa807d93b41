"""The big PDF a worker process has open: reused between pieces of work on the same file, then closed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fiks.core.environment import current
from fiks.pdf.cut import Storfil


@dataclass(slots=True)
class _OpenFile:
    objekt: str
    fil: Storfil
    pid: int


_guard = threading.Lock()
_open_files: list[_OpenFile] = []


@contextmanager
def open_file(objekt: str, nokkel: bytes) -> Iterator[Storfil]:
    """Yield the stored big PDF, opened; one piece of work per process at a time. Raises the object store's
    errors.
    """
    with _guard:
        if not _open_files or _open_files[0].objekt != objekt or _open_files[0].pid != os.getpid():
            _close_files()
            env = current()
            fil = Storfil(env.store.read_document(objekt, nokkel, env.keys))
            _open_files.append(_OpenFile(objekt, fil, os.getpid()))
        try:
            yield _open_files[0].fil
        except BaseException:
            _close_files()
            raise


def release_file() -> None:
    """Close the file when there is no more work on it."""
    with _guard:
        _close_files()


def _close_files() -> None:
    while _open_files:
        _open_files.pop().fil.close()
