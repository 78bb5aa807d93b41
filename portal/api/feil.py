"""Errors as the machines are told them: KS' ErrorMessage, with an errorId that finds the cause in the log."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from uuid import uuid4

import structlog
from flask import Response, request
from werkzeug.exceptions import HTTPException

from fiks.core.identifiers import mask_numbers

log = structlog.get_logger(__name__)

API_PATH = re.compile(r"(/[a-z0-9-]+)?/api(/|$)|/tjenester/(api|forsendelseservice)/")

MELDINGER = {
    400: "Ugyldig input",
    401: "Klarte ikke å validere access_token",
    403: "Ikke autorisert",
    404: "Ikke funnet",
    405: "Metoden støttes ikke",
    409: "Konflikt",
    413: "For stor forespørsel",
    415: "Innholdstypen støttes ikke",
    422: "Ugyldig input",
    429: "For mange forespørsler",
    503: "Tjenesten er ikke tilgjengelig",
}
FEIL = "Noe gikk galt hos oss"


class ApiFeil(HTTPException):
    """A machine is refused. `arsak` and `felter` go to the log and never to the caller; `kode` is for both."""

    def __init__(
        self, status: int, melding: str, *, arsak: str, kode: str | None = None, **felter: object
    ) -> None:
        super().__init__(melding)
        self.code = status
        self.melding = melding
        self.kode = kode
        self.arsak = arsak
        self.felter = felter


def refused(error: ApiFeil) -> Response:
    """Log the cause under the errorId that the caller is given."""
    return error_message(error.code or 500, note(error), melding=error.melding, kode=error.kode)


def note(error: ApiFeil) -> str:
    """Log the cause and return the errorId that finds it."""
    error_id = str(error.felter.pop("error_id", None) or uuid4())
    status = error.code or 500
    write = log.error if status >= 500 else log.info
    write(
        "maskin_avvist",
        error_id=error_id,
        status=status,
        arsak=error.arsak,
        rute=str(request.url_rule),
        **error.felter,
    )
    return error_id


def is_api(path: str) -> bool:
    """Whether the address is one of the machines' (`/konfigurasjon/api/…`): they are never answered with a page."""
    return API_PATH.match(path) is not None


def error_message(
    status: int,
    error_id: str,
    *,
    melding: str | None = None,
    kode: str | None = None,
    felter: Mapping[str, str] | None = None,
) -> Response:
    """The answer: `timestamp` in epoch milliseconds, `path` without query. The same members for every error.

    `felter`: a sentence for each field that something is wrong with. Personal numbers are masked wherever they came.
    """
    told = felter and {mask_numbers(felt): mask_numbers(text) for felt, text in felter.items()}
    body = {
        "timestamp": time.time_ns() // 1_000_000,
        "status": status,
        "error": HTTPStatus(status).phrase,
        "errorId": error_id,
        "path": mask_numbers(request.path),
        "originalPath": None,
        "message": mask_numbers(melding or MELDINGER.get(status, FEIL)),
        "errorCode": kode,
        "errorJson": told or None,
    }
    answer = json_answer(body, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        answer.headers["Retry-After"] = "60"
    return answer


def json_answer(body: object, status: int = 200) -> Response:
    """JSON in UTF-8, said so in the content type, as KS' clients expect."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, content_type="application/json;charset=UTF-8")
