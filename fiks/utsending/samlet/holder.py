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
class _Held:
    objekt: str
    fil: Storfil
    pid: int


_guard = threading.Lock()
_held: list[_Held] = []


@contextmanager
def open_file(objekt: str, nokkel: bytes) -> Iterator[Storfil]:
    """Yield the stored big PDF, opened; one piece of work per process at a time. Raises the object store's
    errors.
    """
    with _guard:
        if not _held or _held[0].objekt != objekt or _held[0].pid != os.getpid():
            _let_go()
            env = current()
            fil = Storfil(env.store.read_document(objekt, nokkel, env.keys))
            _held.append(_Held(objekt, fil, os.getpid()))
        try:
            yield _held[0].fil
        except BaseException:
            _let_go()
            raise


def release() -> None:
    """Close the file when there is no more work on it."""
    with _guard:
        _let_go()


def _let_go() -> None:
    while _held:
        _held.pop().fil.close()
