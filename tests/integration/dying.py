"""Processes that are killed at a chosen step, as by `kill -9`: how they count, and how a test starts one."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from config.paths import ROOT
from fiks.core.storage.store import Store

INHERITED = ("PATH", "HOME", "LANG", "TZ")


class Steps:
    """Counts the steps and dies at the chosen one (0: never)."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.count = itertools.count(1)

    def here(self, *_: object) -> None:
        if next(self.count) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """A document that comes in two pieces, with a step between them."""
        yield content[:100]
        self.here()
        yield content[100:]

    def watch(self) -> None:
        """A step before and after each object and each commit. The store has no hooks of its own, so it is wrapped."""
        put = Store._put

        def watched(store: Store, *args: Any) -> None:
            self.here()
            put(store, *args)
            self.here()

        Store._put = watched  # type: ignore[method-assign]
        event.listen(Session, "before_commit", self.here)
        event.listen(Session, "after_commit", self.here)


def die(module: str, database_url: str, store_url: str, *arguments: object) -> tuple[int, str]:
    """Run the module, which kills itself, on this database and store; return how it ended and what it answered."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"FIKS_ENV": "test", "DATABASE_URL": database_url, "OBJECT_STORE_URL": store_url}
    command = [sys.executable, "-m", f"tests.integration.{module}", *map(str, arguments)]
    ended = subprocess.run(
        command, env=kept | own, cwd=ROOT, stdout=subprocess.PIPE, timeout=120, check=False, text=True
    )
    return ended.returncode, ended.stdout.strip()


def stored_files(store_url: str) -> set[str]:
    """Every file of a store in a folder, whatever it is called."""
    root = Path(store_url.removeprefix("file://"))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
