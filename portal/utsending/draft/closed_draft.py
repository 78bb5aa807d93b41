"""A form that arrived after the mailing left the guided job, or this variant of it: nothing is saved, and the
page says so.

What the person typed is shown again, so that it can be copied.
"""

from __future__ import annotations

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.utsending.receivers import typed
from fiks.utsending.rules import EDITABLE, Utsendingstatus
from portal.access.login_request import is_polling
from portal.texts import feltnavn, tekst
from portal.utsending.draft.template import PART_NAMES
from portal.utsending.page_parts import page_of
from portal.utsending.wizard import IkkeUtkast, Svar, redirect_to, reload_page, say

U = Utsendingstatus
WHY: dict[Utsendingstatus, str] = {
    **dict.fromkeys(EDITABLE, "FOR_SENT_MATE"),
    U.PRODUSERES: "FOR_SENT_LAGES",
    U.TIL_GODKJENNING: "FOR_SENT_LAGET",
    U.GODKJENT: "FOR_SENT_LAGET",
    U.FRIGITT: "FOR_SENT_FRIGITT",
    U.SENDES: "FOR_SENT_FRIGITT",
    U.FULLFORT: "FOR_SENT_AVSLUTTET",
    U.STOPPET: "FOR_SENT_AVSLUTTET",
}
NAMES = {
    **{felt: feltnavn(felt) for felt in (*typed.FIELDS, *typed.FILE_FIELDS)},
    **PART_NAMES,
    "navn": "Navn",
    "tittel": "Tittel",
    "brevdato": "Brevdato",
    "kunngjoringsdato": "Kunngjøringsdato",
    "grunn": "Begrunnelse",
}
"""Fields of the guided job that hold typed text."""
REPEATABLE_ENDPOINT = "utsending.oppsummering"
"""Ordering the letters twice loses nothing: the second form just leads to the page that shows them being
made.
"""


def answer_late_form(error: IkkeUtkast) -> Svar | tuple[AnyResponse, int]:
    """Redirect to the mailing's own page; for a post, say that nothing was saved, why, and what to do."""
    if is_polling():
        return reload_page()  # else the whole page would come where a part of the old one stands
    if request.method == "GET" or request.endpoint == REPEATABLE_ENDPOINT:
        return redirect_to("detalj", error.utsending_id)
    side = page_of(error.utsending_id)
    told = tekst(WHY.get(side.u.status, "FOR_SENT_VIDERE"))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(grunn=told), 409
    written = [(name, NAMES[name], value) for name, value in request.form.items() if value and name in NAMES]
    if written:
        return render_template(
            "utsending/ikke_tatt_inn.html", side=side, forklaring=told, skrevet=written
        ), 409
    say(told, "danger")
    return redirect_to("detalj", error.utsending_id)
