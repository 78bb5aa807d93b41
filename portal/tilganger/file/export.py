"""All grants the visitor may see as a file: CSV as Norwegian Excel reads it, or a workbook; no cell is a formula."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.core.values.calendar import last_day
from fiks.konfigurasjon.tilgang.export import Eksportrad, export_grants
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import EXPORT_LIMIT, limiter
from portal.texts import error_text
from portal.texts.formats import dato
from portal.texts.konfigurasjon.gjennomgang import INNEHAVERE, KOLONNER
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER
from portal.tilganger.blueprint import blueprint
from portal.ui.export_file import MINUTE, csv_file, format_time, workbook_file


@blueprint.post("/eksport")
@limiter.limit(EXPORT_LIMIT)
def eksport() -> AnyResponse:
    """Download the file, which is audited. Too many rows for one file give a message on the page."""
    try:
        found = export_grants(chosen_organisation(), actor=current_actor())
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("tilganger.gjennomgang"), 303)
    rader = [_cells(rad) for rad in found]
    if request.form.get("filformat") == "xlsx":
        return workbook_file(KOLONNER, rader, "tilganger.xlsx")
    return csv_file(KOLONNER, rader, "tilganger.csv")


def _cells(rad: Eksportrad) -> list[str]:
    privilegium = PRIVILEGIER.get(rad.privilegium)
    return [
        rad.innehaver,
        rad.fnr_maskert,
        INNEHAVERE[rad.innehavertype],
        " > ".join(rad.sti),
        privilegium.navn if privilegium else rad.privilegium,
        format_time(rad.gyldig_fra, MINUTE),
        _end(rad.gyldig_til),
        format_time(rad.sist_brukt, MINUTE),
        rad.gitt_av or "Driftsorganisasjonen",
    ]


def _end(gyldig_til: datetime | None) -> str:
    """The last day, as in the file for many grants; a moment where the end is not the end of a day."""
    day = gyldig_til and last_day(gyldig_til)
    return dato(day) if day else format_time(gyldig_til, MINUTE)
