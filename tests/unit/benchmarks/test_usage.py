"""What is said of how to run the benchmarks is true of every one."""

from __future__ import annotations

import re

from benchmarks import __main__ as command
from tests.architecture.tree import ROOT

TEXT = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
USAGE = re.compile(
    r"`\./run python -m benchmarks\s+\[([a-z|]+)\]\s+\[--quick\] \[--beside N\] \[--rows N\] \[--json FILE\]`"
)


def test_the_two_usage_lines_name_every_benchmark() -> None:
    for said in (TEXT, command.__doc__ or ""):
        assert [one.split("|") for one in USAGE.findall(said)] == [[*command.BENCHMARKS, "all"]]


def test_the_table_says_what_each_measures() -> None:
    assert re.findall(r"(?m)^\| `(\w+)` \|", TEXT) == list(command.BENCHMARKS)
