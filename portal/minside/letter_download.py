"""Download of a letter's document by its receiver, after login. Only a complete download counts as read, so
byte ranges are not offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import structlog
from flask import Response, request, stream_with_context
from sqlalchemy.exc import DBAPIError
from werkzeug.http import dump_options_header

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon.person import representation
from fiks.konfigurasjon.person import service as person_service
from fiks.svarut.inbox import access
from fiks.svarut.letters import Dokumentref, stream_checked
from portal.access.actor import current_actor
from portal.access.login_request import HoyereNivaaKreves
from portal.altinn import party_lookup
from portal.http.security import DOCUMENT_HEADERS
from portal.minside.blueprint import blueprint

log = structlog.get_logger(__name__)


@blueprint.get("/forsendelse/<uuid:forsendelse_id>/<int:nr>")
def brev(forsendelse_id: UUID, nr: int) -> Response:
    """Document `nr` of the letter, complete. Anybody it is not for gets the same 404 as for a document that
    does not exist.

    The start of the download is audited before the first byte.
    """
    actor = current_actor()
    leser = reader_of(forsendelse_id, actor)
    document = document_for(forsendelse_id, nr, leser, actor)
    session().rollback()
    headers = {
        **DOCUMENT_HEADERS,
        "Content-Disposition": dump_options_header("attachment", {"filename": document.filnavn}),
    }
    if not document.kryptert:  # how long one is that is decrypted as it streams, nobody knows beforehand
        headers["Content-Length"] = str(document.storrelse)
    if request.method == "HEAD":
        return Response(mimetype=document.mime_type, headers=headers)
    body = stream_with_context(deliver(forsendelse_id, document, leser, actor))
    return Response(body, mimetype=document.mime_type, headers=headers)


@dataclass(frozen=True, slots=True, repr=False)
class Leser:
    """Whose letters the person may read: their own, and those of `orgnrs`. No repr: it holds a personal number."""

    pid: str
    orgnrs: frozenset[str]


def reader_of(forsendelse_id: UUID, actor: Aktor) -> Leser:
    """The person on their own behalf; for a letter only organisations may read, also those the person holds
    its right for.
    """
    assert actor.person_id is not None
    pid = person_service.pid_of(actor.person_id)
    if access.may_read(forsendelse_id, pid):
        return Leser(pid, frozenset())
    right = access.required_right(forsendelse_id)
    return Leser(pid, acts_for(actor, right) if right is not None else frozenset())


def document_for(forsendelse_id: UUID, nr: int, leser: Leser, actor: Aktor) -> Dokumentref:
    """The document, if the person may read it at this login level. A HEAD request only describes it, without
    a download.
    """
    pid, orgnrs = leser.pid, leser.orgnrs
    try:
        if request.method == "HEAD":
            return access.readable_document(forsendelse_id, nr, pid=pid, acr=actor.acr, orgnrs=orgnrs)
        return access.begin_download(forsendelse_id, nr, pid=pid, orgnrs=orgnrs, actor=actor)
    except IkkeTilgang as error:
        raise HoyereNivaaKreves(4) from error


def acts_for(actor: Aktor, right: str) -> frozenset[str]:
    """The organisations for which the person holds this right in Altinn. Raises RollerUtilgjengelig."""
    assert actor.sesjon_id is not None
    found = representation.parties(actor.sesjon_id, party_lookup())
    return frozenset(
        part.orgnr for part in representation.parties_to_act_for(found, representation.required_codes(right))
    )


def deliver(forsendelse_id: UUID, document: Dokumentref, leser: Leser, actor: Aktor) -> Iterator[bytes]:
    """Stream the document; after the last chunk the letter is marked as read.

    An aborted download ends this generator at a chunk, so nothing is marked.
    """
    try:
        yield from stream_checked(document)
    except FiksError as error:
        log.error("dokument_ikke_hel", forsendelse=str(forsendelse_id), nr=document.nr, kode=error.kode)
        if error.kode == "DOKUMENT_ENDRET":  # found at the end, when all has been handed over
            return
        raise
    if document.nr < 1:
        return
    try:
        first = access.mark_read(forsendelse_id, pid=leser.pid, orgnrs=leser.orgnrs, actor=actor)
    except (DBAPIError, IkkeFunnet) as error:
        log.error("lest_ikke_registrert", forsendelse=str(forsendelse_id), arsak=type(error).__name__)
        return
    log.info("brev_lastet_ned", forsendelse=str(forsendelse_id), forste=first)
