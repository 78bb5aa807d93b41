"""Our certificate for encrypting letters of level 4 (svarut.md 1.6), public."""

from __future__ import annotations

from flask import Blueprint, Response

from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet

blueprint = Blueprint("svarut_nokkel", __name__)


@blueprint.get("/forsendelse/publickey/hent")
def hent() -> Response:
    """The newest certificate as PEM; 404 where encrypted letters are not taken in."""
    pairs = current().svarut_keys
    if not pairs:
        raise IkkeFunnet("FINNES_IKKE")
    return Response(pairs[0].pem, mimetype="application/x-pem-file")
