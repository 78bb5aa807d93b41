"""Imports every module with routes of forvaltning, which ties the routes to the blueprint."""

from __future__ import annotations

from portal.forvaltning import audit_log as revisjon
from portal.forvaltning import logout, old_addresses, overview
from portal.forvaltning.blueprint import blueprint

__all__ = ["old_addresses", "blueprint", "overview", "revisjon", "logout"]
