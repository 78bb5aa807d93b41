"""Pages of a letter's PDF as pictures, a few at a time."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, render_template, url_for

from fiks.core.errors import FiksError
from fiks.svarut.svarinn import page_images
from fiks.svarut.svarinn.page_images import AT_A_TIME, Filsider
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.http.security import DOCUMENT_HEADERS
from portal.mottak.blueprint import blueprint, require_entry
from portal.ui.form_values import number_arg

CANNOT_BE_DRAWN = 422


@blueprint.get("/<uuid:forsendelse_id>/filer/<int:nr>/sider")
def sider(forsendelse_id: UUID, nr: int) -> str:
    """Some pages from the requested one on; or a message that the pages cannot be shown."""
    require_entry(forsendelse_id)
    found = _file_pages(forsendelse_id, nr)
    first = min(max(number_arg("fra") or 1, 1), max(found.sider, 1))
    last = min(first + AT_A_TIME - 1, found.sider)

    def from_page(side: int) -> str:
        return url_for("mottak.sider", forsendelse_id=forsendelse_id, nr=nr, fra=side)

    return render_template(
        "mottak/sider.html",
        forsendelse_id=forsendelse_id,
        nr=nr,
        fil=found,
        forste=first,
        siste=last,
        forrige=from_page(max(first - AT_A_TIME, 1)) if first > 1 else "",
        neste=from_page(last + 1) if last < found.sider else "",
    )


def _file_pages(forsendelse_id: UUID, nr: int) -> Filsider:
    """The file's pages; zero when they cannot be shown."""
    try:
        return page_images.file_pages(forsendelse_id, nr, spor=party_lookup(), actor=current_actor())
    except FiksError as error:
        if error.status != CANNOT_BE_DRAWN:
            raise
        return Filsider("", 0)


@blueprint.get("/<uuid:forsendelse_id>/filer/<int:nr>/sider/<int:side>.png")
def side(forsendelse_id: UUID, nr: int, side: int) -> Response:
    """One page."""
    require_entry(forsendelse_id)
    try:
        png = page_images.page_picture(forsendelse_id, nr, side, spor=party_lookup(), actor=current_actor())
    except FiksError as error:
        if error.status == CANNOT_BE_DRAWN:
            abort(404)
        raise
    return Response(png, mimetype="image/png", headers=DOCUMENT_HEADERS)
