"""The approver's pictures where documents follow the cover sheet: each of them is a picture."""

from __future__ import annotations

import re

from fiks.utsending import production
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import log_in, post
from tests.portal.utsending.pages import Jobb


def few(antall: int) -> bytes:
    lines = (LILLEVIK / "eiendomsskatt.csv").read_bytes().split(b"\r\n")
    return b"\r\n".join(lines[: antall + 1]) + b"\r\n"


def test_every_picture_of_a_letter_with_documents_is_one(jobb: Jobb) -> None:
    jobb.begin(art="SAMME_DOKUMENT")
    jobb.read("liste.csv", few(3))
    jobb.upload("brev_samme.pdf", til="brev/dokument")
    jobb.arbeid()
    jobb.send("oppsummering", "oppsummering")
    jobb.arbeid("render")
    production.settle_all()
    client = log_in(jobb.app, jobb.kommune, "godkjenner")
    post(client, jobb.path("godkjenning"), jobb.path("godkjenning/brev"))
    jobb.arbeid("forhandsvisning")
    page = client.get(jobb.path("godkjenning")).text
    found = re.findall(r'<img class="side-bilde" src="([^"]+)"', page)
    assert found and "kunne ikke vises" not in page
    assert {client.get(address).data[:4] for address in found} == {b"\x89PNG"}
