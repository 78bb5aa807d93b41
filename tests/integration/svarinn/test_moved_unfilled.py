"""A form that lacks something is shown again for where the letter waits by now, and says when that is elsewhere."""

from __future__ import annotations

import pytest
from flask import Flask

from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.svarinn import manual_actions
from tests.integration.houses import HOUSE, make_aktor, new_orgnr
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, page_of, words
from tests.integration.systems import make_system
from tests.integration.utsending.browser import marks_of
from tests.pagecheck import faults

LACKING = {"avvis": {}, "flytt": {}, "tildel": {"enhet": "x" * 101}, "notat": {"notat": "x" * 2_001}}


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


@pytest.mark.parametrize("act", LACKING)
def test_a_form_that_lacks_something_says_too_that_the_letter_has_moved(scene: Scene, act: str) -> None:
    made = scene.sent()
    til = make_system(new_orgnr(), navn="Barnevern", i=scene.system.organisasjon_id)
    konfigurasjon.grant_privilegium(scene.person, P.MOTTA, til.id, actor=HOUSE)
    page = scene.client.get(page_of(made, act) if act in ("avvis", "flytt") else page_of(made))
    actor = make_aktor(scene.person, scene.system.organisasjon_id)
    form = marks_of(page.text) | LACKING[act]
    still = scene.client.post(page_of(made, act), data=form)
    assert still.status_code == 422 and "venter nå på" not in words(still)
    manual_actions.forward(made, til.id, spor=scene.altinn.authorized_parties, actor=actor)
    moved = scene.client.post(page_of(made, act), data=form)
    assert moved.status_code == 422 and faults(moved.text) == []
    assert "venter nå på Barnevern" in words(moved)
    old = scene.client.post(page_of(made, act), data={**form, "vist": ""})
    assert "var gammel" in words(old) and "er flyttet" not in words(old)
