"""Shared by SvarInn v1 and v2: the authenticated system, addresses, and the download of a letter's files."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, request, stream_with_context

from config.settings import Settings
from fiks.svarut.svarinn.encrypted_zip import download_name, download_package
from portal.access.actor import current_actor

REALM = 'Basic realm="SvarInn", charset="UTF-8"'
HEADERS = {"Accept-Ranges": "none", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def logged_in_system() -> UUID:
    """The mottakersystem that has authenticated with its password in this request."""
    found = current_actor().mottakersystem_id
    assert found is not None
    return found


def address(path: str) -> str:
    """Absolute URL of a path of ours on API_BASE_URL, since another process may serve it."""
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return f"{settings.api_base_url.rstrip('/')}{path}"


def download(forsendelse_id: UUID) -> Response:
    """The letter's files as one ZIP in CMS. Content type and file name are those of the ZIP (svarut.md 4.2)."""
    if request.method == "HEAD":
        name = download_name(forsendelse_id, system_id=logged_in_system(), actor=current_actor())
        return Response(mimetype="application/zip", headers=_headers(name))
    packed = download_package(forsendelse_id, system_id=logged_in_system(), actor=current_actor())
    content = stream_with_context(packed.innhold)
    return Response(content, mimetype="application/zip", headers=_headers(packed.filnavn))


def _headers(filnavn: str) -> dict[str, str]:
    return {**HEADERS, "Content-Disposition": f'attachment; filename="{filnavn}"'}
