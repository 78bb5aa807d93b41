"""«Hvem har sett mine opplysninger»: the citizen's own innsynslogg."""

from __future__ import annotations

from flask import render_template, request

from fiks.konfigurasjon.audit import access_log
from portal.access.actor import current_actor
from portal.minside.blueprint import blueprint


@blueprint.get("/minside/innsyn")
def innsynslogg() -> str:
    """Which organisation looked, in which service, when and why; never the employee's name."""
    before = request.args.get("for", type=_row_number)
    rows = access_log.views_of_own_data(actor=current_actor(), before=before, limit=access_log.PAGE + 1)
    shown = rows[: access_log.PAGE]
    further = shown[-1].id if len(rows) > access_log.PAGE else None
    return render_template("minside/innsyn.html", rader=shown, eldre=further, forste=before is not None)


def _row_number(text: str) -> int:
    """A row id from the address, clamped to what a column holds."""
    return max(0, min(int(text), 2**63 - 1))
