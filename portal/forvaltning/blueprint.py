"""The blueprint of overview and administration."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("forvaltning", __name__)
