"""The blueprint of the pages on grants, and the tabs between those pages."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for

from portal.access.actor import may_enter
from portal.access.table import TILGANG

blueprint = Blueprint("tilganger", __name__, url_prefix="/tilganger")

FANER: tuple[tuple[str, str, str], ...] = (
    ("tilganger.oversikt", "Ressurser", "/tilganger/ressurser"),
    ("tilganger.personer", "Personer", "/tilganger/personer"),
    ("tilganger.grupper", "Grupper", "/tilganger/grupper"),
    ("tilganger.gjennomgang", "Gjennomgang", "/tilganger/gjennomgang"),
    ("tilganger.fra_fil", "Fra fil", "/tilganger/fra-fil"),
)
"""Tabs: first page, text, and the path below which the tab is the current one."""


def faner() -> list[tuple[str, str, bool]]:
    """The tabs the visitor may open: (address, text, whether it is current)."""
    here = "/tilganger/ressurser/" if request.path == "/tilganger" else f"{request.path}/"
    return [
        (url_for(endpoint), tekst, here.startswith(f"{prefiks}/"))
        for endpoint, tekst, prefiks in FANER
        if endpoint in current_app.view_functions and may_enter(TILGANG[endpoint])
    ]
