"""Manuelt mottak asks Altinn: no letter without the right to its receiver's post, nor while Altinn does not answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, update

from fiks.core.db import transaction
from fiks.core.errors import IkkeTilgang
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Sesjon
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig
from fiks.konfigurasjon.rules import P
from fiks.svarut.rules import Status
from fiks.svarut.svarinn import manual_access
from tests.integration.houses import HOUSE, make_aktor, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.visitors import send
from tests.integration.svarinn.conftest import POST_ARKIV, TAUSHET, Altinn, administrator
from tests.integration.svarinn.scene import Scene, acts, mottak, page_of, words
from tests.integration.svarut.letters import codes, letter
from tests.integration.utsending.browser import token_of
from tests.pagecheck import faults

NOTHING: frozenset[tuple[str, str]] = frozenset()
READS = ("", "filer.zip", "filer/1", "avvis", "flytt")
ACTS = ("mottatt", "avvis", "flytt", "tildel", "notat")
FORM = {"feilmelding": "x", "varighet": "permanent", "til": "vanlig", "notat": "Hei", "enhet": "Arkiv"}


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


def ask_altinn_anew() -> None:
    """As if fifteen minutes had gone by since anybody's rights were asked for."""
    with transaction() as tx:
        tx.execute(update(Sesjon).values(parter_hentet=func.now() - timedelta(minutes=15)))


def holds(scene: Scene, *rights: frozenset[tuple[str, str]]) -> None:
    """From now on the rights for the receiver of the letters are these."""
    scene.altinn.rett[scene.orgnr] = frozenset().union(*rights)
    ask_altinn_anew()


def answers(scene: Scene, made: UUID) -> dict[str, int]:
    """What each page of the letter, and each thing that can be done with it, is answered with."""
    token = token_of(scene.client.get("/hjelp").text)
    found = {f"GET {part}": scene.client.get(page_of(made, part).rstrip("/")).status_code for part in READS}
    for act in ACTS:
        form = {"csrf_token": token, **FORM}
        found[f"POST {act}"] = scene.client.post(page_of(made, act), data=form).status_code
    return found


def untouched(made: UUID) -> bool:
    """Nothing was done with the letter, and nobody has seen it."""
    kept = mottak(made)
    assert acts(made) == [] and kept.notat_kryptert is None and kept.tildelt_enhet is None
    return letter(made).status == Status.KLAR_FOR_MOTTAK and codes(made)[-1] == "KLAR_FOR_MOTTAK"


def test_sv12_23_without_post_arkiv_a_letter_shows_nothing_of_itself_and_nothing_is_done_with_it(
    scene: Scene,
) -> None:
    made = scene.titled("Søknad om båtplass")
    holds(scene, NOTHING)
    shown = scene.client.get("/mottak")
    assert faults(shown.text) == []
    assert f"Du mangler «Post/arkiv» i Altinn for {scene.orgnr}" in words(shown)
    assert "båtplass" not in shown.text and "Fra Fjordvik" not in shown.text
    assert str(made) not in scene.client.get("/mottak?sok=båtplass").text
    assert set(answers(scene, made).values()) == {403} and untouched(made)
    page = scene.client.get(page_of(made))
    assert faults(page.text) == [] and "båtplass" not in page.text
    assert "tilgangen «Post/arkiv» i Altinn for " + scene.orgnr in words(page)
    holds(scene, POST_ARKIV)
    assert "båtplass" in scene.client.get(page_of(made)).text


def test_sv12_23_confidential_post_needs_the_right_of_its_own_and_that_opens_nothing_else(
    scene: Scene,
) -> None:
    secret, plain = scene.titled("Barnevernssak", taushetsbelagt=True), scene.titled("Vanlig brev")
    shown = scene.client.get("/mottak")
    assert "Barnevernssak" not in shown.text and "Vanlig brev" in shown.text
    assert f"Taushetsbelagt: du mangler tilgangen i Altinn for {scene.orgnr}" in words(shown)
    assert set(answers(scene, secret).values()) == {403} and untouched(secret)
    assert "«Post/arkiv» er ikke nok" in words(scene.client.get(page_of(secret)))
    holds(scene, TAUSHET)
    assert scene.client.get(page_of(secret)).status_code == 200
    assert scene.client.get(page_of(plain)).status_code == 403
    holds(scene, POST_ARKIV, TAUSHET)
    assert {scene.client.get(page_of(one)).status_code for one in (secret, plain)} == {200}


def test_the_right_to_another_organisations_post_opens_nothing(scene: Scene) -> None:
    made = scene.titled("Søknad om båtplass")
    scene.altinn.navn = {new_orgnr(): "En annen"}
    ask_altinn_anew()
    assert "båtplass" not in scene.client.get("/mottak").text
    assert set(answers(scene, made).values()) == {403} and untouched(made)


def test_while_altinn_does_not_answer_nobody_is_let_in_and_nothing_is_done(scene: Scene) -> None:
    made = scene.titled("Søknad om båtplass")
    scene.altinn.nede = True
    listed = scene.client.get("/mottak")
    assert (listed.status_code, listed.headers["Retry-After"]) == (503, "60")
    assert faults(listed.text) == [] and "båtplass" not in listed.text
    assert "Altinn svarer ikke" in words(listed) and "Brev som venter, ligger trygt" in words(listed)
    assert set(answers(scene, made).values()) == {503} and untouched(made)
    scene.altinn.nede = False
    assert scene.client.get(page_of(made)).status_code == 200


def test_what_altinn_said_holds_for_fifteen_minutes_and_no_longer(scene: Scene) -> None:
    made = scene.sent()
    assert scene.client.get(page_of(made)).status_code == 200
    scene.altinn.nede = True
    assert scene.client.get(page_of(made)).status_code == 200
    ask_altinn_anew()
    assert scene.client.get(page_of(made)).status_code == 503
    scene.altinn.nede = False
    scene.altinn.rett[scene.orgnr] = NOTHING
    assert scene.client.get(page_of(made)).status_code == 403


def test_who_does_not_receive_for_the_system_is_told_the_same_whatever_altinn_says(scene: Scene) -> None:
    made = scene.sent()
    stranger = Scene(scene.app, scene.eier, scene.altinn)
    for nede in (False, True):
        scene.altinn.nede = nede
        answered = {stranger.client.get(page_of(one)).status_code for one in (made, uuid4())}
        assert answered == {404}, nede


def test_altinn_is_not_asked_about_who_receives_for_no_system(app: Flask, altinn: Altinn) -> None:
    hus, altinn.nede = make_hus(), True
    shown = administrator(app, hus.organisasjon_id, hus.organisasjon_id).get("/mottak")
    assert shown.status_code == 200 and "Du mottar ikke for noe mottakersystem" in words(shown)


def test_the_rule_is_the_use_cases_own(scene: Scene) -> None:
    """Whoever calls for a person, with or without a session to keep the answer in."""
    made, actor = scene.sent(), make_aktor(scene.person, scene.system.organisasjon_id)
    held = manual_access.require_access(made, spor=scene.altinn.authorized_parties, actor=actor)
    assert held.system.id == scene.system.id
    scene.altinn.rett[scene.orgnr] = NOTHING
    with pytest.raises(IkkeTilgang, match="MOTTAK_UTEN_POST_ARKIV") as error:
        manual_access.open_letter(made, spor=scene.altinn.authorized_parties, actor=actor)
    assert error.value.params == {"orgnr": scene.orgnr}
    scene.altinn.nede = True
    with pytest.raises(RollerUtilgjengelig):
        manual_access.open_letter(made, spor=scene.altinn.authorized_parties, actor=actor)
    assert untouched(made)


def test_the_next_letter_is_one_that_can_be_opened_and_is_nobody_elses(scene: Scene) -> None:
    first, secret, hers, last = (
        scene.sent(),
        scene.titled("Barnevernssak", taushetsbelagt=True),
        scene.sent(),
        scene.sent(),
    )
    colleague = konfigurasjon.register_person(new_fnr(), navn="Kari Kollega", actor=HOUSE)
    konfigurasjon.grant_privilegium(colleague, P.MOTTA, scene.system.id, actor=HOUSE)
    assert (
        send(scene.client, page_of(hers), page_of(hers, "tildel"), person=str(colleague)).status_code == 303
    )
    onward = send(scene.client, page_of(first), page_of(first, "mottatt"))
    assert onward.location == f"/mottak?neste={last}"
    done = send(scene.client, page_of(last), page_of(last, "mottatt"))
    assert done.location == "/mottak"
    assert letter(secret).status == letter(hers).status == Status.KLAR_FOR_MOTTAK
