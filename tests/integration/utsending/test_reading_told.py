"""Whoever waits for a big PDF sees how many of its letters have been read, and then how many receivers controlled."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Settings
from fiks.utsending.liste.control import pipeline
from fiks.utsending.rows import portions
from fiks.utsending.samlet import service
from fiks.utsending.samlet.workers import read_rows
from portal import create_app
from tests.integration.databases import Database, QuickProcess
from tests.integration.utsending.bigfiles import begin_with, two_pages, work
from tests.integration.utsending.browser import Browser, log_in
from tests.integration.utsending.kommuner import make_kommune

pytestmark = pytest.mark.usefixtures("empty", "outside")


def test_how_far_the_reading_is_stands_on_the_page(
    database: Database, store_url: str, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_rows, "BATCH_LETTERS", 5)
    monkeypatch.setattr(pipeline, "PORTION", 5)
    kommune = make_kommune()
    utsending_id = begin_with(kommune)
    work(process)
    portal = create_app(
        Settings.from_env(
            {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": store_url}
        )
    )
    portal.test_client_class = Browser
    client, seen = log_in(portal, kommune, "saksbehandler"), list[str]()
    page = f"/utsendinger/{utsending_id}/mottakere/samlet/fremdrift"

    def looked_at_before(function: Callable[..., Any]) -> Callable[..., Any]:
        def looking(*args: Any) -> Any:
            html = client.get(page, headers={"HX-Request": "true"}).text
            seen.extend(re.findall(r"</progress><span>(.*?)</span>", html))
            return function(*args)

        return looking

    monkeypatch.setattr(read_rows, "_batch", looked_at_before(read_rows._batch))
    monkeypatch.setattr(portions, "stored_portion", looked_at_before(portions.stored_portion))
    service.set_up(utsending_id, two_pages(), actor=kommune.aktor("saksbehandler"))
    work(process)
    assert seen == [
        "0 av 10 brev er lest",
        "5 av 10 brev er lest",
        "0 av 10 mottakere er kontrollert",
        "5 av 10 mottakere er kontrollert",
    ]
