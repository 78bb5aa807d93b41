"""What goes wrong is told with the same status, code and sentence whichever interface was called."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.svarut.mottak import Funn, UgyldigForsendelse
from tests.submissions import FNR

ID = "0f7c1c9a-0000-4000-8000-000000000001"
V1, V2 = f"/tjenester/api/forsendelse/v1/{ID}/status", f"/api/v2/forsendelser/{ID}/hendelser"
ERRORS = {
    "a letter": UgyldigForsendelse([Funn("TITTEL_MANGLER", "tittel")]),
    "a field": UgyldigInndata("FNR_UGYLDIG", "fnr"),
    "a rule": Konflikt("KONTO_IKKE_AKTIV"),
    "a right": IkkeTilgang("IKKE_TILGANG"),
    "nothing": IkkeFunnet("FINNES_IKKE"),
    "a size": RequestEntityTooLarge(),
    "the database": OperationalError("SELECT 1", {}, ConnectionError("borte")),
    "a slow database": OperationalError("SELECT 1", {}, QueryCanceled("for lenge")),
    "ourselves": RuntimeError(f"fnr {FNR}"),
}


def told(app: Flask, path: str, error: Exception) -> tuple[int, object, str]:
    with app.test_request_context(path):
        answer = app.make_response(app.handle_user_exception(error))
        text = answer.get_data(as_text=True)
        assert FNR not in text
        body = json.loads(text)
        kode = body["errorcode"] if path == V1 else body["errorCode"]
        return answer.status_code, kode, _without_id(body["message"])


def _without_id(message: str) -> str:
    before, found, after = message.partition("feil-id ")
    return before + after.partition(" ")[2] if found else message


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_is_told_alike(app: Flask, what: str) -> None:
    old, new = told(app, V1, ERRORS[what]), told(app, V2, ERRORS[what])
    assert old == new
    assert old[0] in (400, 403, 404, 409, 413, 500, 503)
