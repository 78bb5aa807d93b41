"""Letters of Manuelt mottak in every state: only one that waits, for a system one receives for, is opened or acted on.

The roles of the matrix try one that may be opened; here the same routes are tried on all the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from fiks.core.db import session, transaction
from fiks.konfigurasjon.person import sessions
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status
from fiks.svarut.svarinn import acknowledgement
from tests.integration.houses import Hus, new_orgnr
from tests.integration.svarut.letters import make_letter
from tests.integration.systems import make_system
from tests.integration.utsending.browser import open_session
from tests.integration.utsending.kommuner import ROOT
from tests.security.people import Scene, browser
from tests.security.reviewed import REVIEWED
from tests.security.test_matrix import FORBIDDEN, LOGIN, PASS, UNKNOWN, ask, outcome, rules
from tests.security.things import Things, make_things, make_waiting, receiving_system

ROUTES = [
    (endpoint, method)
    for endpoint, rute in REVIEWED.items()
    if rute.om == "mottak"
    for method in rute.metoder.split()
]
RECEIVED = ("mottak.motta", "POST")


def waiting(scene: Scene, **columns: object) -> UUID:
    return make_waiting(scene.lillevik, receiving_system(scene.lillevik.id), **columns)


def of_another_system(scene: Scene) -> UUID:
    return make_waiting(scene.lillevik, make_system(i=scene.lillevik.id, navn="Byggesak").id)


def of_the_other_kommune(scene: Scene) -> UUID:
    return make_waiting(scene.fjordvik, receiving_system(scene.fjordvik.id))


def received_already(scene: Scene) -> UUID:
    made = waiting(scene)
    acknowledgement.confirm(made, system_id=receiving_system(scene.lillevik.id), actor=ROOT)
    return made


def refused_for_good(scene: Scene) -> UUID:
    made = waiting(scene)
    acknowledgement.report_failure(
        made, feilmelding="x", permanent=True, system_id=receiving_system(scene.lillevik.id), actor=ROOT
    )
    return made


def not_handed_over(scene: Scene) -> UUID:
    return make_letter(Hus(scene.lillevik.id, scene.lillevik.konto_id, ""), new_orgnr())


def confidential(scene: Scene) -> UUID:
    return waiting(scene, taushetsbelagt=True)


def to_somebody_else(scene: Scene) -> UUID:
    """Its receiver is one that Altinn gives nobody here the right to."""
    return waiting(scene, mottaker_indeks=b"\0" * 32)


@dataclass(frozen=True)
class Tilstand:
    """A letter, and what those who receive for Lillevik's system are answered."""

    make: Callable[[Scene], UUID]
    answered: str
    may_be_said_again: bool = False
    """That it is received may be said again: nothing is done, and nothing told but that."""


STATES = {
    "of another system": Tilstand(of_another_system, UNKNOWN),
    "of the other kommune": Tilstand(of_the_other_kommune, UNKNOWN),
    "received already": Tilstand(received_already, UNKNOWN, may_be_said_again=True),
    "refused for good": Tilstand(refused_for_good, UNKNOWN),
    "not handed over": Tilstand(not_handed_over, UNKNOWN),
    "confidential": Tilstand(confidential, FORBIDDEN),
    "to somebody else": Tilstand(to_somebody_else, FORBIDDEN),
}


@pytest.fixture(scope="module")
def things(app: Flask, scene: Scene) -> Things:
    with app.app_context():
        return make_things(scene.lillevik)


def record(app: Flask, letter: UUID) -> tuple[object, ...]:
    """The letter, its place in the queue, its history, and what anybody is said to have done with it."""
    about = (
        "SELECT status, siste_lopenr FROM forsendelse WHERE id = :id",
        "SELECT m::text FROM svarinn_mottak m WHERE forsendelse_id = :id",
        "SELECT count(*) FROM levering WHERE forsendelse_id = :id",
        "SELECT count(*) FROM audit WHERE objekt_id = CAST(:id AS text)",
    )
    with app.app_context():
        return tuple(tuple(session().execute(text(query), {"id": letter}).first() or ()) for query in about)


@pytest.mark.parametrize("state", STATES)
def test_a_letter_in_another_state_is_neither_opened_nor_acted_on(
    app: Flask, scene: Scene, things: Things, state: str
) -> None:
    with app.app_context():
        letter = STATES[state].make(scene)
    before, client = record(app, letter), browser(app, scene, "motta")
    about = replace(things, mottaksbrev_id=letter)
    found = {
        (endpoint, method): outcome(ask(app, client, rules(app)[endpoint], method, about))
        for endpoint, method in ROUTES
    }
    expected = dict.fromkeys(ROUTES, STATES[state].answered)
    if STATES[state].may_be_said_again:
        expected[RECEIVED] = PASS
    assert found == expected
    assert record(app, letter) == before


def test_a_letter_of_the_highest_level_asks_for_a_login_at_that_level(
    app: Flask, scene: Scene, things: Things
) -> None:
    """Also where forvaltning lets people in at level 3."""
    with app.app_context():
        letter = waiting(scene, sikkerhetsniva="HOYESTE")
        token = open_session(scene.pid["motta"], acr=3)
        sessions.choose_organisation(token, scene.lillevik.id)
    client, settings = app.test_client(), app.config["FIKS_SETTINGS"]
    client.set_cookie("fiks", token)
    before, about = record(app, letter), replace(things, mottaksbrev_id=letter)
    object.__setattr__(settings, "forvaltning_nivaa", 3)
    try:
        found = {
            (endpoint, method): outcome(ask(app, client, rules(app)[endpoint], method, about))
            for endpoint, method in ROUTES
        }
    finally:
        object.__setattr__(settings, "forvaltning_nivaa", 4)
    assert found == dict.fromkeys(ROUTES, LOGIN)
    assert record(app, letter) == before
    opened = ask(app, browser(app, scene, "motta"), rules(app)["mottak.brev"], "GET", about)
    assert outcome(opened) == PASS


def test_a_letter_that_was_forwarded_is_gone_for_who_does_not_receive_there(
    app: Flask, scene: Scene, things: Things
) -> None:
    with app.app_context():
        letter, other = waiting(scene), make_system(i=scene.lillevik.id, navn="Arkiv").id
        with transaction() as tx:
            forwarded = text("UPDATE svarinn_mottak SET mottakersystem_id = :s WHERE forsendelse_id = :f")
            tx.execute(forwarded, {"s": other, "f": letter})
        assert session().get_one(Forsendelse, letter).status == Status.KLAR_FOR_MOTTAK
    about = replace(things, mottaksbrev_id=letter)
    for rolle, wanted in (("motta", UNKNOWN), ("admin", PASS)):
        asked = ask(app, browser(app, scene, rolle), rules(app)["mottak.brev"], "GET", about)
        assert outcome(asked) == wanted, rolle
