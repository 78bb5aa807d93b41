"""The one big PDF a worker process has open: kept between pieces of work on the same file, and let go when they end."""

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
    """The stored big PDF, opened; one piece of work of this process at a time. Errors of the store pass through."""
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
    """Close the file: there is no more work on it."""
    with _guard:
        _let_go()


def _let_go() -> None:
    while _held:
        _held.pop().fil.close()
