"""A worker that makes one letter of a skjema and is killed at its n-th step: `python -m
tests.integration.edialog.dying_sender STEP` (0: never).
"""

from __future__ import annotations

import sys

from config.settings import Settings
from fiks.edialog import work
from tests.integration.dying import Steps
from tests.integration.edialog.skjemaer import Penn
from tests.integration.worlds import FakeRegister
from workers.app import create_app


def main() -> None:
    steps = Steps(int(sys.argv[1]))
    with create_app(Settings.from_env()).app_context():
        steps.watch()
        work.send_next(Penn(), FakeRegister())
        steps.here()


if __name__ == "__main__":
    main()
