"""Reads a list in a child process with hard limits, so that a hostile file can only hurt its own upload.

The parent starts `main`, writes one JSON request to its stdin and reads JSON lines from its stdout: ready,
the form of the list, rows in chunks, and the end. Nothing is unpickled, no secret is inherited. An end before
it is ready, or for lack of machine resources (BarnUtilgjengelig), says nothing about the list.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import fiks
from fiks.core.isolate import (
    START_SECONDS,
    BarnUtilgjengelig,
    count_unavailable,
    path_of_open_file,
    unavailable_on_os_error,
)
from fiks.core.processes import cpu_starvation
from fiks.utsending.liste.child.protocol import decode_controlled, decode_rows
from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.liste.source.reader import Liste, Listeform

MIB = 1024 * 1024
MAX_ANSWER = 256 * MIB
KILLED_EXIT = str(-signal.SIGKILL)
"""Exit status of a child killed by the machine or an operator."""
READER = "fiks.utsending.liste.child.main"
_ROOT = Path(fiks.__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory`: bytes of address space. `cpu`: seconds. `wall`: seconds without output while it gets a
    processor (`starved`).
    """

    memory: int = 512 * MIB
    cpu: int = 60
    wall: float = 30.0


WITH_CONTROL = Limits(cpu=180)
"""The largest list takes half a minute to control; slow machines need more."""


@contextmanager
def open_list(
    path: Path,
    filename: str,
    mapping: Mapping[str, str | None] | None = None,
    limits: Limits | None = None,
    *,
    names: bool = True,
) -> Iterator[Liste]:
    """Run `read_list` in a child process; rows stream as they are read. Leaving the block ends the child.

    Raises `ListeFeil`: the errors of `read_list`, and FIL_FOR_TUNG when the child dies, stalls or hits a
    limit. Raises BarnUtilgjengelig when no child can be started, or something else killed it: then nothing is
    known of the list.
    """
    with _run_child(path, filename, mapping, limits or Limits(), names=names) as (form, messages):
        yield Liste(form, decode_rows(messages))


@contextmanager
def open_controlled(
    path: Path, filename: str, mapping: Mapping[str, str | None] | None = None
) -> Iterator[Iterator[Kontrollert]]:
    """Yield the rows of `open_list`, each controlled on its own in the child, in parallel with the caller.

    The child's findings concern only its own file: a compromised child could as well have invented the
    values.
    """
    with _run_child(path, filename, mapping, WITH_CONTROL, control=True) as (_, messages):
        yield decode_controlled(messages)


@contextmanager
def _run_child(
    path: Path,
    filename: str,
    mapping: Mapping[str, str | None] | None,
    limits: Limits,
    *,
    names: bool = True,
    control: bool = False,
) -> Iterator[tuple[Listeform, Iterator[dict[str, Any]]]]:
    process, there = _start(path)
    try:
        assert process.stdin is not None and process.stdout is not None
        request = {
            "path": there,
            "filename": filename,
            "mapping": dict(mapping) if mapping is not None else None,
            "names": names,
            "control": control,
            "memory": limits.memory,
            "cpu": limits.cpu,
        }
        messages = _messages(process, request, limits.wall)
        first = next(messages)
        form = first["form"]
        tuples = {name: tuple(form[name]) for name in ("overskrifter", "ukjente", "mangler", "andre_ark")}
        yield Listeform(**{**form, **tuples}), messages
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None and not stream.closed:
                _close(stream)


def _start(path: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a child that holds the file open; return it and the path under which it finds the file."""
    environment = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }
    with unavailable_on_os_error("BARN_STARTER_IKKE"), path.open("rb") as file:
        there = path_of_open_file(file.fileno())
        process = subprocess.Popen(
            [sys.executable, "-m", READER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            pass_fds=(file.fileno(),),
        )
    assert process.stdout is not None
    with suppress(OSError):  # more than this user may have: then the child gets less far ahead of us
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, MIB)
    return process, there


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return  # the child died before it had read the request; its death is reported where it is noticed


def _messages(
    process: subprocess.Popen[bytes], request: dict[str, Any], wall: float
) -> Iterator[dict[str, Any]]:
    assert process.stdin is not None and process.stdout is not None
    if next(_lines(process.stdout, process.pid, START_SECONDS), None) is None:
        raise count_unavailable(BarnUtilgjengelig("BARN_STARTER_IKKE", arsak=_exit_reason(process)))
    with suppress(BrokenPipeError):  # it is dead, as is seen below
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
    for line in _lines(process.stdout, process.pid, wall):
        message: dict[str, Any] = json.loads(line)
        if "mangler" in message:
            raise count_unavailable(BarnUtilgjengelig("BARN_MANGLER_PLASS", arsak=message["mangler"]))
        if "feil" in message:
            raise ListeFeil(message["feil"], felt=message["felt"], **message["params"])
        if message.get("slutt"):
            return
        yield message
    if (end := _exit_reason(process)) == KILLED_EXIT:  # no limit of its own ends it so
        raise count_unavailable(BarnUtilgjengelig("BARN_MANGLER_PLASS", arsak=end))
    raise ListeFeil(Filkode.FIL_FOR_TUNG)


def _exit_reason(process: subprocess.Popen[bytes]) -> str:
    """Return the child's exit status as text; TAUS if it is still running."""
    try:
        return str(process.wait(timeout=1))
    except subprocess.TimeoutExpired:
        return "TAUS"


def _lines(stdout: IO[bytes], pid: int, wall: float) -> Iterator[bytes]:
    """Yield whole lines from the pipe; silence longer than `wall` seconds counts as death (`starved`)."""
    descriptor = stdout.fileno()
    waiting = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        begun = time.monotonic()
        while cpu_starvation.answered_in_time(
            selector.select, begun + wall, begun + cpu_starvation.MAX_STRETCH * wall, pid
        ):
            block = os.read(descriptor, MIB)
            if not block:
                return
            waiting += block
            if len(waiting) > MAX_ANSWER:
                return
            if b"\n" in block:
                *whole, rest = bytes(waiting).split(b"\n")
                waiting = bytearray(rest)
                yield from whole
            begun = time.monotonic()
