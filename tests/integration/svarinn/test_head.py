"""HEAD asks what a file of a letter is called: nobody has got it by that, nor is it a form that was sent."""

from __future__ import annotations

import pytest
from flask import Flask

from fiks.core.queue.owner_lock import Owner
from fiks.svarut.rules import Status
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, acts, page_of
from tests.integration.svarut.letters import codes, letter
from tests.integration.utsending.browser import marks_of


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


@pytest.mark.parametrize("part", ["filer/1", "filer.zip"])
def test_the_head_of_a_file_is_as_of_the_download_and_is_not_written_down_as_one(
    scene: Scene, part: str
) -> None:
    made = scene.sent()
    head = scene.client.head(page_of(made, part))
    assert (head.status_code, head.data) == (200, b"") and acts(made) == []
    whole = scene.client.get(page_of(made, part))
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]
    assert [one.handling for one in acts(made)] == ["BREVFIL_LASTET_NED"]


@pytest.mark.parametrize("part", ["filer/1", "filer.zip"])
def test_whoever_may_not_download_a_file_gets_no_head_of_it(scene: Scene, part: str) -> None:
    made, other = scene.sent(), Scene(scene.app, scene.eier, scene.altinn)
    assert other.client.head(page_of(made, part)).status_code == 404
    assert scene.client.head(page_of(made, "filer/9")).status_code == 404
    scene.altinn.rett[scene.orgnr] = frozenset()
    anew = log_in(scene.app, scene.pid, scene.system.organisasjon_id)
    assert (anew.head(page_of(made, part)).status_code, acts(made)) == (403, [])


@pytest.mark.parametrize("act", ["avvis", "flytt"])
def test_asking_for_a_form_by_head_does_nothing_whatever_is_sent_with_it(scene: Scene, act: str) -> None:
    made = scene.sent()
    form = marks_of(scene.client.get(page_of(made, act)).text)
    form |= {"feilmelding": "Feil", "varighet": "permanent", "til": "vanlig"}
    assert scene.client.head(page_of(made, act), data=form).status_code == 200
    assert letter(made).status == Status.KLAR_FOR_MOTTAK and codes(made)[-1] == "KLAR_FOR_MOTTAK"
