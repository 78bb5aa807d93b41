"""One-time display of a new password, which is only made in place of the password the page showed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

NEVER = datetime.min.replace(tzinfo=UTC)
"""A time at which no password was made."""


def render_once(template: str, **values: Any) -> AnyResponse:
    """Render the page with the password, not to be stored (no-store). The same form sent again makes no such
    page.
    """
    response = make_response(render_template(template, **values))
    response.headers["Cache-Control"] = "no-store"
    return response


def replaced_password_time(form: Mapping[str, str]) -> datetime | None:
    """When the password that the page showed was made; None for none, NEVER for a value no page has written."""
    written = form.get("erstatter", "")
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        return NEVER
