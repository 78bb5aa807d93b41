"""Sending a skjema as its worker does, and the e-mails that come of it."""

from __future__ import annotations

from sqlalchemy import select

from fiks.core.crypto.encryption import decrypt_value
from fiks.core.db import session
from fiks.core.environment import current
from fiks.edialog import service, work
from fiks.epost.models import Epost
from fiks.epost.service import ADDRESS_AAD
from tests.integration.edialog.skjemaer import (
    Innbygger,
    Penn,
)
from tests.integration.worlds import FakeRegister


def send(skjema_id: object, who: Innbygger, penn: Penn, register: FakeRegister, spraak: str = "nb") -> None:
    service.send(skjema_id, spraak=spraak, actor=who.actor)  # type: ignore[arg-type]
    assert work.send_next(penn, register) == 1


def mails() -> list[tuple[str, str, str, dict[str, object]]]:
    """(template, language, address, values) of each e-mail."""
    session().rollback()
    keys = current().keys
    return [
        (row.mal, row.sprak, decrypt_value(keys, row.til_kryptert, ADDRESS_AAD).decode(), row.verdier)
        for row in session().scalars(select(Epost))
    ]
