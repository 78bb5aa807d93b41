"""What senders encrypt letters of level 4 to (svarut.md 1.6): our certificate, for anybody."""

from __future__ import annotations

from flask import Blueprint, Response

from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet

blueprint = Blueprint("svarut_nokkel", __name__)


@blueprint.get("/forsendelse/publickey/hent")
def hent() -> Response:
    """The newest certificate as PEM; 404 where no encrypted letters are taken in."""
    pairs = current().svarut_keys
    if not pairs:
        raise IkkeFunnet("FINNES_IKKE")
    return Response(pairs[0].pem, mimetype="application/x-pem-file")
