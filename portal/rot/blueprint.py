"""The blueprint of the root plane."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("rot", __name__, url_prefix="/rot")
