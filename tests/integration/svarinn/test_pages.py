"""Pages of a waiting letter as pictures: for who may download the file, each look written down, nothing changed."""

from __future__ import annotations

import io
from uuid import UUID

import pikepdf
import pytest
from flask import Flask
from PIL import Image

from fiks.core.queue.owner_lock import Owner
from fiks.svarut.rules import Status
from fiks.svarut.svarinn import page_images
from tests.doubles import tiny_pdf
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, acts, mottak, page_of, words
from tests.integration.svarut.letters import codes, letter, make_document
from tests.pagecheck import faults
from tests.unit.brev import naughty

PAGES = 12


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    with pikepdf.Pdf.new() as document:
        document.add_blank_page(page_size=naughty.A4)
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="eier", user="leser"))
    return out.getvalue()


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


def with_pages(scene: Scene, pdf: bytes, sider: int = 0) -> UUID:
    return scene.sent(dokument=make_document(pdf, sider=sider))


def shown(scene: Scene, made: UUID, query: str = "") -> list[int]:
    """The pages that are pictures on the page."""
    answer = scene.client.get(page_of(made, "filer", "1", "sider") + query)
    assert answer.status_code == 200 and faults(answer.text) == []
    return [side for side in range(1, PAGES + 1) if f"/sider/{side}.png" in answer.text]


def test_a_page_is_drawn_and_the_look_is_written_down_and_leaves_the_letter_waiting(scene: Scene) -> None:
    made = with_pages(scene, naughty.pdf(naughty.box(2, 50, 100, 80, 80), pages=2))
    before = codes(made)
    first, second = (scene.client.get(page_of(made, "filer", "1", "sider", f"{n}.png")) for n in (1, 2))
    assert (second.status_code, second.mimetype) == (200, "image/png")
    assert (second.headers["Cache-Control"], second.headers["Accept-Ranges"]) == ("no-store", "none")
    with Image.open(io.BytesIO(first.data)) as blank, Image.open(io.BytesIO(second.data)) as drawn:
        assert blank.convert("L").getextrema() == (255, 255)
        assert drawn.convert("L").getextrema() == (0, 255)
    looks = [(one.handling, one.detaljer["nr"], one.detaljer["side"]) for one in acts(made)]
    assert looks == [("BREVFIL_VIST", 1, 1), ("BREVFIL_VIST", 1, 2)]
    assert {one.ressurs_id for one in acts(made)} == {scene.system.id}
    assert (letter(made).status, mottak(made).lukket, codes(made)) == (Status.KLAR_FOR_MOTTAK, None, before)


def test_five_pages_are_shown_at_a_time(scene: Scene) -> None:
    made = with_pages(scene, naughty.pdf(pages=PAGES))
    assert shown(scene, made) == [1, 2, 3, 4, 5]
    assert shown(scene, made, "?fra=6") == [6, 7, 8, 9, 10]
    assert shown(scene, made, "?fra=11") == [11, 12]
    assert shown(scene, made, "?fra=99") == [12]
    assert shown(scene, made, "?fra=0") == shown(scene, made, "?fra=-1") == [1, 2, 3, 4, 5]
    page = scene.client.get(page_of(made, "filer", "1", "sider"))
    assert 'alt="Side 5 av 12 i brev.pdf"' in page.text and "Side 1 til 5 av 12" in words(page)
    assert {(one.handling, one.detaljer.get("side")) for one in acts(made)} == {("BREVFIL_VIST", None)}


def test_a_page_that_is_not_there_is_not_found(scene: Scene) -> None:
    made = with_pages(scene, tiny_pdf(["Et brev"]))
    for path in (("1", "sider", "2.png"), ("1", "sider", "0.png"), ("9", "sider"), ("9", "sider", "1.png")):
        assert scene.client.get(page_of(made, "filer", *path)).status_code == 404, path


@pytest.mark.parametrize("content", [b"%PDF-1.7 et brev", locked_pdf()])
def test_a_file_that_cannot_be_opened_is_offered_for_download_instead(scene: Scene, content: bytes) -> None:
    made = with_pages(scene, content)
    answer = scene.client.get(page_of(made, "filer", "1", "sider"))
    assert answer.status_code == 200 and faults(answer.text) == []
    assert "Sidene kan ikke vises" in words(answer) and page_of(made, "filer", "1") in answer.text
    assert scene.client.get(page_of(made, "filer", "1", "sider", "1.png")).status_code == 404


def test_a_file_too_large_to_hold_in_memory_is_not_opened(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = tiny_pdf(["Et brev"])
    made = with_pages(scene, pdf)
    monkeypatch.setattr(page_images, "LARGEST", len(pdf) - 1)
    assert "Sidene kan ikke vises" in words(scene.client.get(page_of(made, "filer", "1", "sider")))
    assert scene.client.get(page_of(made, "filer", "1", "sider", "1.png")).status_code == 404
    assert "Se sidene" not in words(scene.client.get(page_of(made)))
    assert "BREVFIL_VIST" not in [one.handling for one in acts(made)]


def test_the_letter_leads_to_the_pages_of_its_file(scene: Scene) -> None:
    made = with_pages(scene, tiny_pdf(["Et brev"]))
    page = scene.client.get(page_of(made))
    assert page_of(made, "filer", "1", "sider") in page.text and "Se sidene i brev.pdf" in words(page)


def test_who_may_not_receive_the_letter_sees_no_page_of_it(scene: Scene) -> None:
    made = with_pages(scene, tiny_pdf(["Et brev"]))
    other = Scene(scene.app, scene.eier, scene.altinn)
    for path in (("sider",), ("sider", "1.png")):
        assert other.client.get(page_of(made, "filer", "1", *path)).status_code == 404, path
    scene.altinn.rett[scene.orgnr] = frozenset()
    for path in (("sider",), ("sider", "1.png")):
        assert scene.client.get(page_of(made, "filer", "1", *path)).status_code == 403, path
    assert acts(made) == []


def test_pages_of_the_highest_level_ask_for_a_login_at_that_level(scene: Scene) -> None:
    made = scene.sent(dokument=make_document(tiny_pdf(["Et brev"])), sikkerhetsniva="HOYESTE")
    settings = scene.app.config["FIKS_SETTINGS"]
    object.__setattr__(settings, "forvaltning_nivaa", 3)
    try:
        low = scene.at_level_three()
        for path in (("sider",), ("sider", "1.png")):
            answer = low.get(page_of(made, "filer", "1", *path))
            assert answer.location.startswith("/innlogging/start"), path
    finally:
        object.__setattr__(settings, "forvaltning_nivaa", 4)
    assert acts(made) == []
    assert scene.client.get(page_of(made, "filer", "1", "sider", "1.png")).status_code == 200
