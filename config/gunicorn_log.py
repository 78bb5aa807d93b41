"""How gunicorn logs, its master and its workers: as all our processes do, and never an address.

`gunicorn.conf.py` hands the scrubber in.
"""

from __future__ import annotations

import sys
from contextvars import Context
from typing import Any, ClassVar

from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from config.logging import Scrub, log_everything


class Linjelogg(Logger):  # type: ignore[misc]
    """gunicorn's log as scrubbed JSON lines on stderr. `scrub` is given by whoever makes a class of it."""

    scrub: ClassVar[Scrub]

    def setup(self, cfg: Config) -> None:
        """Take over what gunicorn has set up, at the start and when it reads its settings again."""
        super().setup(cfg)
        log_everything(scrub=type(self).scrub)

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """An error, without the address that was asked for: somebody's name may have been searched for in it.

        One in the middle of an answer has the id of its request, which the thread still follows.
        """
        super().exception(msg.partition(" %")[0], **kwargs)

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        """A request that cannot be read is told of by the kind of its fault, without its words.

        It is none of ours, and has not the id of what its thread answered last.
        """
        if not msg.startswith("Invalid request"):
            super().warning(msg, *args, **kwargs)
            return
        fault = sys.exc_info()[0]
        told = {"error": fault.__name__ if fault else None}
        Context().run(super().warning, "invalid_request", extra=told)
