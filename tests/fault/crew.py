"""The platform's own processes under a supervisor that starts again whoever ends, as in production."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.start import dramatiq_environment
from testmiljo.folders import ROOT
from testmiljo.processes import start_child, stop_child
from testmiljo.stack import BIN, Stack

SUPERVISED_EVERY = 0.05
GRACE_SECONDS = 30
"""What a platform gives a process after TERM (reliability.md 3.3)."""


def dramatiq(lanes: str, threads: int, module: str = "workers.broker") -> list[str | Path]:
    """One worker process of these lanes."""
    options = ["--processes", "1", "--threads", str(threads), "--worker-shutdown-timeout", "10000"]
    return [BIN / "python", "-m", "workers.master", module, *options, "--queues", *lanes.split()]


SWEEPER: list[str | Path] = [BIN / "python", "-m", "workers.sveip"]
SENDERS: dict[str, list[str | Path]] = {
    "send-1": dramatiq("enkelt masse print inn", 4),
    "send-2": dramatiq("enkelt masse print inn", 4),
    "sveip": SWEEPER,
}
EVERYBODY: dict[str, list[str | Path]] = {
    "send-1": dramatiq("enkelt masse print liste inn", 4),
    "send-2": dramatiq("enkelt masse print liste inn", 4),
    "pdf-1": dramatiq("render", 1),
    "pdf-2": dramatiq("render", 1),
    "sveip": SWEEPER,
}


class Crew:
    """Named processes, each in a process group of its own. Kills and freezes hit the whole group.

    `environs` are settings that one member has and the others have not. `started` counts how often each was started.
    """

    def __init__(
        self,
        stack: Stack,
        members: Mapping[str, Sequence[str | Path]],
        environs: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.stack = stack
        self.members = members
        self.environs = environs or {}
        self.killed: list[str] = []
        self.started: Counter[str] = Counter()
        self._orphans: list[subprocess.Popen[bytes]] = []
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def __enter__(self) -> Crew:
        for name in self.members:
            self._start(name)
        self._supervisor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._supervisor.join()
        for child in [*self._running.values(), *self._orphans]:
            _signal(child, signal.SIGCONT)
            _signal(child, signal.SIGKILL)
            stop_child(child)

    def kill(self, name: str) -> None:
        """kill -9, the master and its child at once; the supervisor starts it again."""
        with self._guard:
            _signal(self._running[name], signal.SIGKILL)
            self.killed.append(name)

    def kill_one(self, chance: random.Random, names: list[str] | None = None) -> None:
        """kill -9 somebody."""
        self.kill(chance.choice(names or list(self.members)))

    def kill_master(self, name: str) -> list[int]:
        """kill -9 the master alone, whose children are orphans from then on; returns their process ids."""
        with self._guard:
            master = self._running[name]
            orphans = children_of(master.pid)
            self._orphans.append(master)
            os.kill(master.pid, signal.SIGKILL)
            self.killed.append(name)
        return orphans

    def kill_children(self, name: str) -> None:
        """kill -9 what the master has started, as the kernel does to what holds most memory; the master lives."""
        with self._guard:
            for pid in children_of(self._running[name].pid):
                os.kill(pid, signal.SIGKILL)
            self.killed.append(name)

    def deploy(self, name: str, *, group: bool = False, times: int = 1) -> tuple[int, float]:
        """End a member with TERM as a deploy does, to the master or the whole group, and start the new one.

        Returns its exit code and how many seconds it took to end; raises TimeoutExpired past the platform's grace.
        """
        with self._guard:
            leaving, begun = self._running[name], time.monotonic()
            for _ in range(times):
                if group:
                    _signal(leaving, signal.SIGTERM)
                else:
                    leaving.send_signal(signal.SIGTERM)
                time.sleep(0.1)
            code = leaving.wait(GRACE_SECONDS)
            took = time.monotonic() - begun
            self._start(name)
        return code, took

    def freeze(self, name: str) -> None:
        """SIGSTOP: the process stands still with its connections open."""
        _signal(self._running[name], signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        _signal(self._running[name], signal.SIGCONT)

    def pids(self, name: str) -> list[int]:
        """The member's process and those it has started."""
        with self._guard:
            master = self._running[name].pid
        return [master, *children_of(master)]

    def said(self, name: str) -> str:
        """What the member has logged, through all its lives."""
        return (self.stack.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def _start(self, name: str) -> None:
        command = [str(part) for part in self.members[name]]
        environ = self.stack.environ | dramatiq_environment(command)
        environ |= self.environs.get(name, {})
        log = self.stack.folder / f"{name}.log"
        self._running[name] = start_child(command, env=environ, log=log, cwd=ROOT)
        self.started[name] += 1

    def _supervise(self) -> None:
        while not self._over.is_set():
            with self._guard:
                for name, child in list(self._running.items()):
                    if child.poll() is not None:
                        self._start(name)
            time.sleep(SUPERVISED_EVERY)


def children_of(pid: int) -> list[int]:
    """The processes that `pid` has started and that live."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def alive(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
