"""What REST v1 and SOAP have in common: their words for what happened, and what a caller is told when it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from fiks.core.calendar import OSLO
from fiks.core.db import db
from fiks.core.errors import FiksError, IkkeFunnet, UgyldigInndata
from fiks.core.identifiers import mask_numbers
from fiks.svarut.mottak import CATALOGUE, Funn, UgyldigForsendelse
from fiks.svarut.reads import Brevstatus
from fiks.svarut.rules import status_before_v3
from portal.api import feil
from portal.api.basic import REALM
from portal.request_log import request_id
from portal.security import FeltGjentatt
from portal.texts import error_text, mottak_tekst

log = structlog.get_logger(__name__)

SIGNING_TYPES: Mapping[str, str] = {
    "SIGNERING_REGISTRERT": "SigneringsoppdragRegistrert",
    "SIGNERING_STARTET": "SigneringsoppdragStartet",
    "SIGNERING_FULLFORT": "SigneringsoppdragFullfort",
    "SIGNERING_AVVIST_AV_MOTTAKER": "SigneringsoppdragAvvistAvMottaker",
    "SIGNERING_AVVIST_AV_SVARUT": "SigneringsoppdragAvvistAvSvarUt",
    "SIGNERING_UTLOPT": "SigneringsoppdragUtlopt",
}
"""The `type` of an event in a letter's signing log (svarut.md 1.7)."""


@dataclass(frozen=True, slots=True)
class Sagt:
    """What the caller is told. `kode` is None for what has no code; `error_id` finds the cause in the log."""

    status: int
    kode: str | None
    melding: str
    error_id: str


def letter_id(text: str) -> UUID:
    """The id in an address or a body. What is no id is the id of no letter: IkkeFunnet."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise IkkeFunnet("FINNES_IKKE") from None


def status_of(letter: Brevstatus) -> str:
    """The letter's status in the words of the older interfaces."""
    return status_before_v3(letter.status, letter.for_sletting)


def log_time(at: datetime) -> str:
    """A moment as it stands in the older interfaces' logs: Norwegian time."""
    return at.astimezone(OSLO).strftime("%d.%m.%Y %H:%M:%S")


def answer_errors(blueprint: Blueprint, write: Callable[[Sagt], Response]) -> None:
    """Answer everything that goes wrong in the blueprint's routes, or at their door, by `write`."""

    def handle(error: Exception) -> Response:
        said = told(error)
        answer = write(said)
        if said.status == 401:
            answer.headers["WWW-Authenticate"] = REALM
        if said.status in (429, 503):
            answer.headers["Retry-After"] = "60"
        return answer

    for kind in (Exception, FeltGjentatt):  # the latter has a handler of the app's for its own status
        blueprint.register_error_handler(kind, handle)


def told(error: Exception) -> Sagt:
    """Log the error and say it in a caseworker's words, all findings of a letter at once."""
    if isinstance(error, feil.ApiFeil):
        error_id = feil.note(error)
        return Sagt(error.code or 500, error.kode, error.melding, error_id)
    if isinstance(error, FiksError) and (error.status < 500 or error.status == 503):
        return _refused(error)
    if isinstance(error, OperationalError | PoolTimeout):
        return _failed("database_borte", 503, arsak=type(getattr(error, "orig", None) or error).__name__)
    if isinstance(error, HTTPException) and not isinstance(error, InternalServerError):
        status = error.code or 500
        log.info("http", error_id=request_id(), status=status, endpoint=request.endpoint)
        return Sagt(status, None, feil.MELDINGER.get(status, feil.MELDINGER[400]), request_id())
    db.session.rollback()
    return _failed("uventet_feil", 500, exc_info=error)


def _refused(error: FiksError) -> Sagt:
    if isinstance(error, UgyldigForsendelse):
        codes = [funn.kode for funn in error.funn]
        sentences = [mottak_tekst(funn) for funn in error.funn]
    else:
        codes, sentences = [error.kode], [_sentence(error)]
    entry = CATALOGUE.get(error.kode)
    status = entry.status if entry else 400 if isinstance(error, UgyldigInndata) else error.status
    log.info("avvist", error_id=request_id(), status=status, koder=codes, endpoint=request.endpoint)
    if error.kode == "FINNES_IKKE":
        return Sagt(404, None, feil.MELDINGER[404], request_id())
    text = mask_numbers(" ".join(dict.fromkeys(sentences)))
    return Sagt(status, error.kode, text, request_id())


def _sentence(error: FiksError) -> str:
    if error.kode in CATALOGUE:
        return mottak_tekst(Funn(error.kode, error.felt or "", error.params))
    return error_text(error)


def _failed(event: str, status: int, **facts: object) -> Sagt:
    error_id = request_id()
    log.error(event, error_id=error_id, status=status, endpoint=request.endpoint, **facts)
    text = feil.MELDINGER.get(status, feil.FEIL)
    return Sagt(status, None, f"{text}. Oppgi feil-id {error_id} hvis dere tar kontakt.", error_id)
