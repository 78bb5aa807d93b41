"""A worker that cuts and reads big PDFs and is killed at its n-th step; run as a module.

The argument is the step (0: never). A step is before and after each object and each commit. It ends by itself when
there is nothing more to do.
"""

from __future__ import annotations

import sys
from typing import Any, cast

from config.settings import Settings
from fiks.utsending.samlet import letter_rows
from tests.integration.databases import QuickProcess
from tests.integration.dying import Steps
from tests.integration.utsending.lists import register
from tests.integration.worlds import World
from workers.lanes import do_portion


def main() -> None:
    steps = Steps(int(sys.argv[1]))
    letter_rows.PAGES_A_PIECE = 4
    process = QuickProcess(Settings.from_env())
    process.outside = World(register=cast(Any, register()))
    with process.app.app_context():
        process.ask_guard()
        steps.watch()
        while do_portion("render", process) or do_portion("liste", process):
            steps.here()


if __name__ == "__main__":
    main()
