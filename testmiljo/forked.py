"""Python programs started as forks of this process, which has imported their modules already.

Importing takes each of the product's processes almost two seconds of processor time, which on two cores is most of what
a demo of 240 letters costs. The programs are the same, with the same arguments, environment and signals; only their
start is shared, as with gunicorn's `--preload`. Linux only. Nothing may be forked once this process has threads.
"""

from __future__ import annotations

import ctypes
import gc
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
NAME_BYTES = 15
"""How much of a process's name Linux keeps."""


class Forked:
    """A forked program, with what `subprocess.Popen` has for a child that is waited for and signalled."""

    def __init__(self, pid: int, args: Sequence[str]) -> None:
        self.pid, self.args = pid, list(args)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; subprocess.TimeoutExpired after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def fork_program(
    module: str, arguments: Sequence[str], *, name: str, env: Mapping[str, str], log: Path | None, cwd: Path
) -> Forked:
    """Run `python -m module arguments…` in a fork, in a session of its own; it gets TERM when we die.

    Its output goes to the end of `log`, or where ours goes. `name` is what `ps` and `top` call it.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what is imported stays shared: the collector leaves it alone
    parent = os.getpid()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        os.read(reading, 1)  # the child closes its end when it stands by itself
        os.close(reading)
        return Forked(pid, [sys.executable, "-m", module, *arguments])
    code = 1
    try:
        _detach(parent, name, env, log, cwd)
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException:  # noqa: BLE001 # nothing of the child may run on in what is the parent's code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _detach(parent: int, name: str, env: Mapping[str, str], log: Path | None, cwd: Path) -> None:
    """Become a process of its own: session, signals, files, environment and folder."""
    os.setsid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    libc.prctl(PR_SET_NAME, name.encode()[:NAME_BYTES])
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _point(os.open(os.devnull, os.O_RDONLY), 0)
    if log is not None:
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(written, 2)
        _point(written, 1)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)


def _point(descriptor: int, number: int) -> None:
    os.dup2(descriptor, number)
    os.close(descriptor)


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1
