"""Somebody else who does something, and commits it, between two statements of one use case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
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
    """As `before_any`, of statements with these words in them. This thread must send that many."""
    with before_any([words], process, act, number=number) as done:
        yield
    assert done


@contextmanager
def before_any(
    words: Sequence[str], process: QuickProcess, act: Callable[[], object], *, number: int = 0
) -> Iterator[list[bool]]:
    """Do this, as another process would, before this thread sends statement `number` (from 0) with any of these words
    in it; what is given tells whether it was done.
    """
    sending, sent, done = threading.get_ident(), count(), list[bool]()

    def hear(connection: object, cursor: object, statement: str, *rest: object) -> None:
        mine = threading.get_ident() == sending and any(one in statement for one in words)
        if mine and next(sent) == number:
            with ThreadPoolExecutor(1) as pool:
                elsewhere(pool, process, act).result(timeout=60)
            done.append(True)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield done
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
