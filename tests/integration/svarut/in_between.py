"""Somebody else who does something, and commits it, between two statements of one use case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

from sqlalchemy import Engine, event

from tests.integration.databases import QuickProcess
from tests.integration.utsending.at_once import elsewhere


@contextmanager
def before_statement(
    words: str, process: QuickProcess, act: Callable[[], object], *, number: int = 0
) -> Iterator[None]:
    """Do this, as another process would, before this thread sends statement `number` (from 0) with these words in it.

    It must send that many.
    """
    sending, sent, done = threading.get_ident(), count(), list[bool]()

    def hear(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if threading.get_ident() == sending and words in statement and next(sent) == number:
            with ThreadPoolExecutor(1) as pool:
                elsewhere(pool, process, act).result(timeout=60)
            done.append(True)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert done
