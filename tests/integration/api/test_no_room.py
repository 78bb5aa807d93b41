"""A machine with no room for what is sent says so to people and to fagsystemer, and takes nothing of it in."""

from __future__ import annotations

import errno
import tempfile
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.utsending.models import Opplasting
from fiks.utsending.rules import Utsendingstatus
from portal.http import api_errors
from portal.texts import tekst
from tests.integration.api.fagsystem import Fagsystem, forsendelse
from tests.integration.utsending.browser import log_in, text_of, token_of
from tests.integration.utsending.kommuner import make_kommune, make_mailing

LARGE = b"%PDF-1.7\n" + b"0" * 600_000
"""More than is held in memory while it comes."""


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary folder has no room: what is written is refused by the kernel itself."""

    def on_full_disk(**_: Any) -> Any:
        return open("/dev/full", "rb+", buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", on_full_disk)


@pytest.mark.usefixtures("full")
def test_a_fagsystems_letter_needs_no_room_in_the_temporary_folder(fagsystem: Fagsystem) -> None:
    assert fagsystem.send(forsendelse(), ("brev.pdf", LARGE)).status_code == 200


@pytest.mark.parametrize(
    ("number", "status"), [(errno.EMFILE, 503), (errno.ENOSPC, 503), (errno.ENOENT, 500)]
)
def test_a_fagsystem_is_told_to_come_again_for_what_the_machine_lacks_and_no_other_fault(
    app: Flask, number: int, status: int
) -> None:
    with app.test_request_context("/tjenester/api/forsendelse/v1/sendForsendelse"):
        answer = api_errors.answer(OSError(number, "said by the kernel"))
    assert (answer.status_code, answer.headers.get("Retry-After")) == (
        status,
        "60" if status == 503 else None,
    )
    assert b"kernel" not in answer.data


def test_staff_are_told_and_nothing_is_taken_in(app: Flask, full: None) -> None:
    kommune = make_kommune()
    client = log_in(app, kommune, "saksbehandler")
    mailing = make_mailing(kommune, status=Utsendingstatus.UTKAST)
    page = f"/utsendinger/{mailing.id}/mottakere"
    head = b'--g\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
    head += token_of(client.get(page).text).encode()
    head += b'\r\n--g\r\nContent-Disposition: form-data; name="fil"; filename="liste.csv"\r\n\r\n'
    answer = client.post(
        page,
        headers={"Referer": f"http://localhost{page}"},
        data=head + b"navn;adresse\n" * 50_000 + b"\r\n--g--\r\n",
        content_type="multipart/form-data; boundary=g",
    )
    assert answer.status_code == 503
    assert tekst("MASKINEN_FULL") in text_of(answer.text)
    mine = select(func.count()).where(Opplasting.utsending_id == mailing.id)
    assert session().scalar(mine) == 0
