"""The one place where errors become pages: plain words, an errorId, and never an internal cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from fiks.core.db import db
from fiks.core.errors import FiksError
from fiks.core.processes.machine_faults import fault_name, is_machine_fault
from portal.access.actor import current_session
from portal.access.kinds import Slag
from portal.access.login_request import (
    HoyereNivaaKreves,
    ask_fresh,
    ask_level,
    is_citizen_endpoint,
    return_path,
)
from portal.access.table import SES_IGJEN, TILGANG
from portal.http import api_errors
from portal.http.request_log import request_id
from portal.http.security import SAFE_METHODS, FeltGjentatt
from portal.session import kept_form
from portal.session.cookie_session import PortalSession
from portal.session.login_sessions import sesjoner
from portal.session.organisation_guard import AnnenOrganisasjon, is_small_form
from portal.texts import error_text, ikke_gjort, tekst
from portal.texts.buttons import knapp_av

log = structlog.get_logger(__name__)

# Statuses with a page of their own. Any other below 500 is told as 400, any other above as 500.
PAGES = (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503)
Page = tuple[str | dict[str, str], int, dict[str, str]] | Response


def init_app(app: Flask) -> None:
    """Register the handlers. Machines are answered by `http.api_errors`, and never with a page."""
    for kind, handle in (
        (FiksError, use_case_refused),
        (HoyereNivaaKreves, login_level_required),
        (AnnenOrganisasjon, other_organisation),
        (CSRFError, csrf_failed),
        (FeltGjentatt, field_repeated),
        (HTTPException, http_error),
        (OperationalError, database_unavailable),
        (PoolTimeout, database_unavailable),
        (OSError, machine_lacks),
        (Exception, unexpected_error),
    ):
        app.register_error_handler(kind, _for_machine_or_person(handle))


def _for_machine_or_person(handle: Callable[[Any], Page]) -> Callable[[Exception], Page]:
    """Answer machines by `api_errors.answer` and persons by `handle`, depending on the address."""
    return lambda error: api_errors.answer(error) if api_errors.is_api(request.path) else handle(error)


def use_case_refused(error: FiksError) -> Page:
    """A use case refused and the route did not catch it: ask for the missing login, or show the refusal's
    text.

    "Does not exist" and "may not be known to the visitor" give the same page.
    """
    if error.kode == "NY_INNLOGGING":
        return ask_fresh()
    if error.kode == "HOYERE_NIVA":
        return _ask_level(4)
    if error.status >= 500 and error.status != 503:
        return unexpected_error(error)
    error_id = _log("avvist", error.status, kode=error.kode)
    return page(error.status, error_id, forklaring=None if error.kode == "FINNES_IKKE" else error_text(error))


def login_level_required(error: HoyereNivaaKreves) -> Page:
    """A route needs a login at a higher level."""
    return _ask_level(error.nivaa)


def _ask_level(nivaa: int) -> Page:
    """Ask for a login at `nivaa`. A posted form is kept meanwhile, and the 401 page says so."""
    try:
        return ask_level(nivaa)
    except HTTPException as error:
        return http_error(error)


def other_organisation(error: AnnenOrganisasjon) -> Page:
    """The form is for another organisation than the one chosen since: nothing of it is carried out.

    The way back changes the choice again and shows what was typed. A request by script gets the reason as a
    sentence.
    """
    error_id = _log("skjema_for_annen_organisasjon", 409)
    sesjon = current_session().sesjon
    assert sesjon is not None and sesjon.person_id is not None
    names = {str(one.id): one.navn for one in sesjoner().organisations(sesjon.person_id)}
    gjelder, valgt = names.get(error.gjelder, ""), names.get(str(sesjon.organisasjon_id), "")
    kode = "SKJEMA_UTEN_TILGANG" if not gjelder else "SKJEMA_BYTTET" if valgt else "SKJEMA_UTEN_VALG"
    forklaring = tekst(kode, gjelder=gjelder, valgt=valgt)
    if request.accept_mimetypes.best == "application/json":
        return {"grunn": forklaring}, 409, {}
    waiting = _keep_form() if gjelder else ""
    if waiting:
        current_session()[kept_form.SKJEMA] = waiting
    body = render_template(
        "feil/annen_organisasjon.html",
        tittel=tekst(f"{kode}_TITTEL"),
        forklaring=forklaring,
        ikke_gjort=ikke_gjort(request.endpoint or "", request.form),
        gjelder=(error.gjelder, gjelder),
        valgt=valgt,
        venter=bool(waiting),
        skrevet=kept_form.form_of_request("") is not None and request.endpoint not in SES_IGJEN,
        filer=bool(request.files),
        neste=url_for("innlogging.skjema") if waiting else return_path(),
        error_id=error_id,
    )
    return body, 409, {}


def csrf_failed(error: CSRFError) -> Page:
    """A form without this session's token: nothing of it is carried out.

    What a person typed in it on a page of ours, before they logged in anew or chose to represent another, is
    kept and shown to them again to look over and send.
    """
    error_id = _log("csrf", 400, arsak=str(error.description))
    waiting = _keep_form()
    if not waiting:
        return page(400, error_id, kode="SKJEMA_UTLOPT", pressed=_from_our_own_page())
    current_session()[kept_form.SKJEMA] = waiting
    return redirect(url_for("innlogging.skjema"), 303)


def _keep_form() -> str:
    """Keep the form of this request if its person typed in it on a page of ours; return its id, or ""."""
    present = current_session()
    if present.sesjon is None or request.endpoint in SES_IGJEN or "HX-Request" in request.headers:
        return ""
    side = return_path()
    if not _from_our_own_page() or kept_form.form_of_request(side) is None:
        return ""
    return kept_form.keep_form(present, side)


def _from_our_own_page() -> bool:
    """Whether Origin and Referer say that the form stood on a page of this very site; without them it did
    not.
    """
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    referrer = urlsplit(request.referrer or "")
    return [origin, f"{referrer.scheme}://{referrer.netloc}"] == [request.host_url.rstrip("/")] * 2


def field_repeated(error: FeltGjentatt) -> Page:
    """A field came twice."""
    return page(400, _log("felt_gjentatt", 400), kode="FELT_GJENTATT")


def http_error(error: HTTPException) -> Page:
    """Errors of HTTP itself: unknown page, body too large, too many requests."""
    status = error.code or 500
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        return unexpected_error(error.original_exception)
    error_id = _log("http", status)
    if status == 401 and "nivaa_kreves" in g:
        return _level_lacking(error_id, g.nivaa_kreves, venter=bool(g.get("skjema_venter")))
    if status == 401:
        return page(status, error_id, kode=_login_lacking(), pressed=current_session().had_cookie)
    return page(status, error_id)


def _login_lacking() -> str | None:
    """Code of the explanation for a form that arrived after its login had ended."""
    if g.get("sporres_igjen"):
        return "SPORRES_IGJEN"
    return "SKJEMA_TATT_VARE_PA" if g.get("skjema_venter") else None


def _level_lacking(error_id: str, nivaa: int, *, venter: bool) -> Page:
    """The 401 page for a logged-in person who needs a higher level; `venter`: the posted form is kept
    meanwhile.
    """
    kode = "NIVA_SKJEMA" if venter else "NIVA"
    krav = TILGANG.get(request.endpoint or "")
    if krav is not None and krav.slag is Slag.INNBYGGER:
        body = render_template(
            "minside/niva.html", nivaa=nivaa, kode=kode, lenke=g.logg_inn_lenke, error_id=error_id
        )
        return body, 401, {}
    text = tekst(kode, nivaa=nivaa)
    return page(401, error_id, tittel=tekst("NIVA_TITTEL", nivaa=nivaa), forklaring=text, pressed=True)


def database_unavailable(error: SQLAlchemyError) -> Page:
    """The database is unavailable or too slow: a 503 page that reads nothing from the database, not even the
    session.
    """
    assert isinstance(session, PortalSession)
    session.leave_unread()
    g.pop("_login_user", None)
    event, cause = api_errors.database_failure(error)
    kode = "TOK_FOR_LANG_TID" if event == api_errors.QUERY_CANCELLED else None
    return page(503, _log(event, 503, arsak=cause), kode=kode)


def machine_lacks(error: OSError) -> Page:
    """This machine is out of disk space or file descriptors: 503, and nothing of the request was stored."""
    if not is_machine_fault(error):
        return unexpected_error(error)
    db.session.rollback()
    return page(503, _log(api_errors.MACHINE_LACKS, 503, arsak=fault_name(error)), kode="MASKINEN_FULL")


def unexpected_error(error: BaseException) -> Page:
    """An unforeseen exception: logged in full, told in one sentence."""
    error_id = request_id()
    db.session.rollback()
    log.error("uventet_feil", error_id=error_id, endpoint=request.endpoint, exc_info=error)
    return page(500, error_id)


def page(
    status: int,
    error_id: str,
    *,
    kode: str | None = None,
    tittel: str | None = None,
    forklaring: str | None = None,
    pressed: bool = False,
) -> Page:
    """Render the page of `status`; `forklaring` or the text of `kode` replaces its usual explanation.

    `pressed`: a person posted a form, and is told which button had no effect.
    """
    if status not in PAGES:
        status = 400 if status < 500 else 500
    body = render_template(
        "feil/feil.html",
        status=status,
        tittel=tittel or tekst(f"HTTP_{status}_TITTEL"),
        forklaring=forklaring or tekst(kode or f"HTTP_{status}"),
        ikke_gjort=_not_done() if pressed else "",
        error_id=error_id,
        lenke=g.get("logg_inn_lenke"),
    )
    headers = {"Retry-After": "60"} if status in (429, 503) else {}
    return body, status, headers


def _not_done() -> str:
    """Which act was not carried out, for forms of staff; a citizen's page says so in the citizen's own
    language.
    """
    endpoint = request.endpoint or ""
    if request.method in SAFE_METHODS or not is_small_form() or is_citizen_endpoint(endpoint):
        return ""
    return ikke_gjort(endpoint, request.form) if knapp_av(endpoint, request.form) else ""


def _log(event: str, status: int, **fields: object) -> str:
    error_id = request_id()
    write = log.error if status >= 500 else log.info
    write(event, error_id=error_id, status=status, endpoint=request.endpoint, **fields)
    return error_id
