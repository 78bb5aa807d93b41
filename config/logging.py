"""Logging: one JSON object per line, UTC, with personal numbers and database rows scrubbed, whatever the
source.

The portal and the workers pass the scrubber in (`fiks.core.values.identifiers.mask_numbers`), since config imports
nothing of ours. Records of the standard library's logging (fiks, workers, libraries, gunicorn) pass the same
chain as structlog's.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from config.reading import Reader
from config.settings import Settings

log = logging.getLogger(__name__)

Scrub = Callable[[str], str]

# Values of these keys are never written, whatever they hold.
HIDDEN_KEYS = frozenset(
    {
        "authorization",
        "cookie",
        "set-cookie",
        "password",
        "passord",
        "integrasjonpassord",
        "integrasjon-passord",
        "pid",
        "fnr",
        "id_token",
        "access_token",
    }
)
_OF_A_ROW = re.compile(
    r"(?:\b|(?<=\\n))(DETAIL|CONTEXT):.*?"
    r"(?=(?:\n|\\n)\s*(?:\[SQL: |\(Background on this error|The above exception|During handling)|\Z)",
    re.DOTALL,
)
"""PostgreSQL's additions to an error: the failing row or the duplicate key, to the end of its text."""


OWN_HANDLERS = ("gunicorn.error", "gunicorn.access")
"""Loggers to which libraries attach handlers of their own."""


def configure_logging(
    settings: Settings, *, scrub: Scrub, level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Send all logging of this process to `stream` (stderr) as scrubbed JSON lines. Call once, at start-up."""
    _send_all(settings.fiks_env, scrub, level, stream)


def log_everything(*, scrub: Scrub) -> None:
    """Configure logging before any settings are read, and capture everything else on stderr too: uncaught
    errors in any thread, warnings, and output that libraries print there.

    Call it first in a new process. Forked children inherit it.
    """
    _send_all(Reader(os.environ).env, scrub, "INFO", None)
    sys.stderr = StderrLog(_stderr())
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread


def log_lacking_settings(settings: Settings) -> None:
    """Log one line, at process start, with the settings that are missing and whose work is therefore not
    done.
    """
    if settings.lacking:
        log.warning("not_set_up", extra={"innstillinger": settings.lacking})


def _send_all(miljo: str, scrub: Scrub, level: str, stream: TextIO | None) -> None:
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        Environment(miljo),
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = LineHandler(stream or _stderr())
    handler.setFormatter(formatter(scrub, before))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("alembic", "werkzeug", "urllib3", "fontTools", "weasyprint", "authlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for name in OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, /, **where: object
) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        log.critical("uncaught", exc_info=(kind, error or RuntimeError(kind.__name__), trace), extra=where)


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    name = told.thread.name if told.thread is not None else None
    _uncaught(told.exc_type, told.exc_value, told.exc_traceback, traad=name)


def _unraisable(told: sys.UnraisableHookArgs) -> None:
    _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes log lines. For a line that cannot be formatted it reports only the logger and line number: its
    text is not scrubbed.
    """

    def handleError(self, record: logging.LogRecord) -> None:
        told = {
            "event": "log_line_broken",
            "level": "error",
            "logger": record.name,
            "linje": record.lineno,
        }
        with suppress(OSError, ValueError):  # nobody reads what we write any more
            self.stream.write(json.dumps(told) + self.terminator)
            self.flush()


class StderrLog(io.TextIOBase):
    """Stands in for stderr: text written there, up to a line end, becomes one log line."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._begun = threading.local()

    def write(self, text: str) -> int:
        said = getattr(self._begun, "text", "") + text
        is_whole = said.endswith("\n")
        self._begun.text = "" if is_whole else said
        if is_whole and said.strip():
            log.error("stderr", extra={"tekst": said.rstrip()})
        return len(text)

    def fileno(self) -> int:
        return self.stream.fileno()


def _stderr() -> TextIO:
    now: object = sys.stderr
    return now.stream if isinstance(now, StderrLog) else sys.stderr


def formatter(scrub: Scrub, before: list[Processor]) -> logging.Formatter:
    """Return the formatter that renders one scrubbed JSON line; `before` runs on foreign records first."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            Scrubber(scrub),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


class Environment:
    """Adds the environment's name to every line, in every thread."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        event["miljo"] = self._name
        return event


def without_rows(text: str) -> str:
    """Return the text without what PostgreSQL's errors reveal of a row: names, addresses, titles."""
    return _OF_A_ROW.sub(r"\1: ***", text)


class Scrubber:
    """Masks every string in an event, at any depth, keys included; secrets by the name of their key."""

    def __init__(self, scrub: Scrub) -> None:
        self._scrub = scrub

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        return {self._text(str(key)): self._value(key, value) for key, value in event.items()}

    def _value(self, key: object, value: object) -> object:
        if isinstance(key, str) and key.lower() in HIDDEN_KEYS:
            return "***"
        if isinstance(value, bool | float) or value is None:
            return value
        if isinstance(value, int):
            masked = self._text(str(value))
            return value if masked == str(value) else masked
        if isinstance(value, Mapping | MutableMapping):
            return {self._text(str(k)): self._value(k, v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(None, item) for item in value]
        return self._text(value if isinstance(value, str) else str(value))

    def _text(self, text: str) -> str:
        return self._scrub(without_rows(text))
