"""gunicorn's log, of its master and its workers: the same JSON lines as all our processes, and never an
address.

`gunicorn.conf.py` passes the scrubber in.
"""

from __future__ import annotations

import sys
from contextvars import Context
from typing import Any, ClassVar

from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from config.logging import Scrub, log_everything


class Linjelogg(Logger):  # type: ignore[misc]
    """gunicorn's log as scrubbed JSON lines on stderr. A subclass sets `scrub`."""

    scrub: ClassVar[Scrub]

    def setup(self, cfg: Config) -> None:
        """Replace gunicorn's own log set-up, at the start and when it reloads its settings."""
        super().setup(cfg)
        log_everything(scrub=type(self).scrub)

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log an error without the requested address, which may hold a name that was searched for.

        An error in the middle of an answer has the id of its request, which the thread still follows.
        """
        super().exception(msg.partition(" %")[0], **kwargs)

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log an unreadable request by the kind of its fault only, without its content.

        It has no request id: the thread still follows the previous request.
        """
        if not msg.startswith("Invalid request"):
            super().warning(msg, *args, **kwargs)
            return
        fault = sys.exc_info()[0]
        told = {"error": fault.__name__ if fault else None}
        Context().run(super().warning, "invalid_request", extra=told)
