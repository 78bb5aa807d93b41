"""Working as another process does, and what its lines tell."""

from __future__ import annotations

import io
import json
from contextvars import Context
from typing import Any

from tests.integration.databases import QuickProcess


def logged(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def events_with(stream: io.StringIO, request_id: str) -> set[str]:
    return {line["event"] for line in logged(stream) if line.get("request_id") == request_id}


def apart(process: QuickProcess, work: Any, *arguments: Any) -> None:
    """Work as another process does it: with nothing of this one's context."""

    def inside() -> None:
        with process.app.app_context():
            work(*arguments)

    Context().run(inside)
