"""What a citizen does on eDialog's pages."""

from __future__ import annotations

import io
import re
from uuid import UUID

from werkzeug.test import TestResponse

from tests.integration.utsending.browser import Browser, post, token_of

FACTS = {
    "tittel": "2026/118 – tillegg",
    "melding": "Hei.\n\nSe vedlegg.",
    "navn": "Kari Fjellstad",
    "adresselinje1": "Vegen 1",
    "adresselinje2": "",
    "adresselinje3": "",
    "postnr": "4262",
    "poststed": "AVALDSNES",
    "land": "",
    "epost": "kari@eksempel.no",
    "telefon": "",
}


def begin(browser: Browser, way: str) -> str:
    """Begin at this page; returns the address of the skjema."""
    answer = post(browser, way, way)
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith("/edialog/skjema/")
    return str(answer.location)


def id_of(page: str) -> UUID:
    return UUID(page.rsplit("/", 1)[1])


def upload(browser: Browser, page: str, *files: tuple[str, bytes], **more: str) -> TestResponse:
    """Send these files; `more` is what else the form says."""
    token = token_of(browser.get(f"{page}/vedlegg").text)
    sent = [(io.BytesIO(content), name) for name, content in files]
    return browser.post(f"{page}/vedlegg", data={"csrf_token": token, "fil": sent, **more})


def form_token(browser: Browser) -> str:
    """The token of the session's forms."""
    return token_of(browser.get("/minside/velg").text)


def version_of(html: str) -> str:
    """What the form says it was filled from."""
    found = re.search(r'name="versjon" value="([^"]+)"', html)
    assert found, "the form does not say"
    return found.group(1)


def send(browser: Browser, page: str, summary: str) -> TestResponse:
    """Press «Send» on this summary."""
    found = re.search(r'name="sett" value="([^"]+)"', summary)
    assert found, "the summary does not say what was looked over"
    sent = {"csrf_token": token_of(summary), "sett": found.group(1)}
    return browser.post(f"{page}/oppsummering", data=sent)
