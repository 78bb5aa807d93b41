"""`python -m config.start NAME PORT COMMAND…`: become the command, with environment for its metrics,
connection name and priority.

The command replaces this process, so it receives its supervisor's signals. METRICS_PORT is PORT unless it is
set. Connections to PostgreSQL are named "fiks NAME", by which the page Drift shows them. gunicorn and
dramatiq start child processes: they get an empty folder in which their family counts (`config.metrics`). Work
that nobody watches runs at lower priority.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

DRAMATIQ = frozenset({"dramatiq", "workers.master"})
FAMILIES = DRAMATIQ | {"gunicorn"}
PREFIX = "fiks-metrics-"
NICENESS = {"send": 5, "inn": 10, "pdf": 15}
"""Niceness per process. Pages that people wait for come first, then letters on their way, then receipts, then
the drawing of mass mailings.
"""
_SESSION_TRIES, _SESSION_PAUSE = 10, 0.15


def environment(name: str, port: str, command: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the command's environment: `own`, and what it lacks."""
    environ = {"METRICS_PORT": port, "PGAPPNAME": f"fiks {name}", **own}
    if program(command) in FAMILIES:
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(empty_folder(Path(tempfile.gettempdir())))
    return {**dramatiq_environment(command), **environ}


def program(command: Sequence[str]) -> str:
    """Return the program of a command, or the module after `python -m`."""
    return command[2] if list(command[1:2]) == ["-m"] else Path(command[0]).name


def dramatiq_environment(command: Sequence[str]) -> dict[str, str]:
    """Return dramatiq's polling settings; empty for other commands.

    A process prefetches as many rings of a lane as it has threads: with fewer its other threads idle, with
    more it keeps from others work it cannot start. An idle thread checks four times a second whether to stop
    (a ring wakes it at once); how often rings are polled for is `config.broker.POLL_MS`.
    """
    if program(command) not in DRAMATIQ:
        return {}
    threads = command[command.index("--threads") + 1]
    return {"dramatiq_queue_prefetch": threads, "dramatiq_worker_timeout": "250"}


def lower_priority(name: str, pid: int) -> None:
    """Lower the priority of a process and its later children, if its name is in `NICENESS`.

    Where Linux divides its time among sessions before processes ("autogroup"), a session of the process's own
    gets lower priority too; with systemd and in containers the operator sets the groups' weights instead.
    """
    niceness = NICENESS.get(name)
    if niceness is None:
        return
    os.setpriority(os.PRIO_PROCESS, pid, max(niceness, os.getpriority(os.PRIO_PROCESS, pid)))
    if os.getsid(pid) == pid:
        with suppress(OSError):  # no such kernel, or not ours to set: the process's own niceness stands
            _set_session(Path(f"/proc/{pid}/autogroup"), niceness)


def _set_session(autogroup: Path, niceness: int) -> None:
    """Set the session's niceness. Linux accepts one such change per tenth of a second from all non-root
    users; others retry.
    """
    for _ in range(_SESSION_TRIES):
        try:
            autogroup.write_text(str(niceness))
            return
        except BlockingIOError:
            time.sleep(_SESSION_PAUSE)
    autogroup.write_text(str(niceness))


def empty_folder(within: Path) -> Path:
    """Return an empty folder that only we may enter, named by this process. Folders of dead processes are
    removed.
    """
    for other in within.glob(f"{PREFIX}*"):
        if not _lives(other.name.removeprefix(PREFIX)):
            shutil.rmtree(other, ignore_errors=True)
    own = within / f"{PREFIX}{os.getpid()}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700)
    return own


def _lives(pid: str) -> bool:
    """Return whether another process with this number exists; True for a name that is no number."""
    if not pid.isdecimal():
        return True
    if int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(argv: Sequence[str]) -> None:
    """Become the command; exit with a usage message when arguments are missing."""
    if len(argv) < 3 or not argv[1].isdecimal():
        sys.exit("usage: python -m config.start NAME PORT COMMAND…")
    name, port, *command = argv
    environ = environment(name, port, command, os.environ)
    lower_priority(name, os.getpid())
    os.execvpe(command[0], command, environ)


if __name__ == "__main__":
    main(sys.argv[1:])
