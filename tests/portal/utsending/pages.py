"""Walking the guided job as a person does: forms are sent from the pages they stand on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from portal.formats import dato
from tests.integration.utsending.browser import Browser, log_in, text_of, token_of
from tests.integration.utsending.kommuner import Kommune, today
from tests.portal.test_pages import check_page

DATA = Path(__file__).resolve().parents[2] / "data" / "lillevik"


class Jobb:
    """One person's way through the guided job. `arbeid` does what waits for the workers."""

    def __init__(self, app: Flask, kommune: Kommune, arbeid: Callable[..., int]) -> None:
        self.app, self.kommune, self.arbeid = app, kommune, arbeid
        self.client: Browser = log_in(app, kommune, "saksbehandler")
        self.id = ""

    @property
    def uuid(self) -> UUID:
        return UUID(self.id)

    def path(self, side: str = "") -> str:
        return f"/utsendinger/{self.id}{'/' if side else ''}{side}"

    def see(self, side: str) -> str:
        """The page's HTML; every page seen is well made."""
        answer = self.client.get(self.path(side))
        assert answer.status_code == 200, (side, answer.status_code, answer.location)
        check_page(answer.text)
        return answer.text

    def words(self, side: str) -> str:
        return text_of(self.see(side))

    def send(self, fra: str, til: str, **data: Any) -> TestResponse:
        """Send a form of page `fra` to `til`; paths inside the mailing."""
        token = token_of(self.client.get(self.path(fra)).text)
        return self.client.post(self.path(til), data={"csrf_token": token, **data})

    def begin(self, **changes: str) -> TestResponse:
        token = token_of(self.client.get("/utsendinger/ny").text)
        form = {
            "konto": str(self.kommune.konto_id),
            "tittel": "Eiendomsskatt 2027",
            "art": "FLETTEBREV",
            "brevdato": dato(today()),
            "kunngjoringsdato": "01.03.2027",
            "levering": "DIGITALT_FORST",
            "sikkerhetsniva": "BETYDELIG",
            "tosidig": "ja",
            "csrf_token": token,
        }
        answer = self.client.post("/utsendinger/ny", data=form | changes)
        if answer.status_code == 303:
            self.id = answer.location.split("/")[2]
        return answer

    def upload(self, name: str, data: bytes | None = None, til: str = "mottakere") -> TestResponse:
        content = data if data is not None else (DATA / name).read_bytes()
        fra = "mottakere" if til == "mottakere" else "brev"
        return self.send(fra, til, fil=(io.BytesIO(content), name))

    def read(self, name: str, data: bytes | None = None) -> None:
        """Upload a list and have it read."""
        assert self.upload(name, data).status_code == 303
        self.arbeid("liste")
