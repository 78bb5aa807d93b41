"""`python -m config.start NAME PORT COMMAND…`: become the command, with what its metrics and connections are called.

The command takes this process's place, so that its supervisor's signals reach it. METRICS_PORT is PORT unless it is
set. Connections to PostgreSQL are called "fiks NAME", by which the page Drift knows whose they are. gunicorn and
dramatiq start others: they get an empty folder in which their family counts (`config.metrics`). What nobody looks at
while it is done stands behind the others on its machine.
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
"""How far behind the others a process stands on its machine. First comes whoever looks at a page, then letters on their
way, then receipts, then the drawing of mass mailings."""
_SESSION_TRIES, _SESSION_PAUSE = 10, 0.15


def environment(name: str, port: str, command: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """The command's environment: `own`, and what it lacks."""
    environ = {"METRICS_PORT": port, "PGAPPNAME": f"fiks {name}", **own}
    if program(command) in FAMILIES:
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(empty_folder(Path(tempfile.gettempdir())))
    return {**listening(command), **environ}


def program(command: Sequence[str]) -> str:
    """The program that a command runs, or the module after `python -m`."""
    return command[2] if list(command[1:2]) == ["-m"] else Path(command[0]).name


def listening(command: Sequence[str]) -> dict[str, str]:
    """How a dramatiq process listens for rings; empty for other commands.

    Of a lane it holds no more rings than it has threads: with fewer its other threads stand idle, with more it keeps
    from others what it cannot begin. A thread with nothing to do looks four times a second whether it is to end (a
    ring wakes it at once); how often rings are looked for is `config.broker.POLL_MS`.
    """
    if program(command) not in DRAMATIQ:
        return {}
    threads = command[command.index("--threads") + 1]
    return {"dramatiq_queue_prefetch": threads, "dramatiq_worker_timeout": "250"}


def stand_back(name: str, pid: int) -> None:
    """Let a process and what it will start stand behind the others, if its name says so (`NICENESS`).

    Where Linux shares its time among sessions before it does among processes ("autogroup"), a session of the process's
    own stands back too; with systemd and in containers, groups' weights are set by whoever runs them instead.
    """
    niceness = NICENESS.get(name)
    if niceness is None:
        return
    os.setpriority(os.PRIO_PROCESS, pid, max(niceness, os.getpriority(os.PRIO_PROCESS, pid)))
    if os.getsid(pid) == pid:
        with suppress(OSError):  # no such kernel, or not ours to set: the process's own niceness stands
            _set_session(Path(f"/proc/{pid}/autogroup"), niceness)


def _set_session(autogroup: Path, niceness: int) -> None:
    """Linux takes one such change in a tenth of a second from all who are not root; the others may come again."""
    for _ in range(_SESSION_TRIES):
        try:
            autogroup.write_text(str(niceness))
            return
        except BlockingIOError:
            time.sleep(_SESSION_PAUSE)
    autogroup.write_text(str(niceness))


def empty_folder(within: Path) -> Path:
    """A folder that only we may enter, named by this process. Those whose process is no more are removed."""
    for other in within.glob(f"{PREFIX}*"):
        if not _lives(other.name.removeprefix(PREFIX)):
            shutil.rmtree(other, ignore_errors=True)
    own = within / f"{PREFIX}{os.getpid()}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700)
    return own


def _lives(pid: str) -> bool:
    """Whether a process of this number, not our own, is there; of a name that is no number nothing is known."""
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
    """Become the command; SystemExit with a sentence for arguments that say none."""
    if len(argv) < 3 or not argv[1].isdecimal():
        sys.exit("usage: python -m config.start NAME PORT COMMAND…")
    name, port, *command = argv
    environ = environment(name, port, command, os.environ)
    stand_back(name, os.getpid())
    os.execvpe(command[0], command, environ)


if __name__ == "__main__":
    main(sys.argv[1:])
