"""What is measured of a request."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from prometheus_client import REGISTRY

from portal.http import request_log
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


@pytest.mark.parametrize(
    ("status", "svar"), [(200, "2xx"), (303, "3xx"), (403, "4xx"), (429, "429"), (503, "5xx")]
)
def test_who_is_told_to_wait_is_counted_by_itself(status: int, svar: str) -> None:
    app = Flask("en-rute")
    app.add_url_rule("/svar", "svar", lambda: Response(status=status))
    request_log.init_app(app, ())
    told = {"rute": "/svar", "metode": "GET", "svar": svar}
    before = REGISTRY.get_sample_value("fiks_http_requests_total", told) or 0
    app.test_client().get("/svar")
    assert REGISTRY.get_sample_value("fiks_http_requests_total", told) == before + 1
