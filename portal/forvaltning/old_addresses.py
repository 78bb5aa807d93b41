"""Addresses people have kept from before."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.forvaltning.blueprint import blueprint


@blueprint.get("/privilegier")
def privilegier() -> AnyResponse:
    """The grants have pages of their own now."""
    return redirect(url_for("tilganger.oversikt"), 301)
