"""The receiving end: letters laid ready for a mottakersystem, and the system's own calls."""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfleser
from fiks.svarut.mottak import Innsending
from tests.integration.api.fagsystem import basic
from tests.integration.houses import Hus, new_orgnr
from tests.integration.svarut.letters import hand_over
from tests.integration.svarut.submitted import control_all, take_in
from tests.integration.systems import Nokkelpar, System
from tests.integration.worlds import World
from tests.submissions import submission

V1, V2 = "/tjenester/svarinn", "/api/svarinn/v2"


@dataclass
class Avsending:
    """Somebody who sends letters to organisations, and the workers that lay them ready."""

    hus: Hus
    eier: Owner
    world: World
    reader: Pdfleser

    def receiver(self) -> str:
        """An organisation that exists."""
        return self.world.register.add_unit(new_orgnr())

    def send(self, orgnr: str, *contents: bytes, new: Innsending | None = None) -> UUID:
        """A letter that has been handed over."""
        said = replace(new or submission(), digital_id=orgnr, navn="Havvik kommune")
        made = take_in(self.hus, said, *contents)
        control_all(self.world, self.reader)
        hand_over(self.eier, self.world)
        return made


@dataclass
class Mottaker:
    """A mottakersystem that calls."""

    app: Flask
    system: System

    @property
    def headers(self) -> dict[str, str]:
        return basic(*self.system.auth)

    def call(self, method: str, path: str, **arguments: Any) -> TestResponse:
        return self.app.test_client().open(path, method=method, headers=self.headers, **arguments)

    def letters(self) -> list[dict[str, Any]]:
        answer = self.call("GET", f"{V1}/mottaker/hentNyeForsendelser")
        assert (answer.status_code, answer.content_type) == (200, "application/json;charset=UTF-8")
        found: list[dict[str, Any]] = answer.json
        return found

    def ids(self) -> list[UUID]:
        return [UUID(one["id"]) for one in self.letters()]

    def download(self, letter_id: object) -> TestResponse:
        return self.call("GET", f"{V1}/forsendelse/{letter_id}")

    def confirm(self, letter_id: object) -> TestResponse:
        return self.call("POST", f"{V1}/kvitterMottak/forsendelse/{letter_id}")

    def fail(self, letter_id: object, feilmelding: str, *, permanent: bool) -> TestResponse:
        body = {"feilmelding": feilmelding, "permanent": permanent}
        return self.call("POST", f"{V1}/mottakFeilet/forsendelse/{letter_id}", json=body)


def opened(message: bytes, keys: Nokkelpar) -> bytes:
    """What `openssl cms -decrypt` makes of a message with this key (svarut.md 4.4)."""
    with tempfile.TemporaryDirectory() as folder:
        key, sealed = Path(folder, "key.pem"), Path(folder, "melding")
        key.write_bytes(keys.key)
        sealed.write_bytes(message)
        command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-in", sealed, "-inkey", key]
        return subprocess.run(command, check=True, capture_output=True).stdout


def opens(message: bytes, keys: Nokkelpar) -> bool:
    """Whether a ZIP comes out of a message with this key.

    With another's key OpenSSL goes on with a content key made by chance, so that nobody learns from the error, and of
    256 messages one ends as by chance a right one does: with nonsense and no error.
    """
    try:
        return zipfile.is_zipfile(io.BytesIO(opened(message, keys)))
    except subprocess.CalledProcessError:
        return False


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP, in its order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
