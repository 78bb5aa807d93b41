"""What is measured of a request."""

from __future__ import annotations

import pytest
from flask import Flask
from prometheus_client import REGISTRY

from tests.portal.apps import make_app


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.mark.parametrize(
    ("endpoint", "opplasting"),
    [
        ("sider.hjelp", "nei"),
        ("utsending.liste", "nei"),
        ("utsending.last_opp_liste", "ja"),
        ("api_svarut_v1.send", "ja"),
    ],
)
def test_what_is_uploaded_is_measured_apart(app: Flask, endpoint: str, opplasting: str) -> None:
    """Whoever is refused at the door is measured too."""
    rule = next(one for one in app.url_map.iter_rules() if one.endpoint == endpoint)
    told = {"rute": str(rule), "opplasting": opplasting}
    before = REGISTRY.get_sample_value("fiks_http_request_seconds_count", told) or 0
    path = str(rule).replace("<uuid:utsending_id>", "0f7c1c9a-0000-4000-8000-000000000001")
    app.test_client().open(path, method="POST" if opplasting == "ja" else "GET")
    assert REGISTRY.get_sample_value("fiks_http_request_seconds_count", told) == before + 1
