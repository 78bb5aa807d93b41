"""Registeroppslag: look-ups of persons and organisations in the national registers."""

from portal.oppslag.routes import blueprint

__all__ = ["blueprint"]
