"""The platform's own processes under a supervisor that starts again whoever ends, as in production."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

from testmiljo.folders import ROOT
from testmiljo.processes import start_child, stop_child
from testmiljo.stack import BIN, Stack

SUPERVISED_EVERY = 0.05


def dramatiq(lanes: str, threads: int) -> list[str | Path]:
    """One worker process of these lanes."""
    options = ["--processes", "1", "--threads", str(threads), "--worker-shutdown-timeout", "10000"]
    return [BIN / "dramatiq", "workers.broker", *options, "--queues", *lanes.split()]


SWEEPER: list[str | Path] = [BIN / "python", "-m", "workers.sveip"]
SENDERS: dict[str, list[str | Path]] = {
    "send-1": dramatiq("enkelt masse inn", 4),
    "send-2": dramatiq("enkelt masse inn", 4),
    "sveip": SWEEPER,
}
EVERYBODY: dict[str, list[str | Path]] = {
    "send-1": dramatiq("enkelt masse liste inn", 4),
    "send-2": dramatiq("enkelt masse liste inn", 4),
    "pdf-1": dramatiq("render", 1),
    "pdf-2": dramatiq("render", 1),
    "sveip": SWEEPER,
}


class Crew:
    """Named processes, each in a process group of its own. Kills and freezes hit the whole group."""

    def __init__(self, stack: Stack, members: dict[str, list[str | Path]]) -> None:
        self.stack = stack
        self.members = members
        self.killed: list[str] = []
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
        for child in self._running.values():
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

    def freeze(self, name: str) -> None:
        """SIGSTOP: the process stands still with its connections open."""
        _signal(self._running[name], signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        _signal(self._running[name], signal.SIGCONT)

    def _start(self, name: str) -> None:
        environ = self.stack.environ | {"dramatiq_queue_prefetch": "1", "dramatiq_worker_timeout": "100"}
        log = self.stack.folder / f"{name}.log"
        self._running[name] = start_child(self.members[name], env=environ, log=log, cwd=ROOT)

    def _supervise(self) -> None:
        while not self._over.is_set():
            with self._guard:
                for name, child in list(self._running.items()):
                    if child.poll() is not None:
                        self._start(name)
            time.sleep(SUPERVISED_EVERY)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
