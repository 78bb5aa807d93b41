"""A process that takes one letter in and is killed at its n-th step: `python -m tests.integration.svarut.dying_intake`.

Arguments: konto, idempotency key, step (0: never). It answers with the letter's id, as an interface does.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

from config.settings import Settings
from fiks.core.actor import system
from fiks.core.storage import Store
from fiks.svarut.mottak import Innlasting
from tests.doubles import tiny_pdf
from tests.submissions import document, submission
from workers.app import create_app

NAMES = ("a.pdf", "b.pdf")
NEW = submission(*(document(name) for name in NAMES))
CONTENTS = tuple(tiny_pdf([name]) for name in NAMES)


class Steps:
    """Counts the steps and dies at the chosen one, as by `kill -9`."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.count = itertools.count(1)

    def here(self, *_: object) -> None:
        if next(self.count) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """A document that comes in two pieces, with a step between them."""
        yield content[:100]
        self.here()
        yield content[100:]

    def watch(self) -> None:
        """A step before and after each object and each commit. The store has no hooks of its own, so it is wrapped."""
        put = Store._put

        def watched(store: Store, *args: Any) -> None:
            self.here()
            put(store, *args)
            self.here()

        Store._put = watched  # type: ignore[method-assign]
        event.listen(Session, "before_commit", self.here)
        event.listen(Session, "after_commit", self.here)


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
