"""Walking the guided job as a person does: forms are sent from the pages they stand on."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from portal.texts.formats import dato
from testmiljo.folders import LILLEVIK
from tests.integration.utsending.browser import Browser, log_in, text_of, token_of
from tests.integration.utsending.kommuner import Kommune, today
from tests.pagecheck import check_page


def hidden_in(html: str, action: str) -> dict[str, str]:
    """What the page's form to `action` says without being asked; a page without that form has at least a token."""
    forms = re.findall(r'<form [^>]*action="([^"]+)"[^>]*>(.*?)</form>', html, re.DOTALL)
    found = next((body for to, body in forms if to == action), "")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found))
    return {"csrf_token": token_of(html)} | {name: unescape(value) for name, value in hidden.items()}


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
        return self.send_from(self.client.get(self.path(fra)).text, til, **data)

    def send_from(
        self,
        shown: str,
        til: str,
        *,
        client: Browser | None = None,
        headers: dict[str, str] | None = None,
        **data: Any,
    ) -> TestResponse:
        """Send the form to `til` of a page that was seen some time ago, as it stood there."""
        form = hidden_in(shown, self.path(til)) | data
        return (client or self.client).post(self.path(til), data=form, headers=headers)

    def begin(self, **changes: str) -> TestResponse:
        form = self.first_form() | changes
        answer = self.client.post("/utsendinger/ny", data=form)
        if answer.status_code == 303:
            self.id = answer.location.split("/")[2]
        return answer

    def first_form(self) -> dict[str, str]:
        """The form of step 1, as it is filled in on its page."""
        hidden = hidden_in(self.client.get("/utsendinger/ny").text, "/utsendinger/ny")
        return hidden | {
            "konto": str(self.kommune.konto_id),
            "tittel": "Eiendomsskatt 2027",
            "art": "FLETTEBREV",
            "brevdato": dato(today()),
            "kunngjoringsdato": "01.03.2027",
            "levering": "DIGITALT_FORST",
            "sikkerhetsniva": "BETYDELIG",
            "tosidig": "ja",
        }

    def upload(self, name: str, data: bytes | None = None, til: str = "mottakere") -> TestResponse:
        content = data if data is not None else (LILLEVIK / name).read_bytes()
        fra = "mottakere" if til == "mottakere" else "brev"
        return self.send(fra, til, fil=(io.BytesIO(content), name))

    def read(self, name: str, data: bytes | None = None) -> None:
        """Upload a list and have it read."""
        assert self.upload(name, data).status_code == 303
        self.arbeid("liste")
