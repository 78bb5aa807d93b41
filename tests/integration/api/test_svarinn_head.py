"""HEAD on a mottakersystem's download: what it is called, or why not; the letter is not written down as fetched."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import func, select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.svarinn import credentials
from tests.integration.api.mottak import V1, Avsending, Mottaker
from tests.integration.houses import HOUSE
from tests.integration.systems import make_system


def fetched(made: UUID) -> int:
    """How often the letter is written down as fetched."""
    session().rollback()
    found = select(func.count()).where(
        Audit.handling == "BREV_HENTET_AV_MOTTAKERSYSTEM", Audit.objekt_id == str(made)
    )
    return session().scalar(found) or 0


def head(receiver: Mottaker, made: UUID) -> int:
    return receiver.call("HEAD", f"{V1}/forsendelse/{made}").status_code


def test_the_head_is_as_of_the_download_and_is_not_written_down_as_one(
    sender: Avsending, orgnr: str, receiver: Mottaker
) -> None:
    made = sender.send(orgnr)
    asked = receiver.call("HEAD", f"{V1}/forsendelse/{made}")
    assert (asked.status_code, asked.data, fetched(made)) == (200, b"", 0)
    whole = receiver.download(made)
    for name in ("Content-Type", "Content-Disposition", "Accept-Ranges", "Cache-Control"):
        assert asked.headers[name] == whole.headers[name]
    assert fetched(made) == 1


def test_the_head_is_refused_to_whom_the_download_is(
    app: Flask, sender: Avsending, orgnr: str, receiver: Mottaker
) -> None:
    made, other = sender.send(orgnr), Mottaker(app, make_system(sender.receiver()))
    assert (head(other, made), head(receiver, uuid4())) == (404, 404)
    assert app.test_client().head(f"{V1}/forsendelse/{made}").status_code == 401
    credentials.remove_certificate(receiver.system.id, actor=HOUSE)
    assert head(receiver, made) == receiver.download(made).status_code == 409
    receiver.confirm(made)
    assert (head(receiver, made), fetched(made)) == (404, 0)
