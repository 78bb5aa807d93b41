"""The door of REST v2 and v3 looks much up; nothing of that holds a connection while the letter comes."""

from __future__ import annotations

import json

from tests.api.calls import BOUNDARY, Avsender, documents, letter_v2, multipart
from tests.doubles import WatchedBody


def test_no_transaction_is_open_while_the_body_is_read(avsender: Avsender) -> None:
    for tittel, passord, status in (("Vedtak", "", 200), ("", "", 400), ("Vedtak", "feil", 401)):
        letter = letter_v2(tittel=tittel)
        content = multipart(("forsendelse", "", json.dumps(letter).encode()), *documents(letter))
        body = WatchedBody(content)
        headers = avsender.kall.headers(**({"IntegrasjonPassord": passord} if passord else {}))
        answer = avsender.app.test_client().post(
            avsender.konto,
            headers=headers,
            input_stream=body,
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
            content_length=len(content),
        )
        assert (answer.status_code, set(body.held)) == (status, {False}), answer.text
