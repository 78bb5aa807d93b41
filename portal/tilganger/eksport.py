"""All grants the visitor may see as a file: CSV as Norwegian Excel reads it, or a workbook; no cell is a formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.grant_export import Eksportrad, export_grants
from fiks.utsending.liste.export import BOM, write_sheet
from portal.extensions import EXPORT_LIMIT, limiter
from portal.formats import OSLO
from portal.revisjon.fil import csv_line
from portal.texts import error_text
from portal.texts.gjennomgang import INNEHAVERE, KOLONNER
from portal.texts.privilegier import PRIVILEGIER
from portal.tilgang import current_actor
from portal.tilganger.blueprint import blueprint, own_organisation

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/eksport")
@limiter.limit(EXPORT_LIMIT)
def eksport() -> AnyResponse:
    """The file; too much for one is said on the page. That it was taken stands in the audit."""
    try:
        found = export_grants(own_organisation(), actor=current_actor())
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("tilganger.gjennomgang"), 303)
    rader = [_cells(rad) for rad in found]
    if request.form.get("filformat") == "xlsx":
        return as_file(_workbook(KOLONNER, rader), XLSX, "tilganger.xlsx")
    text = BOM + "".join(csv_line(rad) for rad in [KOLONNER, *rader])
    return as_file(text.encode(), "text/csv; charset=utf-8", "tilganger.csv")


def as_file(content: bytes, mimetype: str, navn: str) -> Response:
    """An answer that is saved under `navn`, and that no cache keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{navn}"', "Cache-Control": "no-store"}
    return Response(content, content_type=mimetype, headers=headers)


def _workbook(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        write_sheet(Path(file.name), list(headers), [list(row) for row in rows])
        return Path(file.name).read_bytes()


def _cells(rad: Eksportrad) -> list[str]:
    privilegium = PRIVILEGIER.get(rad.privilegium)
    return [
        rad.innehaver,
        rad.fnr_maskert,
        INNEHAVERE[rad.innehavertype],
        " > ".join(rad.sti),
        privilegium.navn if privilegium else rad.privilegium,
        _moment(rad.gyldig_fra),
        _moment(rad.gyldig_til),
        _moment(rad.sist_brukt),
        rad.gitt_av or "Driftsorganisasjonen",
    ]


def _moment(value: datetime | None) -> str:
    return value.astimezone(OSLO).strftime("%d.%m.%Y %H:%M") if value else ""
