"""Download a letter's decrypted files, streamed: one file, or all as a ZIP."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import structlog
from flask import Response, request, stream_with_context
from werkzeug.http import dump_options_header

from fiks.core.errors import FiksError
from fiks.svarut.svarinn import manual_actions
from fiks.svarut.svarinn.manual_actions import Klarfil
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.http.security import DOCUMENT_HEADERS
from portal.mottak.blueprint import blueprint, require_entry

log = structlog.get_logger(__name__)


@blueprint.get("/<uuid:forsendelse_id>/filer/<int:nr>")
def fil(forsendelse_id: UUID, nr: int) -> Response:
    """One file."""
    require_entry(forsendelse_id)
    asked = manual_actions.one_file_head if request.method == "HEAD" else manual_actions.one_file
    return _download(forsendelse_id, asked(forsendelse_id, nr, spor=party_lookup(), actor=current_actor()))


@blueprint.get("/<uuid:forsendelse_id>/filer.zip")
def filer(forsendelse_id: UUID) -> Response:
    """All files."""
    require_entry(forsendelse_id)
    asked = manual_actions.all_files_head if request.method == "HEAD" else manual_actions.all_files
    return _download(forsendelse_id, asked(forsendelse_id, spor=party_lookup(), actor=current_actor()))


def _download(forsendelse_id: UUID, clear: Klarfil) -> Response:
    name = dump_options_header("attachment", {"filename": clear.filnavn})
    headers = {**DOCUMENT_HEADERS, "Content-Disposition": name}
    if request.method == "HEAD":
        return Response(mimetype=clear.mime_type, headers=headers)
    body = stream_with_context(_logged(forsendelse_id, clear.innhold))
    return Response(body, mimetype=clear.mime_type, headers=headers)


def _logged(forsendelse_id: UUID, content: Iterator[bytes]) -> Iterator[bytes]:
    """An error while streaming breaks the connection: never a file that only looks complete."""
    try:
        yield from content
    except FiksError as error:
        log.error("dokument_ikke_hel", forsendelse=str(forsendelse_id), kode=error.kode)
        raise
