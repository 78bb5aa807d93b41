"""What a run took: seconds by stage, and processor seconds by who used them, read from Linux's /proc."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
OUTSIDE = "testmiljø"
SERVERS = {"postgres": "PostgreSQL", "valkey": "Valkey"}


@dataclass(frozen=True, slots=True)
class Forbruk:
    """`etapper` are seconds by stage in order, `prosessortid` processor seconds by process; empty where there is no
    /proc."""

    etapper: Mapping[str, float]
    prosessortid: Mapping[str, float]

    @property
    def sekunder(self) -> float:
        return sum(self.etapper.values())

    @property
    def utenfor(self) -> float:
        """The share of the processor time that the world outside used (0–1)."""
        return self.prosessortid.get(OUTSIDE, 0.0) / (sum(self.prosessortid.values()) or 1.0)


class Effort:
    """Counts from when it is made. `product` are the product's own processes by name, as they are now."""

    def __init__(self, product: Mapping[str, int], seconds: Callable[[], float] = time.monotonic) -> None:
        self._product, self._seconds = dict(product), seconds
        self._last, self._stages = seconds(), dict[str, float]()
        self._before = _used(self._product)

    def ended(self, stage: str) -> float:
        """A stage has ended now; return the seconds it took."""
        now = self._seconds()
        self._stages[stage], self._last = now - self._last, now
        return self._stages[stage]

    def all(self) -> Forbruk:
        """What was used up to now."""
        used = {who: s - self._before.get(who, 0.0) for who, s in _used(self._product).items()}
        return Forbruk(dict(self._stages), {who: max(0.0, s) for who, s in used.items()})


def _used(product: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds up to now of this process and all it has started, whose children that ended are counted too."""
    parents, seconds, commands = _processes()
    names = {pid: name for name, pid in product.items()}
    found: defaultdict[str, float] = defaultdict(float)
    for pid, used in seconds.items():
        line = list(_ancestors(pid, parents))
        if os.getpid() not in line:
            continue
        own = next((names[one] for one in line if one in names), None)
        server = next((name for word, name in SERVERS.items() if word in commands[pid]), None)
        found[own or server or OUTSIDE] += used
    return found


def _ancestors(pid: int, parents: Mapping[int, int]) -> list[int]:
    line = []
    while pid:
        line.append(pid)
        pid = parents.get(pid, 0)
    return line


def _processes() -> tuple[dict[int, int], dict[int, float], dict[int, str]]:
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    commands: dict[int, str] = {}
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since the folder was listed
        pid = int(entry.name)
        parents[pid], commands[pid] = int(stat[1]), command
        seconds[pid] = sum(map(int, stat[11:15])) / TICKS
    return parents, seconds, commands
