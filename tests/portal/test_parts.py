"""A web process may be made of one part of the portal, which serves its own pages whole and no other."""

from __future__ import annotations

import pytest
from flask import Flask
from prometheus_client import REGISTRY

import wsgi
from portal import create_app
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.blueprints import BLUEPRINTS, DELER
from tests.portal.apps import make_settings
from tests.portal.fakes import FakeSesjoner


def part(name: str) -> Flask:
    app = create_app(make_settings(), sesjoner=FakeSesjoner(), blueprints=DELER[name])
    app.config["TESTING"] = True
    return app


def starts(prosess: str) -> float:
    """How many processes of the name have begun, as Prometheus is told."""
    return REGISTRY.get_sample_value("fiks_portal_starts_total", {"prosess": prosess}) or 0


def test_every_part_is_made_of_what_the_whole_is_made_of() -> None:
    assert DELER["app"] is BLUEPRINTS
    assert all(set(blueprints) <= set(BLUEPRINTS) for blueprints in DELER.values())


@pytest.mark.parametrize("name", sorted(DELER))
def test_every_part_says_that_it_lives(name: str) -> None:
    assert part(name).test_client().get("/helse/levende").status_code == 200


def test_who_takes_letters_in_has_pages_for_those_who_send_them_and_no_other() -> None:
    client = part("mottak").test_client()

    assert [client.get(path).status_code for path in ("/logg-inn", "/utsendinger", "/minside")] == [404] * 3
    assert client.get("/").location == "/api/dokumentasjon"
    assert client.get("/konfigurasjon/api/v1/integrasjoner/autentisering").status_code == 401


def test_who_lets_receivers_read_has_log_in_and_min_side_and_nothing_of_forvaltning() -> None:
    client = part("nedlasting").test_client()

    assert client.get("/logg-inn").status_code == 200
    assert client.get("/").location == "/minside"
    assert client.get("/minside").status_code == 302
    assert client.get("/forsendelse/0f7c1c9a-0000-4000-8000-000000000001/1").status_code == 302
    assert [client.get(path).status_code for path in ("/utsendinger", "/konfigurasjon")] == [404] * 2


def test_who_lets_receivers_read_asks_nobody_for_a_privilege() -> None:
    """What staff may do leads on to pages that are not there."""
    asked = {TILGANG[endpoint].slag for endpoint in part("nedlasting").view_functions}

    assert asked == {Slag.OFFENTLIG, Slag.INNLOGGET, Slag.INNBYGGER, Slag.MOTTAKERSYSTEM}


def test_gunicorn_finds_each_part_by_name_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIKS_ENV", "test")
    begun = {prosess: starts(prosess) for prosess in wsgi.PROSESSER.values()}

    assert all(isinstance(getattr(wsgi, name), Flask) for name in DELER)
    assert set(wsgi.PROSESSER) == set(DELER)
    assert {prosess: starts(prosess) - before for prosess, before in begun.items()} == dict.fromkeys(begun, 1)
    with pytest.raises(AttributeError):
        wsgi.__getattr__("noe_annet")
