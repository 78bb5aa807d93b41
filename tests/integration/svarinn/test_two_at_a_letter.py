"""Two persons with the same letter open: what one notes of it, and whom one gives it to, the other does not undo."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask

from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.svarinn import manual_access, manual_actions
from fiks.svarut.svarinn.stale_form import require_current_note
from tests.integration.houses import HOUSE, make_aktor, new_fnr
from tests.integration.konfigurasjon.open_pages import send_open, told, value_of
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import send
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, mottak, page_of, words
from tests.integration.utsending.browser import Browser

RINGT = "Ringt avsender 2.12, nytt brev kommer fredag"


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


@pytest.fixture
def colleague(scene: Scene) -> Browser:
    pid = new_fnr()
    person = konfigurasjon.register_person(pid, navn="Kari Kollega", actor=HOUSE)
    konfigurasjon.grant_privilegium(person, P.MOTTA, scene.system.id, actor=HOUSE)
    return log_in(scene.app, pid, scene.system.organisasjon_id)


def note_of(made: UUID) -> str:
    return manual_access.note_of(mottak(made))


def given(made: UUID) -> tuple[UUID | None, str | None]:
    return mottak(made).tildelt_person_id, mottak(made).tildelt_enhet


@pytest.mark.parametrize("written", ["Feil vedlegg", ""])
def test_a_note_that_another_wrote_meanwhile_is_neither_written_over_nor_erased(
    scene: Scene, colleague: Browser, written: str
) -> None:
    made = scene.sent()
    html, to = scene.client.get(page_of(made)).text, page_of(made, "notat")
    assert send(colleague, page_of(made), to, notat=RINGT).status_code == 303
    answer = send_open(scene.client, html, to, notat=written)
    assert f"Notat om brevet: Nå står det «{RINGT}»." in told(answer)
    assert value_of(answer.text, "notat") == (written or RINGT), "what was written stays in the form"
    assert note_of(made) == RINGT
    both = f"{RINGT}. Feil vedlegg"
    assert send_open(scene.client, answer.text, to, notat=both).status_code == 303
    assert note_of(made) == both


def test_whom_another_gave_the_letter_to_meanwhile_is_not_undone(scene: Scene, colleague: Browser) -> None:
    made = scene.sent()
    html, to = scene.client.get(page_of(made)).text, page_of(made, "tildel")
    assert send(colleague, page_of(made), to, person="", enhet="Barnevern").status_code == 303
    answer = send_open(scene.client, html, to, person=str(scene.person), enhet="")
    assert "Eller enhet: Nå står det «Barnevern»." in told(answer)
    assert given(made) == (None, "Barnevern")
    assert send_open(scene.client, answer.text, to, person=str(scene.person), enhet="").status_code == 303
    assert given(made) == (scene.person, None)


def test_the_same_note_twice_and_the_other_form_of_the_page_are_not_refused(
    scene: Scene, colleague: Browser
) -> None:
    made = scene.sent()
    html = scene.client.get(page_of(made)).text
    for _ in range(2):
        assert send_open(scene.client, html, page_of(made, "notat"), notat=RINGT).status_code == 303
    said = {"person": "", "enhet": "Byggesak"}
    assert send_open(scene.client, html, page_of(made, "tildel"), **said).status_code == 303
    assert (note_of(made), given(made)) == (RINGT, (None, "Byggesak"))


@pytest.mark.parametrize("what", ["too long", "sent on and back"])
def test_a_note_shown_again_for_another_reason_does_not_hide_that_another_wrote(
    scene: Scene, colleague: Browser, what: str
) -> None:
    made = scene.sent()
    html, to = scene.client.get(page_of(made)).text, page_of(made, "notat")
    if what == "sent on and back":
        html = re.sub(r'name="vist" value="[^"]*"', 'name="vist" value="klar=gammel"', html)
    send(colleague, page_of(made), to, notat=RINGT)
    text = "x" * 2_001 if what == "too long" else "Feil vedlegg"
    again = send_open(scene.client, html, to, notat=text)
    assert again.status_code in (409, 422) and RINGT not in words(again)
    assert RINGT in told(send_open(scene.client, again.text, to, notat="Feil vedlegg"))
    assert note_of(made) == RINGT


def test_who_has_no_page_says_nothing_of_what_was_noted(scene: Scene) -> None:
    made, actor = scene.sent(), make_aktor(scene.person, scene.system.organisasjon_id)
    for text in (RINGT, "Feil vedlegg"):
        manual_actions.write_note(made, text, spor=scene.altinn.authorized_parties, actor=actor)
    assert note_of(made) == "Feil vedlegg"
    with pytest.raises(Konflikt, match="OPPLYSNINGER_ENDRET"):
        require_current_note("", {"notat": RINGT}, {"notat": "x"})
