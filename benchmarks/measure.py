"""Watching from outside: how much memory processes hold, and percentiles."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PROC = Path("/proc")
INTERVAL = 0.5


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0–1) of the values do not exceed. ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Sample:
    """The largest process of a group at one moment."""

    seconds: float
    mib: float


class Watch:
    """Samples the resident memory of groups of processes until it is left.

    `groups` names root process ids; a group is its root and everything below. `name_of(command)` may put a process in a
    group of its own (a child that reads a file is not the worker that started it).
    """

    def __init__(
        self, groups: Mapping[str, int], name_of: Callable[[str], str | None] = lambda command: None
    ) -> None:
        self._groups, self._name_of = dict(groups), name_of
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.began = 0.0
        self.samples: dict[str, list[Sample]] = defaultdict(list)

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def peak(self, group: str) -> float:
        """The most a process of the group held, MiB."""
        return max(sample.mib for sample in self.samples[group])

    def between(self, group: str, start: float, end: float) -> float:
        """The median of the group's largest process between two moments of the watch (seconds), MiB."""
        held = [sample.mib for sample in self.samples[group] if start <= sample.seconds <= end]
        return percentile(held, 0.5)

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL):
            now = time.monotonic() - self.began
            largest: dict[str, float] = {}
            for name, mib in self._processes():
                largest[name] = max(largest.get(name, 0.0), mib)
            for name, mib in largest.items():
                self.samples[name].append(Sample(now, mib))

    def _processes(self) -> Iterator[tuple[str, float]]:
        parents, memory = _snapshot()
        for pid, mib in memory.items():
            for name, root in self._groups.items():
                if _descends(pid, root, parents):
                    yield self._name_of(_command(pid)) or name, mib


def forget_peak() -> None:
    """Let the most memory that this process has held be counted from now on."""
    (PROC / "self" / "clear_refs").write_text("5")


def peak_of(pid: int) -> float:
    """The most memory that a process has held at once (MiB), exactly; 0 when it is gone."""
    found = [line for line in _read(PROC / str(pid) / "status").splitlines() if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) / 1024 if found else 0.0


def share_of(pid: int) -> float:
    """What a process holds now (MiB), of pages that several have only its share; 0 when it is gone."""
    found = [line for line in _read(PROC / str(pid) / "smaps_rollup").splitlines() if line.startswith("Pss:")]
    return int(found[0].split()[1]) / 1024 if found else 0.0


def children_of(pid: int) -> list[int]:
    """The processes that it has started and that are running."""
    parents, _ = _snapshot()
    return [child for child, parent in parents.items() if parent == pid]


def _snapshot() -> tuple[dict[int, int], dict[int, float]]:
    """({process: parent}, {process: resident MiB}) of this machine now."""
    parents, memory = {}, {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (status := _read(entry / "status")):
            facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            parents[int(entry.name)] = int(facts["PPid"])
            memory[int(entry.name)] = int(facts.get("VmRSS", "0 kB").split()[0]) / 1024
    return parents, memory


def _descends(pid: int, root: int, parents: Mapping[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def _command(pid: int) -> str:
    return _read(PROC / str(pid) / "cmdline").replace("\0", " ")


def _read(path: Path) -> str:
    """The text of a file of /proc; empty when its process has ended."""
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
