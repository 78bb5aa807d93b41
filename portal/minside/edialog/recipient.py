"""Choose a mottaker, or a letter to answer, and begin writing (svarut.md 8.3)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.edialog import queries, service
from fiks.edialog.mottaker import forms as mottaker_forms
from fiks.edialog.mottaker.forms import Skjemavalg
from fiks.edialog.queries import Mottakervalg
from fiks.svarut.inbox.replies import is_receiver, reply_target
from portal.access.actor import current_actor
from portal.extensions import EDIALOG_LIMIT, limiter
from portal.minside.blueprint import blueprint
from portal.minside.edialog.context import Side, checked_actor, refuse_with_message, suggested_sender
from portal.minside.language import citizen_text
from portal.minside.post import UtenPostrett, boxes_of_others, choose_whom, postboks
from portal.minside.representation import acting_for


@blueprint.get("/edialog/")
def edialog_velg() -> str:
    """Choose whom to write to."""
    sok = request.args.get("sok", "").strip()[:100]
    found = queries.mottakere(sok, limit=queries.MAX_MOTTAKERE + 1)
    shown = found[: queries.MAX_MOTTAKERE]
    return render_template("edialog/velg.html", mottakere=shown, sok=sok, flere=len(found) > len(shown))


@blueprint.get("/edialog/mottaker/<ident>")
def edialog_mottaker(ident: str) -> AnyResponse:
    """Redirect from the older address of a mottaker."""
    return redirect(url_for("minside.edialog_start", ident=ident))


@blueprint.route("/s/<ident>", methods=["GET", "POST"])
@limiter.limit(EDIALOG_LIMIT, methods=["POST"])
def edialog_start(ident: str) -> Side:
    """Start page of a mottaker by orgnr or short id: show the mottaker and the sender, choose a form, and
    begin.
    """
    part = acting_for()
    mottaker = queries.mottaker(ident)
    forms = mottaker_forms.skjematyper(mottaker.id)
    try:
        if request.method == "GET":
            return _start(mottaker, _wanted(forms, request.args.get("skjema")), {})
        nr = request.form.get("skjema", type=int)
        if nr is None and len(forms) > 1:
            return _start(mottaker, forms, {"skjema": citizen_text("EDIALOG_VELG_SKJEMA")})
        session().rollback()
        made = service.begin(ident, suggested_sender(part), nr=nr, actor=current_actor())
    except (Konflikt, service.ForMange) as error:
        return refuse_with_message(error)
    return redirect(url_for("minside.edialog_skjema", skjema_id=made), 303)


def _wanted(forms: list[Skjemavalg], nr: str | None) -> list[Skjemavalg]:
    """The form whose number the link states, or all of them. Konflikt("EDIALOG_TAR_IKKE_IMOT") when there is
    none.
    """
    if not forms:
        raise Konflikt("EDIALOG_TAR_IKKE_IMOT")
    return [one for one in forms if str(one.nr) == nr] or forms


def _start(mottaker: Mottakervalg, forms: list[Skjemavalg], feil: dict[str, str]) -> Side:
    name = mottaker.adresse.navn
    page = render_template("edialog/start.html", navn=name, svar=None, skjemaer=forms, feil=feil)
    return (page, 422) if feil else page


@blueprint.route("/edialog/svar/<uuid:forsendelse_id>", methods=["GET", "POST"])
@limiter.limit(EDIALOG_LIMIT, methods=["POST"])
def edialog_svar(forsendelse_id: UUID) -> Side:
    """Start an answer to a letter: show where the answer goes, and begin."""
    part = acting_for()
    try:
        boks = postboks()
        maal = reply_target(forsendelse_id, boks)
        if request.method == "GET":
            return render_template(
                "edialog/start.html", navn=maal.adresse.navn, svar=maal, skjemaer=[], feil={}
            )
        session().rollback()
        actor = checked_actor()
        made = service.begin_reply(forsendelse_id, suggested_sender(part), boks, actor=actor)
    except (IkkeFunnet, UtenPostrett):
        if not any(is_receiver(boks, forsendelse_id) for boks in boxes_of_others(forsendelse_id)):
            raise
        return choose_whom(citizen_text("POST_VELG_HVEM" if part else "ED_VELG_VIRKSOMHETEN"))
    except (Konflikt, service.ForMange) as error:
        return refuse_with_message(error)
    return redirect(url_for("minside.edialog_skjema", skjema_id=made), 303)
