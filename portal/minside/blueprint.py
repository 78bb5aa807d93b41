"""The blueprint of Min side; its routes are in the modules that `routes` imports."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("minside", __name__)
