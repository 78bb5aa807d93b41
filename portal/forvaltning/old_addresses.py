"""Redirects from addresses of earlier releases."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.forvaltning.blueprint import blueprint


@blueprint.get("/privilegier")
def privilegier() -> AnyResponse:
    """Redirect to the pages on grants."""
    return redirect(url_for("tilganger.oversikt"), 301)
