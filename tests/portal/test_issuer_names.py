"""An issuer whose setting has a slash too many, or one too few, is told of in the log by both names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from portal.access.maskinporten import TokenAvvist, UtstederNede, open_utstedere
from portal.innlogging.oidc import EXTENSION, Idporten
from tests.machines import MASKINPORTEN, published, token
from tests.portal.apps import make_settings, with_prove_rows, without_prove_rows
from tests.portal.loopback import Person, Verden, verden
from tests.portal.test_environments import OWN_KEYS


@pytest.fixture(scope="module")
def world() -> Iterator[Verden]:
    with_prove_rows()
    with verden() as running:
        yield running
    without_prove_rows()


def names(caplog: pytest.LogCaptureFixture) -> list[tuple[object, object]]:
    """What each line of a wrong name says: how it is set, and what it calls itself."""
    told = [line for line in caplog.records if line.message == "issuer_called_otherwise"]
    return [(line.__dict__["satt"], line.__dict__["heter"]) for line in told]


def test_nobody_logs_in_at_an_idporten_of_another_name_and_the_log_has_both(
    world: Verden, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = world.portal_app
    wrong = replace(app.config["FIKS_SETTINGS"], idporten_issuer=f"{world.issuer}/")
    monkeypatch.setitem(app.extensions, EXTENSION, Idporten(app, wrong))
    assert Person(world).get("/innlogging/start").status_code == 503
    assert names(caplog) == [(f"{world.issuer}/", world.issuer)]
    assert world.sesjoner.failures[-1] == ("INNLOGGING_NEDE", "AnnenUtsteder")


def test_a_token_of_an_issuer_that_is_set_without_its_slash_is_refused_and_the_log_has_both(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = MASKINPORTEN.rstrip("/")
    issuers = open_utstedere(make_settings(MASKINPORTEN_ISSUER=wrong, **OWN_KEYS), published)
    with pytest.raises(TokenAvvist, match="utsteder"):
        issuers.read(token("312990024"))
    assert names(caplog) == [(wrong, MASKINPORTEN)]
    with pytest.raises(TokenAvvist):
        issuers.read(token("312990024", iss="https://noen.andre/"))
    assert len(names(caplog)) == 1


def test_an_issuer_that_calls_itself_something_else_gives_no_keys_and_the_log_has_both(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def other(url: str) -> Mapping[str, Any]:
        return {**published(url), "issuer": "https://annen.example/"}

    issuers = open_utstedere(make_settings(MASKINPORTEN_ISSUER=MASKINPORTEN, **OWN_KEYS), other)
    with pytest.raises(UtstederNede):
        issuers.read(token("312990024"))
    assert names(caplog) == [(MASKINPORTEN, "https://annen.example/")]
