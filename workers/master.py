"""`python -m workers.master workers.broker --queues LANE…`: become dramatiq, with a master that logs like our
other processes.

Its children are forked from it and inherit the logging. Unusable settings are reported once, before any child
exists. The master imports no metrics: they would count in its own memory (`config.metrics`).
"""

from __future__ import annotations

import runpy
import sys

from config.logging import log_everything, log_lacking_settings
from config.settings import Settings
from fiks.core.values.identifiers import mask_numbers


def main() -> None:
    """Run dramatiq in this process, with its own arguments."""
    log_everything(scrub=mask_numbers)
    # dramatiq writes on here what its workers have written, and that is lines already.
    sys.stderr = sys.__stderr__
    log_lacking_settings(Settings.from_env())
    runpy.run_module("dramatiq", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
