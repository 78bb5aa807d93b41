"""The one place where errors become pages: plain words, an errorId, and never a cause the visitor should not see."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.wrappers import Response

from fiks.core.db import db
from fiks.core.errors import FiksError
from fiks.svarut.mottak import UgyldigForsendelse
from portal.api import feil
from portal.request_log import request_id
from portal.security import FeltGjentatt
from portal.texts import error_text, mottak_tekst, tekst
from portal.tilgang import ask_fresh, ask_level

log = structlog.get_logger(__name__)

# Statuses with a page of their own. Any other below 500 is told as 400, any other above as 500.
PAGES = (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503)
Page = tuple[str, int, dict[str, str]] | Response


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(feil.ApiFeil, feil.refused)
    app.register_error_handler(FiksError, refused)
    app.register_error_handler(CSRFError, csrf_failed)
    app.register_error_handler(FeltGjentatt, repeated)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(PoolTimeout, database_away)
    app.register_error_handler(Exception, unexpected)


def refused(error: FiksError) -> Page:
    """A use case said no and the route did not catch it: ask for the login that is lacking, or show its text.

    What does not exist and what one may not know of give the same page.
    """
    if feil.is_api(request.path):
        return _told_to_machine(error)
    if error.kode == "NY_INNLOGGING":
        return ask_fresh()
    if error.kode == "HOYERE_NIVA":
        return ask_level(4)
    if error.status >= 500 and error.status != 503:
        return unexpected(error)
    error_id = _log("avvist", error.status, kode=error.kode)
    return page(error.status, error_id, forklaring=None if error.kode == "FINNES_IKKE" else error_text(error))


def _told_to_machine(error: FiksError) -> Page:
    """A machine is told the code and the sentence; it is never asked to log in again."""
    if error.status >= 500 and error.status != 503:
        return unexpected(error)
    error_id = _log("avvist", error.status, kode=error.kode)
    if error.kode == "FINNES_IKKE":
        return feil.error_message(404, error_id)
    if isinstance(error, UgyldigForsendelse):
        return _refused_letter(error, error_id)
    return feil.error_message(error.status, error_id, melding=error_text(error), kode=error.kode)


def _refused_letter(error: UgyldigForsendelse, error_id: str) -> Page:
    """All that is wrong with what was sent: the first as the message, and a sentence for each field."""
    told: dict[str, str] = {}
    for one in error.funn:
        felt = one.felt or "forsendelse"
        told[felt] = f"{told[felt]} {mottak_tekst(one)}" if felt in told else mottak_tekst(one)
    first = mottak_tekst(error.funn[0])
    return feil.error_message(error.status, error_id, melding=first, kode=error.kode, felter=told)


def csrf_failed(error: CSRFError) -> Page:
    """A form without this session's token."""
    return page(400, _log("csrf", 400, arsak=str(error.description)), kode="SKJEMA_UTLOPT")


def repeated(error: FeltGjentatt) -> Page:
    """A field that came twice."""
    return page(400, _log("felt_gjentatt", 400), kode="FELT_GJENTATT")


def http_error(error: HTTPException) -> Page:
    """Errors of HTTP itself: unknown page, too large, too many."""
    status = error.code or 500
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        return unexpected(error.original_exception)
    kode = "SKJEMA_TATT_VARE_PA" if status == 401 and g.get("skjema_venter") else None
    answer = page(status, _log("http", status), kode=kode)
    if isinstance(error, MethodNotAllowed) and isinstance(answer, Response):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def database_away(error: SQLAlchemyError) -> Page:
    """The database does not answer: temporary, and said so."""
    cause = getattr(error, "orig", None) or error
    return page(503, _log("database_borte", 503, arsak=type(cause).__name__))


def unexpected(error: BaseException) -> Page:
    """Anything we did not think of: logged in full, told in one sentence."""
    error_id = request_id()
    db.session.rollback()
    log.error("uventet_feil", error_id=error_id, endpoint=request.endpoint, exc_info=error)
    if current_app.testing and current_app.config.get("FIKS_RAISE"):
        raise error
    return page(500, error_id)


def page(status: int, error_id: str, *, kode: str | None = None, forklaring: str | None = None) -> Page:
    """Render the page of `status`; `forklaring` or the text of `kode` replaces its usual explanation.

    A machine is answered with an ErrorMessage and never with a page.
    """
    if feil.is_api(request.path):
        return feil.error_message(status, error_id)
    if status not in PAGES:
        status = 400 if status < 500 else 500
    body = render_template(
        "feil/feil.html",
        status=status,
        tittel=tekst(f"HTTP_{status}_TITTEL"),
        forklaring=forklaring or tekst(kode or f"HTTP_{status}"),
        error_id=error_id,
        lenke=g.get("logg_inn_lenke"),
    )
    headers = {"Retry-After": "60"} if status in (429, 503) else {}
    return body, status, headers


def _log(event: str, status: int, **fields: object) -> str:
    error_id = request_id()
    write = log.error if status >= 500 else log.info
    write(event, error_id=error_id, status=status, endpoint=request.endpoint, **fields)
    return error_id
