"""Errors of the machine interfaces: every exception becomes a status, a code and sentences; each interface
formats it.

Every answer has an errorId that finds the cause in the log. REST v2 and v3 write KS' ErrorMessage.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import uuid4

import structlog
from flask import Blueprint, Response, request
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, MethodNotAllowed

from fiks.core.db import db
from fiks.core.errors import Enkeltfeil, FiksError, UgyldigeFelt, UgyldigInndata
from fiks.core.processes.machine_faults import fault_name, is_machine_fault
from fiks.core.values.identifiers import mask_numbers
from fiks.svarut.mottak import CATALOGUE, Funn, UgyldigForsendelse
from fiks.svarut.mottak.errors import refuse
from portal.http.body_parsing import UleseligKropp
from portal.http.request_log import request_id
from portal.texts import error_text, mottak_tekst, tekst

log = structlog.get_logger(__name__)

QUERY_CANCELLED = "sporring_avbrutt"
MACHINE_LACKS = "maskinen_mangler"
API_PATH = re.compile(r"(/[a-z0-9-]+)?/api(/|$)|/tjenester/(api|forsendelseservice|svarinn)/")
RETRY_AFTER = 60
RETRY_AFTER_BY_CODE = {
    "FOR_MANGE_OPPSLAG": 600,
    "SMS_FOR_MANGE_OPPSLAG": 600,
    "SMS_FOR_MANGE_FORSOK": 600,
    "EDIALOG_FOR_MANGE_SENDT": 3_600,
    "EDIALOG_FOR_MANGE_UTKAST": 0,
}
"""Retry-After in seconds by code: for hourly and daily limits with a sliding window, until part of the limit
is likely to be free; 0 where waiting does not help.
"""
V1_PATH = re.compile(r"/tjenester/(api|svarinn)/")

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
    """A machine is refused. `arsak` and `felter` go to the log and never to the caller; `kode` goes to both."""

    def __init__(
        self, status: int, melding: str, *, arsak: str, kode: str | None = None, **felter: object
    ) -> None:
        super().__init__(melding)
        self.code = status
        self.melding = melding
        self.kode = kode
        self.arsak = arsak
        self.felter = felter


@dataclass(frozen=True, slots=True)
class Sagt:
    """An error as it is told to a machine. `kode` is None where there is no code; `error_id` finds the cause
    in the log.

    `setninger` are all faults, the first first; `felter` a sentence for each faulty field, and
    `forsendelseId` when the letter has been taken in already.
    """

    status: int
    kode: str | None
    setninger: tuple[str, ...]
    error_id: str
    felter: Mapping[str, str] = field(default_factory=dict)

    @property
    def melding(self) -> str:
        """All sentences as one text, each once."""
        return " ".join(dict.fromkeys(self.setninger))


Write = Callable[[Sagt], Response]


def answer_errors(blueprint: Blueprint, write: Write, *, challenge: str) -> None:
    """Format every error in the blueprint's routes, or at their door, with `write`.

    `challenge`: value of WWW-Authenticate for callers without credentials.
    """
    for kind in (Exception, BadRequest):  # the app has a handler of its own for a kind of the latter
        blueprint.register_error_handler(kind, lambda error: _respond(error, write, challenge))


def answer(error: Exception) -> Response:
    """Answer an error of an interface without its own format, or of an unknown address: KS' ErrorMessage, but
    v1's format below REST v1 of SvarUt and SvarInn.
    """
    return _respond(error, v1_error if V1_PATH.match(request.path) else error_message, "Bearer")


def _respond(error: Exception, write: Write, challenge: str) -> Response:
    said = describe_error(error)
    made = write(said)
    if said.status == 401:
        made.headers["WWW-Authenticate"] = challenge
    wait = RETRY_AFTER_BY_CODE.get(said.kode or "", RETRY_AFTER)
    if said.status in (429, 503) and wait:
        made.headers["Retry-After"] = str(wait)
    if isinstance(error, MethodNotAllowed):
        made.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return made


def describe_error(error: BaseException) -> Sagt:
    """Log the error and put it into words a caseworker understands."""
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        error = error.original_exception
    if isinstance(error, ApiFeil):
        return _describe_api_error(error)
    if isinstance(error, FiksError) and (error.status < 500 or error.status == 503):
        return _describe_refusal(error)
    if isinstance(error, OperationalError | PoolTimeout):
        event, cause = database_failure(error)
        return _describe_failure(event, 503, arsak=cause)
    if isinstance(error, OSError) and is_machine_fault(error):
        return _describe_failure(MACHINE_LACKS, 503, arsak=fault_name(error))
    if isinstance(error, UleseligKropp):
        return _describe_refusal(refuse("OVERFORING_UGYLDIG"))
    if isinstance(error, HTTPException) and not isinstance(error, InternalServerError):
        status = error.code or 500
        other = MELDINGER[400] if status < 500 else FEIL
        return Sagt(status, None, (MELDINGER.get(status, other),), _log_error("http", status))
    db.session.rollback()
    return _describe_failure("uventet_feil", 500, exc_info=error)


def database_failure(error: SQLAlchemyError) -> tuple[str, str]:
    """(log event, class of the cause) of a database that is unavailable or cancelled a query at its time
    limit.
    """
    cause = getattr(error, "orig", None) or error
    return QUERY_CANCELLED if isinstance(cause, QueryCanceled) else "database_borte", type(cause).__name__


def _describe_api_error(error: ApiFeil) -> Sagt:
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
    return Sagt(status, error.kode, (error.melding,), error_id)


def _describe_refusal(error: FiksError) -> Sagt:
    """Describe a refusal by a use case. "Does not exist" and "may not be known to the caller" give the same
    answer.
    """
    found = _findings(error)
    sentences = tuple(mask_numbers(_sentence(one)) for one in found) or (mask_numbers(_sentence(error)),)
    entry = CATALOGUE.get(error.kode)
    status = entry.status if entry else 400 if isinstance(error, UgyldigInndata) else error.status
    error_id = _log_error("avvist", status, koder=[one.kode for one in found] or [error.kode])
    if error.kode == "FINNES_IKKE":
        return Sagt(404, None, (MELDINGER[404],), error_id)
    fields: dict[str, str] = {}
    for one, sentence in zip(found, sentences, strict=False):
        felt = mask_numbers(one.felt or "forsendelse")
        fields[felt] = f"{fields[felt]} {sentence}" if felt in fields else sentence
    if "forsendelse_id" in error.params:
        fields["forsendelseId"] = str(error.params["forsendelse_id"])
    return Sagt(status, error.kode, sentences, error_id, fields)


def _findings(error: FiksError) -> Sequence[Enkeltfeil]:
    """The single faults of an error that holds several; empty otherwise."""
    if isinstance(error, UgyldigForsendelse):
        return error.funn
    return error.feil if isinstance(error, UgyldigeFelt) else ()


def _sentence(one: Enkeltfeil) -> str:
    if one.kode in CATALOGUE:
        return mottak_tekst(Funn(one.kode, one.felt or "", dict(one.params)))
    return error_text(one) if isinstance(one, FiksError) else tekst(one.kode, **one.params)


def _describe_failure(event: str, status: int, **facts: object) -> Sagt:
    error_id = _log_error(event, status, **facts)
    text = f"{MELDINGER.get(status, FEIL)}. Oppgi feil-id {error_id} hvis dere tar kontakt."
    return Sagt(status, None, (text,), error_id)


def _log_error(event: str, status: int, **facts: object) -> str:
    error_id = request_id()
    write = log.error if status >= 500 else log.info
    write(event, error_id=error_id, status=status, endpoint=request.endpoint, **facts)
    return error_id


def is_api(path: str) -> bool:
    """Whether the address belongs to a machine interface (`/konfigurasjon/api/…`), which never answers with a
    page.
    """
    return API_PATH.match(path) is not None


def error_message(said: Sagt) -> Response:
    """KS' ErrorMessage: `timestamp` in epoch milliseconds, `path` without query. All errors have the same
    members.
    """
    body = {
        "timestamp": time.time_ns() // 1_000_000,
        "status": said.status,
        "error": HTTPStatus(said.status).phrase,
        "errorId": said.error_id,
        "path": mask_numbers(request.path),
        "originalPath": None,
        "message": said.setninger[0],
        "errorCode": said.kode,
        "errorJson": said.felter or None,
    }
    return json_answer(body, said.status)


def v1_error(said: Sagt) -> Response:
    """The error format of REST v1 of SvarUt and SvarInn: {errorcode, message}."""
    return json_answer({"errorcode": said.kode, "message": said.melding}, said.status)


def json_answer(body: object, status: int = 200) -> Response:
    """A JSON answer in UTF-8, with the charset in the content type, as KS' clients expect."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, content_type="application/json;charset=UTF-8")
