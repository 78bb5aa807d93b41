"""The files a citizen sends: what cannot be used is refused in plain words, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from fiks.core.db import session
from fiks.edialog.models import EdialogFil
from portal.texts.edialog.henvendelser import NB
from tests.doubles import tiny_pdf
from tests.integration.edialog.pages.steps import FACTS, begin, id_of, upload
from tests.integration.houses import Hus, new_fnr
from tests.integration.utsending.browser import citizen, post, text_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults


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
    before = objects(settings)
    answer = upload(browser, page, (name, content))
    assert answer.status_code == 422
    assert "<title>Feil: " in answer.text
    assert NB[code] in text_of(answer.text)
    assert not faults(answer.text)
    assert objects(settings) == before
    assert names_of(page) == []


def test_there_is_room_for_so_many_files_and_so_many_bytes(
    app: Flask, hus: Hus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    small = tiny_pdf(["a"])
    monkeypatch.setattr("fiks.edialog.attachments.MAX_FILE_BYTES", 2 * len(small))
    assert upload(browser, page, ("a.pdf", small), ("A.pdf", tiny_pdf(["b"]))).status_code == 303
    assert "A 2.pdf" in browser.get(f"{page}/vedlegg").text
    assert "MB til sammen" in text_of(upload(browser, page, ("c.pdf", tiny_pdf(["c"]))).text)
    monkeypatch.setattr("fiks.edialog.attachments.MAX_FILES", 2)
    assert "høyst 2 vedlegg" in text_of(upload(browser, page, ("c.pdf", tiny_pdf(["c"]))).text)


def test_files_after_one_that_cannot_be_used_are_kept_and_every_one_that_cannot_is_named(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    good, other = tiny_pdf(["a"]), tiny_pdf(["b"])
    answer = upload(
        browser,
        page,
        ("a.pdf", good),
        ("bilde.jpg", b"\xff\xd8\xff"),
        ("attest.pdf", other),
        ("tom.pdf", b""),
    )
    assert answer.status_code == 422 and not faults(answer.text)
    told = text_of(answer.text)
    assert f"bilde.jpg.pdf: {NB['EDIALOG_IKKE_PDF']}" in told
    assert f"tom.pdf: {NB['FIL_TOM']}" in told
    assert NB["ED_LASTET_OPP"] in told
    assert names_of(page) == ["a.pdf", "attest.pdf"]


def test_files_beyond_what_there_is_room_for_are_not_opened_and_are_named(
    app: Flask, hus: Hus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    monkeypatch.setattr("portal.minside.edialog.attachments.MAX_FILES", 1)
    told = text_of(upload(browser, page, ("a.pdf", tiny_pdf(["a"])), ("b.pdf", tiny_pdf(["b"]))).text)
    assert f"b.pdf: {NB['EDIALOG_FOR_MANGE_FILER'].format(grense=1)}" in told
    assert names_of(page) == ["a.pdf"]


def test_the_same_file_sent_twice_is_kept_once(
    app: Flask, hus: Hus, register: FakeRegister, settings: Settings
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    content = tiny_pdf(["a"])
    assert upload(browser, page, ("a.pdf", content)).status_code == 303
    stored = objects(settings)
    assert upload(browser, page, ("a.pdf", content)).status_code == 303
    assert (names_of(page), objects(settings)) == (["a.pdf"], stored)


def test_files_that_are_chosen_go_along_when_one_goes_straight_on(
    app: Flask, hus: Hus, register: FakeRegister
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    post(browser, page, page, **FACTS)
    onward = upload(browser, page, ("a.pdf", tiny_pdf(["a"])), videre="ja")
    assert onward.location == f"{page}/oppsummering"
    assert names_of(page) == ["a.pdf"]
    assert upload(browser, page, ("b.txt", b"tekst"), videre="ja").status_code == 422
    without = post(browser, f"{page}/vedlegg", f"{page}/vedlegg", videre="ja")
    assert without.location == f"{page}/oppsummering"


def objects(settings: Settings) -> list[str]:
    folder = Path(settings.object_store_url.removeprefix("file://"))
    return sorted(str(p) for p in folder.rglob("*") if p.is_file())


def names_of(page: str) -> list[str]:
    session().rollback()
    mine = select(EdialogFil.filnavn).where(EdialogFil.skjema_id == id_of(page)).order_by(EdialogFil.nr)
    return list(session().scalars(mine))
