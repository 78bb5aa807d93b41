"""The logo on letters: a picture is drawn anew before it is kept, and whatever else is sent is refused."""

from __future__ import annotations

import io
import re
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.rules import P
from fiks.utsending.brev import Logo, prepare_logo
from tests.integration.houses import Hus, make_hus
from tests.integration.konfigurasjon.portals import send, staff
from tests.integration.utsending.browser import Browser, text_of, token_of
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("unlimited")

PAGE = "/konfigurasjon/logo"


@pytest.fixture
def hus() -> Hus:
    return make_hus()


@pytest.fixture
def editor(app: Flask, hus: Hus) -> Browser:
    return staff(app, hus.organisasjon_id, P.ORG_REDIGER, hus.organisasjon_id)


def picture(kind: str, size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


def upload(client: Browser, content: bytes, name: str = "logo.png", shown: str = "") -> TestResponse:
    """Send the form of the page, or of the one `shown`, which stood open."""
    page = shown or client.get(PAGE).text
    data = {"csrf_token": token_of(page), "vist": vist_in(page), "fil": (io.BytesIO(content), name)}
    return client.post(PAGE, data=data, headers={"Referer": f"http://localhost{PAGE}"})


def vist_in(page: str) -> str:
    found = re.search(r'name="vist" value="([^"]*)"', page)
    return found.group(1) if found else ""


def kept(hus: Hus) -> Organisasjon:
    session().expire_all()
    return session().get_one(Organisasjon, hus.organisasjon_id)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says how large it is."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_kept_as_a_new_png_and_shown(editor: Browser, hus: Hus, kind: str) -> None:
    hidden = b"<script>alert(1)</script>"
    assert upload(editor, picture(kind) + hidden).status_code == 303
    row = kept(hus)
    assert row.logo is not None
    assert row.logo_type == "image/png"
    assert row.logo.startswith(b"\x89PNG") and hidden not in row.logo
    page = editor.get(PAGE)
    assert faults(page.text) == []
    shown = editor.get(f"{PAGE}/bilde")
    assert (shown.mimetype, shown.data) == ("image/png", row.logo)
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    acts = select(Audit.handling).where(Audit.organisasjon_id == hus.organisasjon_id)
    assert "ORGANISASJON_ENDRET" in session().scalars(acts).all()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "logo.png", "Logoen kan ikke leses"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.svg", "Logoen kan ikke leses"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.png", "Logoen kan ikke leses"),
        (b"GIF89a" + b"\0" * 60, "logo.png", "Logoen kan ikke leses"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "logo.png", "Logoen kan ikke leses"),
        (bomb(5_000), "logo.png", "Logoen er for stor"),
        (bomb(40_000), "logo.png", "Logoen kan ikke leses"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 4_100_000, "logo.png", "Logoen kan ikke leses"),
    ],
    ids=["empty", "svg", "svg named png", "gif", "broken", "wide", "bomb", "large"],
)
def test_what_is_no_picture_for_a_letter_is_refused_and_nothing_of_it_kept(
    editor: Browser, hus: Hus, content: bytes, name: str, said: str
) -> None:
    page = upload(editor, content, name)
    assert page.status_code == 422
    assert faults(page.text) == []
    assert said in text_of(page.text)
    assert kept(hus).logo is None


def test_no_transaction_is_open_while_the_picture_is_drawn(
    editor: Browser, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def draw(data: bytes) -> Logo:
        seen.append(session().in_transaction())
        return prepare_logo(data)

    monkeypatch.setattr("portal.organisasjon.logo.prepare_logo", draw)
    assert upload(editor, picture("PNG")).status_code == 303
    assert seen == [False]
    assert kept(hus).logo is not None


def test_no_file_is_said_at_the_field(editor: Browser) -> None:
    page = send(editor, PAGE)
    assert page.status_code == 422
    assert "Velg en fil med logoen" in page.text


def test_a_body_larger_than_any_logo_is_refused_unread(editor: Browser) -> None:
    assert upload(editor, b"\x89PNG\r\n\x1a\n" + b"\0" * (6 * 1024 * 1024)).status_code == 413


def test_the_logo_is_taken_off_after_a_question(editor: Browser, hus: Hus) -> None:
    upload(editor, picture("PNG"))
    question = editor.get(f"{PAGE}/fjern")
    assert "går ut uten logo" in text_of(question.text)
    assert faults(question.text) == []
    assert remove(editor, question.text).status_code == 303
    assert kept(hus).logo is None
    assert editor.get(f"{PAGE}/bilde").status_code == 404


def test_who_only_reads_the_organisation_sees_the_logo_and_changes_nothing(app: Flask, hus: Hus) -> None:
    upload(staff(app, hus.organisasjon_id, P.ORG_REDIGER, hus.organisasjon_id), picture("PNG"))
    reader = staff(app, hus.organisasjon_id, P.ORG_LES, hus.organisasjon_id)
    assert reader.get(f"{PAGE}/bilde").status_code == 200
    assert upload(reader, picture("PNG")).status_code == 403
    assert "Bytt eller fjern logoen" not in reader.get("/konfigurasjon").text


TOLD = "Noen andre har byttet eller fjernet logoen mens du hadde siden oppe. Ingenting er endret."


@pytest.mark.parametrize("act", ["upload", "remove"])
def test_a_logo_that_a_colleague_has_put_there_meanwhile_is_left_alone(
    app: Flask, editor: Browser, hus: Hus, act: str
) -> None:
    upload(editor, picture("PNG"))
    shown = editor.get(PAGE if act == "upload" else f"{PAGE}/fjern").text
    upload(staff(app, hus.organisasjon_id, P.ORG_REDIGER, hus.organisasjon_id), picture("PNG", (80, 80)))
    theirs = kept(hus).logo
    mine = picture("PNG", (90, 20))
    for _ in range(2):
        answer = upload(editor, mine, shown=shown) if act == "upload" else remove(editor, shown)
        assert answer.location == PAGE
        assert TOLD in text_of(editor.get(PAGE).text) and kept(hus).logo == theirs
    assert upload(editor, mine).status_code == 303 and kept(hus).logo != theirs


def test_the_same_logo_sent_twice_and_taken_off_twice_is_no_fault(editor: Browser, hus: Hus) -> None:
    before = editor.get(PAGE).text
    for _ in range(2):
        upload(editor, picture("PNG"), shown=before)
        assert "Logoen er lagret" in text_of(editor.get(PAGE).text)
    question = editor.get(f"{PAGE}/fjern").text
    for _ in range(2):
        remove(editor, question)
        assert "Logoen er fjernet" in text_of(editor.get(PAGE).text)
    assert kept(hus).logo is None


def remove(client: Browser, shown: str) -> TestResponse:
    data = {"csrf_token": token_of(shown), "vist": vist_in(shown)}
    return client.post(f"{PAGE}/fjern", data=data, headers={"Referer": f"http://localhost{PAGE}/fjern"})
