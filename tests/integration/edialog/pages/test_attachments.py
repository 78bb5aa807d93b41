"""The files a citizen sends: what cannot be used is refused in plain words, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from fiks.core.db import session
from fiks.edialog.models import EdialogFil
from portal.texts.henvendelser import NB
from tests.doubles import tiny_pdf
from tests.integration.edialog.pages.steps import begin, id_of, upload
from tests.integration.houses import Hus, new_fnr
from tests.integration.utsending.browser import citizen, text_of
from tests.integration.worlds import FakeRegister
from tests.security.pagecheck import faults


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("virus.exe", b"MZ\x90\x00", "EDIALOG_IKKE_PDF"),
        ("lat-som.pdf", b"<html><script>alert(1)</script>", "EDIALOG_IKKE_PDF"),
        ("avkuttet.pdf", b"%PDF-1.7\n1 0 obj", "EDIALOG_IKKE_PDF"),
        ("tom.pdf", b"", "FIL_TOM"),
    ],
)
def test_a_hostile_file_is_refused_in_plain_words_and_not_kept(
    app: Flask, hus: Hus, register: FakeRegister, settings: Settings, name: str, content: bytes, code: str
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    folder = Path(settings.object_store_url.removeprefix("file://"))
    before = sorted(str(p) for p in folder.rglob("*") if p.is_file())
    answer = upload(browser, page, (name, content))
    assert answer.status_code == 422
    assert NB[code] in text_of(answer.text)
    assert not faults(answer.text)
    assert sorted(str(p) for p in folder.rglob("*") if p.is_file()) == before
    assert session().scalars(select(EdialogFil.id).where(EdialogFil.skjema_id == id_of(page))).all() == []


def test_there_is_room_for_so_many_files_and_so_many_bytes(
    app: Flask, hus: Hus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    small = tiny_pdf(["a"])
    monkeypatch.setattr("fiks.edialog.attachments.MAX_FILE_BYTES", 2 * len(small))
    assert upload(browser, page, ("a.pdf", small), ("A.pdf", small)).status_code == 303
    assert "A 2.pdf" in browser.get(f"{page}/vedlegg").text
    assert "MB til sammen" in text_of(upload(browser, page, ("c.pdf", small)).text)
    monkeypatch.setattr("fiks.edialog.attachments.MAX_FILES", 2)
    assert "høyst 2 vedlegg" in text_of(upload(browser, page, ("c.pdf", small)).text)
