"""A server without children says so, and not that the citizen's file is no PDF."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from fiks.core.db import session
from fiks.edialog.models import EdialogFil
from portal.texts import TEKSTER
from portal.texts.edialog.henvendelser import NB
from tests.doubles import tiny_pdf
from tests.integration.edialog.pages.steps import begin, id_of, upload
from tests.integration.houses import Hus, new_fnr
from tests.integration.utsending.browser import citizen, text_of
from tests.integration.worlds import FakeRegister
from tests.pagecheck import faults
from tests.poor_machines import no_children, no_room


def test_a_file_that_nobody_can_open_now_is_asked_for_again_and_is_not_refused(
    app: Flask, hus: Hus, register: FakeRegister, tmp_path: Path
) -> None:
    browser = citizen(app, new_fnr())
    page = begin(browser, f"/s/{hus.orgnr}")
    for kode, away in (("BARN_STARTER_IKKE", no_children(tmp_path)), ("BARN_STARTER_IKKE", no_room())):
        with away:
            answer = upload(browser, page, ("a.pdf", tiny_pdf(["a"])))
        assert answer.status_code == 503
        assert TEKSTER[kode] in text_of(answer.text)
        assert NB["EDIALOG_IKKE_PDF"] not in answer.text
        assert not faults(answer.text)
    kept = select(EdialogFil.id).where(EdialogFil.skjema_id == id_of(page))
    assert session().scalars(kept).all() == []
    assert upload(browser, page, ("a.pdf", tiny_pdf(["a"]))).status_code == 303


def test_both_codes_are_told_in_plain_words() -> None:
    told = {TEKSTER[kode] for kode in ("BARN_STARTER_IKKE", "BARN_MANGLER_PLASS")}
    assert told == {"Vi har for mye å gjøre akkurat nå. Prøv igjen om litt."}
