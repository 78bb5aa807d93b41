"""A process that takes one letter in and is killed at its n-th step: `python -m tests.integration.svarut.dying_intake`.

Arguments: konto, idempotency key, step (0: never). It answers with the letter's id, as an interface does.
"""

from __future__ import annotations

import os
import sys
from uuid import UUID

from config.settings import Settings
from fiks.core.actor import system
from fiks.svarut.mottak import Innlasting
from tests.doubles import tiny_pdf
from tests.integration.dying import Steps
from tests.submissions import document, submission
from workers.app import create_app

NAMES = ("a.pdf", "b.pdf")
NEW = submission(*(document(name) for name in NAMES))
CONTENTS = tuple(tiny_pdf([name]) for name in NAMES)


def main() -> None:
    konto_id, key, fatal = UUID(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    steps = Steps(fatal)
    with create_app(Settings.from_env()).app_context():
        steps.watch()
        with Innlasting(konto_id, actor=system("test"), innsending=NEW, nokkel=key) as loading:
            for name, content in zip(NAMES, CONTENTS, strict=True):
                loading.take(name, steps.pieces(content))
            steps.here()
            letter_id = loading.register()
        steps.here()
        os.write(sys.stdout.fileno(), f"{letter_id}\n".encode())
        steps.here()


if __name__ == "__main__":
    main()
