"""Shared by the pages on grants: the page frame with tabs, and texts of privileges and periods."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.rules import LEAVES
from portal.access.actor import may_enter
from portal.access.table import TILGANG
from portal.texts.formats import dato, format_end
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER, RESSURSTYPER
from portal.tilganger.blueprint import blueprint, faner

Answer = AnyResponse | str | tuple[str, int]
LONGEST_SEARCH = 100


def show(template: str, **values: Any) -> str:
    """Render the page `template` with the values all pages of this area use."""
    return render_template(
        f"tilganger/{template}.html",
        lenker=faner(),
        typer=RESSURSTYPER,
        periode=period,
        blader=LEAVES,
        adresse=address_of,
        **values,
    )


@blueprint.app_template_filter("privilegienavn")
def privilege_name(privilegium: str) -> str:
    """The privilege's name."""
    return PRIVILEGIER[privilegium].navn if privilegium in PRIVILEGIER else privilegium


@blueprint.app_template_filter("betydning")
def meaning(privilegium: str) -> str:
    """What the privilege allows, in a line."""
    return PRIVILEGIER[privilegium].betydning if privilegium in PRIVILEGIER else ""


def period(gyldig_fra: datetime, gyldig_til: datetime | None) -> str:
    """Fra 01.12.2026, til og med 31.12.2026; or uten sluttdato."""
    return f"Fra {dato(gyldig_fra)}, {format_end(gyldig_til) if gyldig_til else 'uten sluttdato'}"


def search_text(written: str) -> str | None:
    """A part of a name to search for; None when it looks like a personal number."""
    text = " ".join(written.split())[:LONGEST_SEARCH]
    return text if mask_numbers(text) == text else None


def address_of(endpoint: str, **values: Any) -> str:
    """The address of a page; empty when the visitor may not enter it."""
    krav = TILGANG.get(endpoint)
    is_open = endpoint in current_app.view_functions and krav is not None and may_enter(krav)
    return url_for(endpoint, **values) if is_open else ""
