"""`./run python -m benchmarks [decision|ingest|intake|letters|all] [--quick]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import decision, ingest, intake, letters
from benchmarks.report import Report, as_json

BENCHMARKS: dict[str, Callable[..., Report]] = {
    "decision": decision.run,
    "letters": letters.run,
    "ingest": ingest.run,
    "intake": intake.run,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; 0 when every figure keeps its limit."""
    parser = argparse.ArgumentParser(
        prog="./run python -m benchmarks", description="What the platform costs."
    )
    parser.add_argument("which", nargs="?", choices=[*BENCHMARKS, "all"], default="all")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that nothing is much worse")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the JSON there and not after the tables"
    )
    options = parser.parse_args(argv)
    names = list(BENCHMARKS) if options.which == "all" else [options.which]
    reports = []
    for name in names:
        reports.append(BENCHMARKS[name](quick=options.quick))
        print(reports[-1].markdown(), end="\n\n", flush=True)
    if options.json is not None:
        options.json.write_text(as_json(reports) + "\n", "utf-8")
    else:
        print(as_json(reports))
    return 0 if all(report.good for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
