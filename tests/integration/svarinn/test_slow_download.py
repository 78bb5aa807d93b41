"""A download that a letter's system has begun, and that ends after the letter was sent on to another."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask

from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.svarinn import manual_actions
from fiks.svarut.svarinn.encrypted_zip import download_package
from tests.integration.houses import HOUSE, make_aktor, new_orgnr
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, mottak, page_of, words
from tests.integration.systems import make_system


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


def download(scene: Scene, made: UUID) -> None:
    """To its end, by the system it waits for."""
    system_id = mottak(made).mottakersystem_id
    assert b"".join(download_package(made, system_id=system_id, actor=HOUSE).innhold)


@pytest.mark.parametrize("back", [False, True], ids=["to another", "to another and back"])
def test_it_is_not_noted_on_the_wait_that_began_meanwhile(scene: Scene, back: bool) -> None:
    made, bygg = scene.sent(), make_system(new_orgnr(), navn="Byggesak", i=scene.system.organisasjon_id)
    konfigurasjon.grant_privilegium(scene.person, P.MOTTA, bygg.id, actor=HOUSE)
    actor, spor = make_aktor(scene.person, scene.system.organisasjon_id), scene.altinn.authorized_parties
    running = download_package(made, system_id=scene.system.id, actor=HOUSE).innhold
    assert next(running)
    for system in (bygg, scene.system)[: 1 + back]:
        manual_actions.forward(made, system.id, spor=spor, actor=actor)
    assert b"".join(running), "whoever has begun gets all of it"
    assert (mottak(made).hentet_forste, mottak(made).hentet_siste) == (None, None)
    if back:
        assert "Sist hentet av systemet" not in words(scene.client.get(page_of(made)))
    download(scene, made)
    assert mottak(made).hentet_forste is not None


def test_it_is_noted_where_the_letter_still_waits(scene: Scene) -> None:
    made = scene.sent()
    download(scene, made)
    first = mottak(made).hentet_forste
    download(scene, made)
    assert first is not None and mottak(made).hentet_forste == first
    assert mottak(made).hentet_siste is not None
    assert "Sist hentet av systemet" in words(scene.client.get(page_of(made)))
