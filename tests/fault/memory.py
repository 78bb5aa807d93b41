"""Memory of a crew's processes over time."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from tests.fault.crew import Crew

MOST_GROWTH, SLACK_MB = 1.25, 15


def resident_mb(pid: int) -> float:
    """What the process holds in memory; 0 when it has just died."""
    path = Path(f"/proc/{pid}/status")
    try:
        lines = path.read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


class Memory:
    """Samples of each member, all its processes together."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.samples: dict[str, list[float]] = defaultdict(list)

    def sample(self) -> None:
        for name in self.crew.members:
            self.samples[name].append(sum(resident_mb(pid) for pid in self.crew.pids(name)))

    def quarters(self, name: str) -> tuple[float, float]:
        """Medians of the first and the last quarter of the samples."""
        taken = self.samples[name]
        length = max(1, len(taken) // 4)
        return statistics.median(taken[:length]), statistics.median(taken[-length:])

    def grown(self, names: Collection[str]) -> list[str]:
        """Which of these hold noticeably more in the last quarter than in the first."""
        found = []
        for name in names:
            first, last = self.quarters(name) if self.samples[name] else (0, 0)
            if last > first * MOST_GROWTH and last - first > SLACK_MB:
                found.append(name)
        return found

    def table(self) -> str:
        lines = ["| prosess | startet | første kvarter | siste kvarter | mest |", "|---|---|---|---|---|"]
        for name, taken in self.samples.items():
            first, last = self.quarters(name)
            starts = self.crew.started[name]
            lines.append(f"| {name} | {starts} | {first:.0f} MB | {last:.0f} MB | {max(taken):.0f} MB |")
        return "\n".join(lines)
