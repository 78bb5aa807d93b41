"""What the platform costs, measured.

`./run python -m benchmarks
[decision|letters|fidelity|pipeline|bundle|split|perrad|ingest|intake|latency|web|handover|night|all]
[--quick] [--beside N] [--rows N] [--json FILE]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    bundle,
    decision,
    fidelity,
    handover,
    ingest,
    intake,
    latency,
    letters,
    night,
    perrad,
    pipeline,
    split,
    web,
)
from benchmarks.mailing import LEAST
from benchmarks.report import Report, as_json

BENCHMARKS: dict[str, Callable[..., Report]] = {
    "decision": decision.run,
    "letters": letters.run,
    "fidelity": fidelity.run,
    "pipeline": pipeline.run,
    "bundle": bundle.run,
    "split": split.run,
    "perrad": perrad.run,
    "ingest": ingest.run,
    "intake": intake.run,
    "latency": latency.run,
    "web": web.run,
    "handover": handover.run,
    "night": night.run,
}

LONG = frozenset({"night"})
"""Not among `all`: they take an hour or more."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; 0 when every figure keeps its limit."""
    parser = argparse.ArgumentParser(
        prog="./run python -m benchmarks", description="What the platform costs."
    )
    parser.add_argument("which", nargs="?", choices=[*BENCHMARKS, "all"], default="all")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that nothing is much worse")
    parser.add_argument(
        "--beside",
        type=int,
        default=0,
        metavar="N",
        help=f"intake: measure beside a mailing of N letters too (at least {LEAST})",
    )
    parser.add_argument(
        "--rows", type=int, default=0, metavar="N", help="pipeline, latency, handover: N letters"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the JSON there and not after the tables"
    )
    options = parser.parse_args(argv)
    if options.beside and (options.beside < LEAST or options.which != "intake"):
        parser.error(f"--beside is for intake, and a mailing has {LEAST} letters at least")
    if options.rows and options.which not in ("pipeline", "latency", "handover"):
        parser.error("--rows is for pipeline, latency and handover")
    names = [name for name in BENCHMARKS if name not in LONG] if options.which == "all" else [options.which]
    reports = []
    for name in names:
        own = {"beside": options.beside} if options.beside else {}
        own |= {"rows": options.rows} if options.rows else {}
        reports.append(BENCHMARKS[name](quick=options.quick, **own))
        print(reports[-1].markdown(), end="\n\n", flush=True)
    if options.json is not None:
        options.json.write_text(as_json(reports) + "\n", "utf-8")
    else:
        print(as_json(reports))
    return 0 if all(report.good for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
