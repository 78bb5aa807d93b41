"""`python -m workers.master workers.broker --queues LANE…`: become dramatiq, whose master logs as all our processes do.

What it starts is forked from it, and goes on so. Settings that cannot be used are told of once, before there is anybody
else. The master imports no metrics: they count in whoever imports them (`config.metrics`).
"""

from __future__ import annotations

import runpy
import sys

from config.logging import log_everything, tell_of_lacking
from config.settings import Settings
from fiks.core.identifiers import mask_numbers


def main() -> None:
    """Run dramatiq in this process, with its own arguments."""
    log_everything(scrub=mask_numbers)
    # dramatiq writes on here what its workers have written, and that is lines already.
    sys.stderr = sys.__stderr__
    tell_of_lacking(Settings.from_env())
    runpy.run_module("dramatiq", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
