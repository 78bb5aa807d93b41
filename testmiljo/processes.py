"""Child processes that end with us: start, wait until ready, stop, and free ports."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

# Below the range from which the kernel takes ports for outgoing connections, so that a server that is restarted
# finds its port free.
PORTS = range(20_000, 32_000)


class ServerFailed(RuntimeError):
    """A server could not be started here; the message says why in a sentence or two."""


class Child(Protocol):
    """A child process: `subprocess.Popen`, or a program that was forked (`testmiljo.forked`)."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on now."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerFailed("No free port between 20000 and 32000 on 127.0.0.1.")


def start_child(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    cwd: Path | None = None,
    prefix: Sequence[str] = (),
    user: tuple[int, int] | None = None,
    death_signal: str = "TERM",
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session; it gets `death_signal` if we die, by kill -9 too (Linux).

    `prefix` goes before the wrapper that sets the signal: a change of credentials would clear it. `user` is (uid,
    gid). Output goes to the end of `log`, or where ours goes.
    """
    wrapper = ["setpriv", "--pdeathsig", death_signal, "--"] if shutil.which("setpriv") else []
    arguments = [*prefix, *wrapper, *map(str, command)]
    uid, gid = user or (None, None)
    output = log.open("ab") if log is not None else None
    try:
        return subprocess.Popen(
            arguments,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            cwd=cwd,
            user=uid,
            group=gid,
            extra_groups=None if user is None else [],
            start_new_session=True,
        )
    finally:
        _close(output)


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        stream.close()


def stop_child(child: Child, *, by: int = signal.SIGTERM, seconds: float = 15) -> int:
    """Send `by`, wait, and kill after `seconds`; return the exit code. Quiet if it has ended already."""
    if child.poll() is None:
        child.send_signal(by)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


def signal_children(children: Iterable[Child]) -> None:
    """Send TERM to all of them that have not ended, and do not wait."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)


def wait_for_children(children: Iterable[Child], *, seconds: float) -> None:
    """Wait for the end of all of them together, and kill those that have not ended after `seconds`."""
    end = time.monotonic() + seconds
    for child in children:
        try:
            child.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until(
    ready: Callable[[], bool], name: str, *, child: Child | None = None, seconds: float = 30
) -> None:
    """Ask `ready` until it is true; ServerFailed when `child` ends first or `seconds` have passed."""
    end = time.monotonic() + seconds
    while not ready():
        if child is not None and child.poll() is not None:
            raise ServerFailed(f"{name} stopped with exit code {child.returncode} before it was ready.")
        if time.monotonic() > end:
            raise ServerFailed(f"{name} was not ready within {seconds:g} seconds.")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Return whether something accepts connections on 127.0.0.1:`port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
