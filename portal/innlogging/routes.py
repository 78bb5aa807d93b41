"""Routes of login, logout and choice of organisation. Texts are in the templates of `innlogging/`."""

from __future__ import annotations

from uuid import UUID

import requests
import structlog
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from portal.access.actor import current_session
from portal.access.login_request import endpoint_of, is_citizen_endpoint
from portal.extensions import LOGIN_LIMIT, csrf, limiter
from portal.http.security import allow_framing_by
from portal.innlogging.backchannel import UgyldigBevis, read_logout_token, token_in_form
from portal.innlogging.flow import Vei, begin, complete, own_url, set_browser_cookie, settings
from portal.innlogging.oidc import InnloggingFeilet, idporten, provider_logout_url
from portal.session.kept_form import SKJEMA, forget_form, load_form
from portal.session.login_sessions import sesjoner
from portal.session.return_path import own_path
from portal.texts import ikke_gjort, tekst
from portal.texts.buttons import knapp_av

log = structlog.get_logger(__name__)
blueprint = Blueprint("innlogging", __name__)


@blueprint.get("/logg-inn")
def logg_inn() -> AnyResponse | str:
    """The login page with its one button; a logged-in person is sent straight on.

    `over`: the login ended while a page stood open.
    """
    neste = own_path(request.args.get("neste"))
    if current_session().sesjon is not None:
        return redirect(neste)
    return render_template("innlogging/logg_inn.html", neste=neste, over="over" in request.args)


@blueprint.get("/innlogging/start")
@limiter.limit(LOGIN_LIMIT)
def start() -> AnyResponse:
    """Redirect to ID-porten; `nivaa` 3 or 4."""
    nivaa = 3 if request.args.get("nivaa") == "3" else 4
    vei = Vei(
        nivaa,
        own_path(request.args.get("neste")),
        fersk="bekreft" in request.args,
        skjema=request.args.get("skjema", "")[:100],
    )
    return _redirect_to_provider(vei)


@blueprint.get("/innlogging/bekreft")
def bekreft() -> str:
    """Explain why a new proof of identity is needed, with the button that starts it."""
    present, waiting = current_session().sesjon, request.args.get("skjema", "")[:100]
    assert present is not None and present.person_id is not None
    found = load_form(waiting, present.person_id)
    return render_template(
        "innlogging/bekreft.html",
        neste=own_path(request.args.get("neste")),
        skjema=waiting or None,
        ikke_gjort=ikke_gjort(endpoint_of(found.mal), dict(found.felter)) if found else "",
    )


def _redirect_to_provider(vei: Vei) -> AnyResponse:
    url, browser = begin(vei)
    response = make_response(redirect(url))
    set_browser_cookie(response, browser)
    return response


@blueprint.get("/innlogging/tilbake")
@limiter.limit(LOGIN_LIMIT)
def tilbake() -> AnyResponse:
    """Take the provider's answer and finish the login."""
    return redirect(complete(request.args))


@blueprint.get("/innlogging/varer")
def varer() -> AnyResponse | dict[str, int]:
    """Remaining time of the login, polled by open pages; polling does not count as use."""
    if "HX-Request" not in request.headers:
        return redirect("/")
    return _seconds_left()


@blueprint.get("/innlogging/fortsett")
def fortsett() -> dict[str, int]:
    """Extend the login because its person is still there; does nothing else."""
    return _seconds_left()


def _seconds_left() -> dict[str, int]:
    """Seconds left of the login without further use, and at most."""
    present = current_session().sesjon
    assert present is not None
    return {"varer": int(present.varer.total_seconds()), "hoyst": int(present.varer_hoyst.total_seconds())}


@blueprint.post("/logg-ut")
@csrf.exempt  # type: ignore[untyped-decorator]
def logg_ut() -> Response:
    """End our session, then send the browser to end ID-porten's, also when ours is over, since theirs may be
    live.

    A live session requires the form's token. Without a session there is nothing that another site's form
    could end, and the way to ID-porten is open to anybody. The redirect is a page that moves on by itself,
    since a form may only lead to our own site (CSP form-action).
    """
    present = current_session()
    if present.sesjon is not None:
        csrf.protect()
    hint = sesjoner().id_token_of(present.cookie_token)
    present.log_out()
    done = own_url("innlogging.logget_ut")
    return _clear_site_data(
        render_template("innlogging/logger_ut.html", videre=provider_logout_url(hint, done))
    )


@blueprint.get("/logget-ut")
def logget_ut() -> Response:
    """The page ID-porten sends the browser to when everything has ended."""
    return _clear_site_data(render_template("innlogging/logget_ut.html"))


def _clear_site_data(page: str) -> Response:
    """Tell the browser to delete cache and storage of this site. Not cookies: those of neighbouring hosts
    would go too.
    """
    response = make_response(page)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/innlogging/skjema")
def skjema() -> AnyResponse | str:
    """The kept form, filled in, to be looked over and sent again; a citizen's form in the citizen's own
    frame.
    """
    present = current_session()
    assert present.sesjon is not None and present.sesjon.person_id is not None
    found = load_form(str(present.get(SKJEMA, "")), present.sesjon.person_id)
    if found is None:
        return redirect("/")
    endpoint = endpoint_of(found.mal)
    if is_citizen_endpoint(endpoint):
        return render_template("minside/skjema.html", skjema=found)
    names = {str(one.id): one.navn for one in sesjoner().organisations(present.sesjon.person_id)}
    return render_template(
        "innlogging/skjema.html",
        skjema=found,
        gjelder=names.get(found.gjelder or ""),
        knapp=knapp_av(endpoint, dict(found.felter)),
        ikke_gjort=ikke_gjort(endpoint, dict(found.felter)),
    )


@blueprint.post("/innlogging/skjema")
def forkast_skjema() -> AnyResponse:
    """Delete the kept form and go back to its page."""
    present = current_session()
    assert present.sesjon is not None and present.sesjon.person_id is not None
    waiting = str(present.get(SKJEMA, ""))
    found = load_form(waiting, present.sesjon.person_id)
    if found is not None:
        forget_form(waiting)
    present.pop(SKJEMA, None)
    return redirect(found.side if found else "/")


@blueprint.get("/innlogging/frontkanal")
def frontkanal() -> Response:
    """Front-channel logout: ID-porten reports, in a hidden frame, that a login has ended. No cookie of ours
    is sent.
    """
    iss, sid = request.args.get("iss", ""), request.args.get("sid", "")
    if iss != settings().idporten_issuer or not sid:
        abort(400)
    sesjoner().end_sessions_by_sid(iss, sid)
    allow_framing_by(idporten().frame_origins())
    return Response("", mimetype="text/plain")


@blueprint.post("/innlogging/bakkanal")
@csrf.exempt  # type: ignore[untyped-decorator]
def bakkanal() -> tuple[dict[str, str], int]:
    """Back-channel logout: ID-porten's server reports that a login has ended. No cookie, no form token: a
    signed token.
    """
    try:
        raw = token_in_form(request.form.get("logout_token", ""))
        bevis = read_logout_token(idporten(), raw)
        sesjoner().take_logout_token(bevis.iss, bevis.jti, bevis.sid, bevis.sub)
    except (UgyldigBevis, Konflikt) as error:
        log.warning("utloggingsbevis_avvist", arsak=str(error))
        return {"error": "invalid_request"}, 400
    except (requests.RequestException, InnloggingFeilet) as error:
        log.warning("utloggingsbevis_ikke_prøvd", arsak=type(error).__name__)
        return {"error": "temporarily_unavailable"}, 503
    return {}, 200


@blueprint.route("/velg-organisasjon", methods=["GET", "POST"])
def velg_organisasjon() -> AnyResponse | str | tuple[str, int]:
    """Choose among the organisations where the person holds a privilege; any other id is 404."""
    present, neste = current_session(), own_path(request.values.get("neste"))
    assert present.sesjon is not None and present.sesjon.person_id is not None
    valg = sesjoner().organisations(present.sesjon.person_id)
    if request.method == "GET":
        return render_template("innlogging/velg_organisasjon.html", valg=valg, neste=neste, feil={})
    chosen = request.form.get("organisasjon", "")
    if not chosen:
        feil = {f"organisasjon-{valg[0].id}" if valg else "innhold": tekst("ORGANISASJON_MANGLER")}
        return render_template("innlogging/velg_organisasjon.html", valg=valg, neste=neste, feil=feil), 422
    if chosen not in {str(one.id) for one in valg}:
        abort(404)
    sesjoner().choose_organisation(present.token, UUID(chosen))
    return redirect(neste if neste != "/" else url_for("sider.forside"))


@blueprint.app_errorhandler(InnloggingFeilet)
def show_login_failure(error: InnloggingFeilet) -> tuple[str, int]:
    """Show what went wrong and how to try again; the log gets the cause, never a claim."""
    log.warning("innlogging_feilet", kode=error.kode, arsak=error.arsak)
    try:
        sesjoner().login_failed(error.kode, error.arsak)
    except SQLAlchemyError as away:
        log.error("innlogging_feilet_uten_revisjonsspor", arsak=type(away).__name__)
    page = render_template("innlogging/feilet.html", kode=error.kode)
    return page, error.status
