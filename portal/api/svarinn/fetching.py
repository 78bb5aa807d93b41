"""What both generations of SvarInn's interface have in common: who asks, where a letter is fetched, and the file."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, request, stream_with_context

from config.settings import Settings
from fiks.svarut.svarinn.package import package, package_name
from portal.access import current_actor

REALM = 'Basic realm="SvarInn", charset="UTF-8"'
HEADERS = {"Accept-Ranges": "none", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def own_system() -> UUID:
    """The mottakersystem that has logged in with its password in this request."""
    found = current_actor().mottakersystem_id
    assert found is not None
    return found


def address(path: str) -> str:
    """The whole address of a path of ours. Other processes than this one may be who serves it."""
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return f"{settings.api_base_url.rstrip('/')}{path}"


def download(forsendelse_id: UUID) -> Response:
    """The letter's files, as one ZIP in CMS. The type and the name are those of the ZIP (svarut.md 4.2)."""
    if request.method == "HEAD":
        name = package_name(forsendelse_id, system_id=own_system(), actor=current_actor())
        return Response(mimetype="application/zip", headers=_headers(name))
    packed = package(forsendelse_id, system_id=own_system(), actor=current_actor())
    content = stream_with_context(packed.innhold)
    return Response(content, mimetype="application/zip", headers=_headers(packed.filnavn))


def _headers(filnavn: str) -> dict[str, str]:
    return {**HEADERS, "Content-Disposition": f'attachment; filename="{filnavn}"'}
