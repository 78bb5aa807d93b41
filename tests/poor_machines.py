"""A machine that has no children to give, or no room, for a while."""

from __future__ import annotations

import errno
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from fiks.core import isolate
from fiks.utsending.liste.child import process as child_process

ENDS_AT_ONCE = "import os; os._exit(1)\n"


@contextmanager
def no_children(folder: Path, script: str = ENDS_AT_ONCE) -> Iterator[None]:
    """Every new child ends at its start, as where the kernel takes it or its image lacks a module.

    `folder` is one that the test may write in; `script` is what the child is instead.
    """
    stillborn = folder / "stillborn.py"
    stillborn.write_text(script, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolate, "_CHILD", str(stillborn))
        patch.setattr(child_process.sys, "executable", _runs(folder, stillborn))
        yield


def _runs(folder: Path, script: Path) -> str:
    """A Python that runs this script, whatever it is asked to run."""
    shell = folder / "python"
    shell.write_text(f"#!/bin/sh\nexec {child_process.sys.executable} {script}\n", "utf-8")
    shell.chmod(0o700)
    return str(shell)


def reading_child_that_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next children that read lists say that they are ready, and hang."""
    start = child_process._start

    def stopped(path: Path) -> tuple[subprocess.Popen[bytes], str]:
        process, there = start(path)
        select.select([process.stdout], [], [], 30)
        process.send_signal(signal.SIGSTOP)
        return process, there

    monkeypatch.setattr(child_process, "_start", stopped)


@contextmanager
def no_room(number: int = errno.ENOSPC) -> Iterator[None]:
    """Nothing temporary can be made."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(number, "nothing to be had")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("NamedTemporaryFile", "TemporaryFile", "mkdtemp", "mkstemp"):
            patch.setattr(tempfile, name, refuse)
        yield


@contextmanager
def no_forks() -> Iterator[None]:
    """The kernel lets this process start no other (EAGAIN)."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolate.subprocess, "Popen", refuse)
        yield
