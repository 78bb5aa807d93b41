"""Reading in a child process with hard limits, so that a hostile file can hurt nobody but its own upload.

The parent starts `reading_child`, writes one JSON request to its stdin and reads JSON lines from its stdout: that it is
ready, the form of the list, rows in chunks, and how it ended. Nothing is unpickled, no secret is inherited. What ends
it before it is ready, or is the machine's (BarnUtilgjengelig), says nothing of the list.
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
from fiks.core import starved
from fiks.core.isolate import START_SECONDS, BarnUtilgjengelig, counted, needing, path_of_open
from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.reading import Liste, Listeform
from fiks.utsending.liste.row import Kontrollert
from fiks.utsending.liste.telling import heard_controlled, heard_rows

MIB = 1024 * 1024
MAX_ANSWER = 256 * MIB
KILLED = str(-signal.SIGKILL)
"""How a child ends that the machine, or an operator, ended."""
READER = "fiks.utsending.liste.reading_child"
_ROOT = Path(fiks.__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` bytes of address space, `cpu` seconds of the child, `wall` seconds without a word from it, while it does
    not wait for a processor (`starved`)."""

    memory: int = 512 * MIB
    cpu: int = 60
    wall: float = 30.0


WITH_CONTROL = Limits(cpu=180)
"""The most rows there may be take half a minute to control; a slow machine has time for them too."""


@contextmanager
def open_list(
    path: Path,
    filename: str,
    mapping: Mapping[str, str | None] | None = None,
    limits: Limits | None = None,
    *,
    names: bool = True,
) -> Iterator[Liste]:
    """`read_list` in a child process; rows stream as they are read, and leaving the block ends the child.

    Raises `ListeFeil`: what `read_list` raises, and FIL_FOR_TUNG when the child dies, stalls or hits a limit. Raises
    BarnUtilgjengelig when no child can be had, or somebody else ended it: nothing is said of the list.
    """
    with _opened(path, filename, mapping, limits or Limits(), names=names) as (form, messages):
        yield Liste(form, heard_rows(messages))


@contextmanager
def open_controlled(
    path: Path, filename: str, mapping: Mapping[str, str | None] | None = None
) -> Iterator[Iterator[Kontrollert]]:
    """The rows of `open_list`, each controlled by itself in the child, beside whoever takes them.

    What the child finds it finds in its own file: a child that was taken over could as well have made up the values.
    """
    with _opened(path, filename, mapping, WITH_CONTROL, control=True) as (_, messages):
        yield heard_controlled(messages)


@contextmanager
def _opened(
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
    """A child that holds the file open, and by which path it finds it: ours may lead to a file without a name."""
    environment = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }
    with needing("BARN_STARTER_IKKE"), path.open("rb") as file:
        there = path_of_open(file.fileno())
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
        raise counted(BarnUtilgjengelig("BARN_STARTER_IKKE", arsak=_end(process)))
    with suppress(BrokenPipeError):  # it is dead, as is seen below
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
    for line in _lines(process.stdout, process.pid, wall):
        message: dict[str, Any] = json.loads(line)
        if "mangler" in message:
            raise counted(BarnUtilgjengelig("BARN_MANGLER_PLASS", arsak=message["mangler"]))
        if "feil" in message:
            raise ListeFeil(message["feil"], felt=message["felt"], **message["params"])
        if message.get("slutt"):
            return
        yield message
    if (end := _end(process)) == KILLED:  # no limit of its own ends it so
        raise counted(BarnUtilgjengelig("BARN_MANGLER_PLASS", arsak=end))
    raise ListeFeil(Filkode.FIL_FOR_TUNG)


def _end(process: subprocess.Popen[bytes]) -> str:
    """How the child ended, in a word; one that has not is in the way."""
    try:
        return str(process.wait(timeout=1))
    except subprocess.TimeoutExpired:
        return "TAUS"


def _lines(stdout: IO[bytes], pid: int, wall: float) -> Iterator[bytes]:
    """Whole lines from the pipe; silence longer than `wall` seconds counts as the child's death (`starved`)."""
    descriptor = stdout.fileno()
    waiting = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        begun = time.monotonic()
        while starved.said_in_time(selector.select, begun + wall, begun + starved.MOST * wall, pid):
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
