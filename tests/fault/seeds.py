"""The fault tests with many seeds, one after the other, and how often each passed.

    .venv/bin/python -m tests.fault.seeds 10                       everyday sizes, ten seeds
    .venv/bin/python -m tests.fault.seeds 3 --full tests/fault/test_people.py
    .venv/bin/python -m tests.fault.seeds 10 --full -m full     only what the everyday run leaves out
    .venv/bin/python -m tests.fault.seeds 1 --first 4711           seed 4711 alone

Tells of each seed as it ends, and at the end, or when it is broken off, prints a table for docs/palitelighet.md. Exit 1
if any test did not pass with every seed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from testmiljo.folders import ROOT

FOLDER = ["tests/fault", "tests/integration/utsending/test_state_machine.py"]
NOT_BY_CHANCE = ["--ignore=tests/fault/test_breakages.py", "--ignore=tests/fault/test_palitelighet.py"]
LONGEST = 3 * 3_600


@dataclass
class Result:
    """How one test fared with each seed."""

    passed: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def line(self) -> str:
        tried = len(self.passed) + len(self.failed)
        red = f" (rød med {', '.join(map(str, self.failed))})" if self.failed else ""
        left_out = f" ({len(self.skipped)} hoppet over)" if self.skipped else ""
        median = statistics.median(self.seconds) if self.seconds else 0
        return f"{len(self.passed)} av {tried}{red}{left_out} | {median:.1f} s"


Results = dict[str, Result]


def run(seed: int, paths: list[str], options: list[str], results: Results) -> str:
    """Run the tests with one seed and note how each fared; a line about the run."""
    with tempfile.TemporaryDirectory(prefix="fiks-fro-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        environ = os.environ | {"FAULT_SEED": str(seed)}
        begun = time.monotonic()
        done = subprocess.run(
            [*command, *options, *NOT_BY_CHANCE, *paths],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"no tests were run: {(done.stdout + done.stderr)[-2_000:]}")
        reasons = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        for name, outcome, seconds in outcomes(report):
            result = results[name]
            getattr(result, outcome).append(seed)
            if outcome != "skipped":
                result.seconds.append(seconds)
    took = time.monotonic() - begun
    told = "".join(f"\n    {reason[:300]}" for reason in reasons)
    return f"FAULT_SEED={seed}: {'grønn' if done.returncode == 0 else 'RØD'} ({took:.0f} s){told}"


def outcomes(report: Path) -> Iterator[tuple[str, str, float]]:
    """(test, passed | failed | skipped, seconds) of each test in pytest's report."""
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        file = case.get("classname", "").rpartition(".")[2]
        yield f"{file}::{case.get('name')}", outcome, float(case.get("time", "0"))


def table(results: Results) -> str:
    lines = ["| test | grønn med | median |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {result.line} |" for name, result in sorted(results.items()))])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fault.seeds", description=__doc__)
    parser.add_argument("seeds", type=int, help="how many seeds")
    parser.add_argument("paths", nargs="*", default=FOLDER, help="which tests (all)")
    parser.add_argument("--first", type=int, default=1, help="the first seed; the next follow it (1)")
    parser.add_argument("--full", action="store_true", help="the large sizes and the slow faults too")
    parser.add_argument("-k", default="", help="as pytest's")
    parser.add_argument("-m", default="", help="as pytest's")
    asked = parser.parse_intermixed_args()
    chosen = [word for flag in ("k", "m") if (said := getattr(asked, flag)) for word in (f"-{flag}", said)]
    options = [*(["--full"] if asked.full else []), *chosen]
    results: Results = defaultdict(Result)
    try:
        for seed in range(asked.first, asked.first + asked.seeds):
            sys.stderr.write(f"{run(seed, asked.paths, options, results)}\n")
            sys.stderr.flush()
    finally:
        sys.stdout.write(f"{table(results)}\n")
    return 1 if any(result.failed for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
