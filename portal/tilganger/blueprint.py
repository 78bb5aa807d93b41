"""The blueprint of the pages where administrators decide who may do what, and the tabs between those pages."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for

from portal.access import may_enter
from portal.requirements import TILGANG

blueprint = Blueprint("tilganger", __name__, url_prefix="/tilganger")

FANER: tuple[tuple[str, str, str], ...] = (
    ("tilganger.oversikt", "Ressurser", "/tilganger/ressurser"),
    ("tilganger.personer", "Personer", "/tilganger/personer"),
    ("tilganger.grupper", "Grupper", "/tilganger/grupper"),
    ("tilganger.gjennomgang", "Gjennomgang", "/tilganger/gjennomgang"),
    ("tilganger.fra_fil", "Fra fil", "/tilganger/fra-fil"),
)
"""Each tab: its first page, its text, and the path below which it is the present one."""


def faner() -> list[tuple[str, str, bool]]:
    """The tabs the visitor may open: address, text, and whether it is the present one."""
    here = "/tilganger/ressurser/" if request.path == "/tilganger" else f"{request.path}/"
    return [
        (url_for(endpoint), tekst, here.startswith(f"{prefiks}/"))
        for endpoint, tekst, prefiks in FANER
        if endpoint in current_app.view_functions and may_enter(TILGANG[endpoint])
    ]
