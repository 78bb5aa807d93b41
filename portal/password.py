"""A password: made only in place of the one that was seen, and shown once, on the answer to the form itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

NEVER = datetime.min.replace(tzinfo=UTC)
"""No password was made then."""


def shown_once(template: str, **values: Any) -> AnyResponse:
    """The page with the password. Nothing keeps the page, and the same form sent again makes no page like it."""
    response = make_response(render_template(template, **values))
    response.headers["Cache-Control"] = "no-store"
    return response


def replaced(form: Mapping[str, str]) -> datetime | None:
    """When the password on the page that was sent was made, None for none; NEVER for what no page has written."""
    written = form.get("erstatter", "")
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        return NEVER
