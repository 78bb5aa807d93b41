"""A person's upload may take minutes to come; what was looked up to let them in holds no connection meanwhile."""

from __future__ import annotations

import pytest
from flask import Flask

from fiks.utsending.rules import Utsendingstatus
from tests.doubles import WatchedBody
from tests.integration.utsending.browser import log_in, token_of
from tests.integration.utsending.kommuner import make_kommune, make_mailing

pytestmark = pytest.mark.usefixtures("house")


def test_no_transaction_is_open_while_a_list_is_uploaded(app: Flask) -> None:
    kommune = make_kommune()
    client = log_in(app, kommune, "saksbehandler")
    page = f"/utsendinger/{make_mailing(kommune, status=Utsendingstatus.UTKAST).id}/mottakere"
    content = b'--g\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
    content += token_of(client.get(page).text).encode() + b"\r\n--g--\r\n"
    body = WatchedBody(content)
    answer = client.post(
        page,
        headers={"Referer": f"http://localhost{page}"},
        input_stream=body,
        content_type="multipart/form-data; boundary=g",
        content_length=len(content),
    )
    assert answer.status_code < 500
    assert set(body.held) == {False}
