"""Kill points: every commit of changed rows is a named place where a process can die, right before it or right after.

Nothing in the product marks them. A point is named by the function whose transaction is committed, as
`svarut.delivery.claims.claim`, and `declared` finds every function that has one, so none is forgotten.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from fiks.core import doorbell
from testmiljo.folders import ROOT
from tests.fault.cut import WROTE, CutOff

HOUSE = "fiks."
PLUMBING = "fiks.core.db"


class Nar(StrEnum):
    """Right before the commit nothing of it is there; right after it the bells have not rung."""

    FOR = "før"
    ETTER = "etter"


Punkt = tuple[str, Nar]


class Killpoints:
    """This thread's commits, in order. With `fatal` it dies there the first time, and writes nothing ever after."""

    def __init__(self, fatal: Punkt | None = None) -> None:
        self.fatal = fatal
        self.passed: list[Punkt] = []
        self.dead = False
        self._committing: str | None = None
        self._thread = threading.current_thread()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts. The bells are rung right after a commit and nowhere else, so they are what is wrapped."""
        ring = doorbell.ring_collected

        def committed(session: Session) -> None:
            name, self._committing = self._committing, None
            if name is not None and threading.current_thread() is self._thread:
                self._pass((name, Nar.ETTER))
            ring(session)

        event.listen(Session, "before_commit", self._before)
        doorbell.ring_collected = committed
        try:
            yield
        finally:
            doorbell.ring_collected = ring
            event.remove(Session, "before_commit", self._before)

    def _before(self, session: Session) -> None:
        if threading.current_thread() is not self._thread or session.execute(text(WROTE)).first() is None:
            return
        if self.dead:
            raise CutOff
        self._committing = _name_of_committer()
        if self._committing is not None:
            self._pass((self._committing, Nar.FOR))

    def _pass(self, point: Punkt) -> None:
        self.passed.append(point)
        if point == self.fatal:
            self.dead = True
            self._committing = None
            raise CutOff


def _name_of_committer() -> str | None:
    """The function that opened the transaction: the nearest of the house's on the stack. None: it was a test."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(HOUSE) and module != PLUMBING:
            return f"{module.removeprefix(HOUSE)}.{frame.f_code.co_name}"
    return None


def declared(modules: list[str]) -> set[str]:
    """Every function of these modules (as `svarut.delivery`) that opens a transaction."""
    found: set[str] = set()
    for module in modules:
        tree = ast.parse((ROOT / "fiks" / f"{module.replace('.', '/')}.py").read_text("utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        found |= {f"{module}.{function.name}" for function in functions if _opens_transaction(function)}
    return found


def _opens_transaction(function: ast.FunctionDef) -> bool:
    calls = (
        item.context_expr for node in ast.walk(function) if isinstance(node, ast.With) for item in node.items
    )
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "transaction"
        for call in calls
    )
