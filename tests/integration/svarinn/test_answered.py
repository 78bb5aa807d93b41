"""«Svar på»: a letter that answers one of ours leads to it for those who may read that one, and says why for others."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask

from fiks.core.db import transaction
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from tests.integration.houses import HOUSE, Hus, make_hus, make_person, new_fnr
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, page_of, words
from tests.integration.svarut.letters import make_letter
from tests.integration.systems import use_svarinn
from tests.pagecheck import faults


@pytest.fixture
def ours() -> Hus:
    """The organisation that receives, with a konto of its own."""
    made = make_hus("Havvik kommune")
    signer = make_person(P.ADMIN, ressurs=made.organisasjon_id)
    use_svarinn(made.organisasjon_id, signer, "Kari Fjellstad")
    return made


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn, ours: Hus) -> Scene:
    return Scene(app, eier, altinn, ours.organisasjon_id)


def answering(scene: Scene, answered: UUID) -> UUID:
    made = scene.sent()
    with transaction() as tx:
        tx.get_one(Forsendelse, made).svar_pa_id = answered
    return made


def test_who_may_read_the_letter_it_answers_is_led_to_it(scene: Scene, ours: Hus) -> None:
    answered = make_letter(ours, new_fnr())
    konfigurasjon.grant_privilegium(scene.person, P.LESE, ours.konto_id, actor=HOUSE)
    page = scene.client.get(page_of(answering(scene, answered)))
    assert faults(page.text) == [] and f'href="/forsendelser/{answered}"' in page.text
    assert "Svar på Skatteseddel Se brevet" in words(page)
    assert scene.client.get(f"/forsendelser/{answered}").status_code == 200


def test_who_may_not_is_told_why_there_is_no_link_and_nothing_of_the_letter(scene: Scene, ours: Hus) -> None:
    """Neither of one whose konto is closed to them, of another organisation's, nor of one that never was."""
    for answered in (make_letter(ours, new_fnr()), make_letter(scene.hus, new_fnr()), uuid4()):
        with transaction() as tx:
            if row := tx.get(Forsendelse, answered):
                row.tittel = "Hemmelig tittel"
        page = scene.client.get(page_of(answering(scene, answered)))
        assert page.status_code == 200 and faults(page.text) == []
        assert "Hemmelig tittel" not in page.text and f"/forsendelser/{answered}" not in page.text
        assert "Et brev du ikke kan se her: det er ikke sendt herfra, eller du har ikke lesetilgang" in words(
            page
        )
        assert str(answered) in page.text


def test_a_letter_that_answers_none_says_nothing_of_it(scene: Scene) -> None:
    assert "Svar på" not in words(scene.client.get(page_of(scene.sent())))
