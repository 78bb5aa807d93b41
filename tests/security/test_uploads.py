"""What is sent in to hurt: a clear message, the right status, and nothing of it kept."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.utsending.filer.workers import unzip
from fiks.utsending.jobs import queue
from fiks.utsending.models import Utsending
from fiks.utsending.receivers import list_import
from fiks.utsending.rules import Art, Delart
from portal.texts import TEKSTER
from tests.integration.utsending.browser import text_of
from tests.integration.utsending.kommuner import Postkasser, today
from tests.pagecheck import faults
from tests.security.numbers import numbers_in
from tests.security.people import Scene, browser, csrf
from tests.security.uploading import EMPTY_LIST, HOSTILE, NAMES, Fil

PAGES = {"LISTE": "mottakere", "DOKUMENT": "brev", "SAMLET": "mottakere/samlet", "ZIP": "brev"}
ACTIONS = {
    "LISTE": "mottakere",
    "DOKUMENT": "brev/dokument",
    "SAMLET": "mottakere/samlet",
    "ZIP": "brev/zip",
}
FIELDS = {"ZIP": "zip"}
"""What a form calls the file where it is not `fil`."""
WAYS = {"SAMLET": Art.EN_STOR_PDF, "ZIP": Art.ETT_DOKUMENT_PER_RAD}
"""The way of sending that takes such a file; the others take lists and one document to all."""


@pytest.fixture(scope="module")
def owner(app: Flask, own_database: str) -> Iterator[Owner]:
    """Who reads the uploads; what other tests have ordered is not this one's to do."""
    with app.app_context(), transaction() as tx:
        tx.execute(text("UPDATE arbeidsdel SET status = 'FERDIG' WHERE status = 'KLAR'"))
    held = Owner(own_database)
    yield held
    held.release()


@pytest.fixture
def draft(app: Flask, scene: Scene) -> UUID:
    """An empty mailing of the same document to all."""
    return make_draft(app, scene, Art.SAMME_DOKUMENT)


def make_draft(app: Flask, scene: Scene, art: Art) -> UUID:
    """An empty mailing."""
    with app.app_context(), transaction() as tx:
        row = Utsending(
            organisasjon_id=scene.lillevik.id,
            konto_id=scene.lillevik.konto_id,
            tittel="Brev",
            art=art,
            brevdato=today(),
            opprettet_av=scene.person["sende"],
        )
        tx.add(row)
        tx.flush()
        return row.id


def send(
    app: Flask, scene: Scene, owner: Owner, draft: UUID, art: str, navn: str, content: bytes
) -> tuple[TestResponse, str]:
    """Upload, let the worker read, and look at the page: (answer to the form, the page afterwards)."""
    client = browser(app, scene, "sende")
    form = csrf(client) | {FIELDS.get(art, "fil"): (io.BytesIO(content), navn)}
    answer = client.post(f"/utsendinger/{draft}/{ACTIONS[art]}", data=form)
    with app.app_context():
        while part := queue.claim_piece([Delart.LES, Delart.PAKK_UT], owner.ensure()):
            if part.art is Delart.PAKK_UT:
                unzip.unpack_part(part)
            else:
                list_import.read_upload(part, Postkasser())
    return answer, client.get(f"/utsendinger/{draft}/{PAGES[art]}").text


def kept(app: Flask, folder: Path, draft: UUID) -> tuple[list[str], int, int]:
    """(objects in the store, rows of the mailing, its uploads and files that still have an object)."""
    queries = (
        "SELECT count(*) FROM utsendingsrad WHERE utsending_id = :id",
        "SELECT (SELECT count(*) FROM opplasting WHERE utsending_id = :id"
        " AND (objekt IS NOT NULL OR nokkel IS NOT NULL))"
        " + (SELECT count(*) FROM brevfil WHERE utsending_id = :id)",
    )
    with app.app_context():
        rows, objects = (session().execute(text(query), {"id": draft}).scalar_one() for query in queries)
    return sorted(str(path) for path in folder.rglob("*") if path.is_file()), rows, objects


@pytest.mark.slow
@pytest.mark.parametrize("fil", HOSTILE, ids=lambda fil: f"{fil.art}-{fil.navn}")
def test_a_file_that_cannot_be_used_is_refused_in_plain_words_and_not_kept(
    app: Flask,
    scene: Scene,
    owner: Owner,
    object_folder: Path,
    tmp_path: Path,
    fil: Fil,
) -> None:
    draft = make_draft(app, scene, WAYS.get(fil.art, Art.SAMME_DOKUMENT))
    before = kept(app, object_folder, draft)
    answer, page = send(app, scene, owner, draft, fil.art, fil.navn, fil.lag(tmp_path))
    shown = answer.text if answer.status_code == 422 else page
    assert answer.status_code in (303, 422)
    assert told(fil.kode) in text_of(shown)
    assert not faults(shown)
    assert kept(app, object_folder, draft) == before == (before[0], 0, 0)


def told(kode: str) -> str:
    """The longest part of the sentence that holds nothing of the file."""
    return max(re.split(r"\{[^}]*\}", TEKSTER[kode]), key=len).strip()


@pytest.mark.parametrize("navn", NAMES)
def test_the_name_of_a_file_is_only_shown_and_never_used(
    app: Flask, scene: Scene, owner: Owner, draft: UUID, object_folder: Path, navn: str
) -> None:
    """An empty list under that name: read, refused, and nothing is written anywhere."""
    before = kept(app, object_folder, draft)
    answer, page = send(app, scene, owner, draft, "LISTE", navn, EMPTY_LIST)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (303, False)
    assert TEKSTER["INGEN_RADER"].split(".")[0] in text_of(page)
    assert not faults(page)
    assert not numbers_in(page)
    assert "<script>alert" not in page and ">49.csv" not in page and "../" not in page
    assert kept(app, object_folder, draft) == before
    with app.app_context():
        query = text("SELECT filnavn FROM opplasting WHERE utsending_id = :id")
        stored = session().execute(query, {"id": draft}).scalar_one()
        audited = text("SELECT string_agg(detaljer::text, '') FROM audit WHERE objekt_id = :id")
        told = session().execute(audited, {"id": str(draft)}).scalar_one()
    assert len(stored) <= 120 and stored.isprintable() and "/" not in stored and "\\" not in stored
    assert not numbers_in(stored + told)


def test_a_body_larger_than_the_route_takes_is_refused_before_it_is_read(
    app: Flask, scene: Scene, draft: UUID
) -> None:
    client = browser(app, scene, "sende")
    claimed = {"CONTENT_LENGTH": str(200 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = client.post(f"/utsendinger/{draft}/mottakere", environ_overrides=claimed)
    assert answer.status_code == 413
    assert not faults(answer.text)


def test_an_upload_replaces_only_what_is_ones_own(
    app: Flask, scene: Scene, owner: Owner, draft: UUID
) -> None:
    """Without the token of one's own session nothing is taken in."""
    client, stranger = browser(app, scene, "sende"), browser(app, scene, "admin")
    form = csrf(stranger) | {"fil": (io.BytesIO(EMPTY_LIST), "liste.csv")}
    assert client.post(f"/utsendinger/{draft}/mottakere", data=form).status_code == 400
    with app.app_context():
        found = text("SELECT count(*) FROM opplasting WHERE utsending_id = :id")
        assert session().execute(found, {"id": draft}).scalar_one() == 0
