"""The child's side of `isolate`: lock the process down, then do jobs for the parent until it closes the pipe.

Started as `python isolate_child.py LIMITS`; never imported. A room's own `__init__` is not run here, since it
loads the database layer or the network, and a child that opens strangers' files should know neither.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from fiks.core.errors import FiksError
from fiks.core.isolate_wire import FOLDER_PREFIX, decode, encode
from fiks.core.processes import cpu_starvation
from fiks.core.processes.machine_faults import AnnenUtgave, fault_name, is_machine_fault

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_DENIED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")
_MB = 1024 * 1024
_ROOMS = Path(__file__).resolve().parents[1]


def main() -> NoReturn:
    """Take over the pipes, lock the process down, and serve."""
    limits = json.loads(sys.argv[1])
    source, sink = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    lock_down(int(limits["memory_mb"]))

    def read(length: int) -> bytes:
        data = source.read(length)
        if len(data) < length:
            exit_orphaned()
        return data

    send(sink, {"verdi": "klar"})
    while True:
        name, args = decode(read)
        set_time_limits(int(limits["cpu_seconds"]), float(limits["wall_seconds"]))
        answer = run(name, args)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(sink, answer)


def lock_down(memory_mb: int) -> None:
    """Forbid network, new processes and core files; limit memory and file sizes."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    libc.unshare(flags)  # where the kernel refuses, the audit hook below still stands
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * _MB, 64 * _MB))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
    sys.addaudithook(refuse_event)


def refuse_event(event: str, _args: tuple[Any, ...]) -> None:
    """Audit hook: raise PermissionError on any use of the network or of another process."""
    if event.startswith(_DENIED) and event != "socket.__new__":
        raise PermissionError(event)


def set_time_limits(cpu_seconds: int, wall_seconds: float) -> None:
    """Set the time limits of the next job; the kernel ends this process when they pass.

    The wall-clock limit is only a backstop: the parent sees whether the child hangs or waits for a processor,
    but it may be gone.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, hard))
    signal.setitimer(signal.ITIMER_REAL, cpu_starvation.MAX_STRETCH * wall_seconds + 1)


def run(name: str, args: list[Any]) -> dict[str, Any]:
    """Call the function; return its value, or its error as codes."""
    try:
        work = find_function(name)
        require_matching_arguments(work, args)
        return {"verdi": work(*args)}
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent gets its type and never its text
        return error_answer(error)


def find_function(name: str) -> Callable[..., Any]:
    """Return the function of this name.

    ImportError also for a library that is missing when the module loads it, and for a function that only
    another release has.
    """
    module, _, function = name.partition(":")
    stub_room_package(module)
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except OSError as error:
        raise ImportError(module) from error
    except AttributeError as error:
        raise AnnenUtgave(name) from error
    return found


def require_matching_arguments(work: Callable[..., Any], args: list[Any]) -> None:
    """Raise AnnenUtgave unless the function takes these arguments. C functions without a signature pass."""
    try:
        signature(work).bind(*args)
    except TypeError as error:
        raise AnnenUtgave from error
    except ValueError:
        return


def error_answer(error: BaseException) -> dict[str, Any]:
    """Return an error as codes: the machine's, one of the house's own, or an unforeseen one."""
    if is_machine_fault(error):
        arsak = {"arsak": fault_name(error)}
        return {"feil": "BarnUtilgjengelig", "kode": "BARN_MANGLER_PLASS", "params": arsak}
    if isinstance(error, FiksError):
        return {"feil": type(error).__name__, **error.to_wire()}
    if isinstance(error, MemoryError):
        return {"feil": "BarnFeil", "kode": "BARN_MINNE"}
    return {"feil": "BarnFeil", "kode": "BARN_FEIL", "params": {"type": type(error).__name__}}


def stub_room_package(module: str) -> None:
    """Put a stub in place of the room's package, so that its `__init__` is not run."""
    house, _, inner = module.partition(".")
    room = inner.partition(".")[0]
    if house == "fiks" and room != "core" and f"fiks.{room}" not in sys.modules:
        stand_in = ModuleType(f"fiks.{room}")
        stand_in.__path__ = [str(_ROOMS / room)]
        sys.modules[f"fiks.{room}"] = stand_in


def send(sink: int, answer: dict[str, Any]) -> None:
    """Write one message; exit when the parent is gone."""
    try:
        for piece in encode(answer):
            view = memoryview(piece)
            while view:
                view = view[os.write(sink, view[: 1 << 20]) :]
    except OSError:
        exit_orphaned()


def exit_orphaned() -> NoReturn:
    """Exit when the parent is gone, and remove the temporary folder."""
    folder = Path(os.environ["TMPDIR"])
    if folder.name.startswith(FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
