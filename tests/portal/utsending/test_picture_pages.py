"""The approver's pictures where documents follow the cover sheet: each of them is a picture."""

from __future__ import annotations

import re

import pytest

from fiks.utsending.production import service
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import Browser, log_in, post
from tests.pagecheck import check_page
from tests.portal.utsending.pages import Jobb


def few(antall: int) -> bytes:
    lines = (LILLEVIK / "eiendomsskatt.csv").read_bytes().split(b"\r\n")
    return b"\r\n".join(lines[: antall + 1]) + b"\r\n"


@pytest.fixture
def looked_at(jobb: Jobb) -> tuple[Browser, str]:
    """Who approves, and the page of approval with letters that have documents."""
    jobb.begin(art="SAMME_DOKUMENT")
    jobb.read("liste.csv", few(3))
    jobb.upload("brev_samme.pdf", til="brev/dokument")
    jobb.arbeid()
    jobb.send("oppsummering", "oppsummering")
    jobb.arbeid("render")
    service.end_all_productions()
    client = log_in(jobb.app, jobb.kommune, "godkjenner")
    post(client, jobb.path("godkjenning"), jobb.path("godkjenning/brev"))
    jobb.arbeid("forhandsvisning")
    page = client.get(jobb.path("godkjenning")).text
    check_page(page)
    return client, page


def test_every_picture_of_a_letter_with_documents_is_one(looked_at: tuple[Browser, str]) -> None:
    client, page = looked_at
    found = re.findall(r'<img class="side-bilde" src="([^"]+)"', page)
    assert found and "kunne ikke vises" not in page
    assert {client.get(address).data[:4] for address in found} == {b"\x89PNG"}


def test_who_approves_can_read_the_letters_as_pdf_since_pictures_say_nothing_to_a_screen_reader(
    looked_at: tuple[Browser, str],
) -> None:
    client, page = looked_at
    found = re.findall(r'href="([^"]+\.pdf)">(Åpne [^<]*)<span class="ds-sr-only">, rad (\d+)', page)
    both = ("Åpne forsiden som PDF", "Åpne dokumentet som PDF")
    rows = re.findall(r'id="prove-(\d+)"', page)
    assert rows and [(told, nr) for _, told, nr in found] == [(told, nr) for nr in rows for told in both]
    assert {client.get(address).data[:5] for address, *_ in found} == {b"%PDF-"}
