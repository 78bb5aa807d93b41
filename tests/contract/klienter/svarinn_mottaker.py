"""A receiver of SvarInn that knows the published contract and nothing of our house: only the standard library, openssl.

Usage: svarinn_mottaker.py BASE USER PASSWORD KEY [--feilet TEXT [--permanent]]. Fetches every letter that waits, opens
and unpacks it, compares digests and names, and acknowledges it; or reports each as failed. Tells what it did as JSON.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any

V1 = "/tjenester/svarinn"
PIECE = 256 * 1024


class Receiver:
    """One mottakersystem."""

    def __init__(self, base: str, user: str, password: str, key: Path) -> None:
        self._base, self._key = base.rstrip("/"), key
        coded = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {coded}"}
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(
        self, method: str, url: str, body: object = None, to: Path | None = None
    ) -> tuple[Message, bytes]:
        """The headers and the body of a 200; anything else is an error. A large body goes to a file."""
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if data is not None else {})
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        with self._opener.open(request, timeout=120) as answer:
            if answer.status != 200:
                raise RuntimeError(f"{method} {url} answered {answer.status}")
            if to is None:
                return answer.headers, answer.read()
            with to.open("wb") as file:
                while piece := answer.read(PIECE):
                    file.write(piece)
            return answer.headers, b""

    def waiting(self) -> list[dict[str, Any]]:
        headers, body = self.call("GET", f"{self._base}{V1}/mottaker/hentNyeForsendelser")
        assert headers["Content-Type"].replace(" ", "").lower() == "application/json;charset=utf-8"
        found: list[dict[str, Any]] = json.loads(body)
        for letter in found:
            for field in ("downloadUrl", "filmetadata", "id", "mottaker", "niva", "status", "tittel"):
                assert letter[field] not in (None, ""), field
            assert isinstance(letter["date"], int) and letter["niva"] in ("3", "4")
        return found

    def fetch(self, letter: dict[str, Any], folder: Path) -> list[str]:
        """Download, decrypt, unpack and compare; return the names of the files."""
        sealed, clear = folder / "melding.cms", folder / "melding.zip"
        headers, _ = self.call("GET", letter["downloadUrl"], to=sealed)
        assert "application/zip" in headers["Content-Type"]
        assert headers["Content-Disposition"].startswith("attachment; filename=")
        command: list[str | Path] = ["openssl", "cms", "-decrypt", "-inform", "DER", "-binary"]
        subprocess.run([*command, "-in", sealed, "-inkey", self._key, "-out", clear], check=True)
        told = {one["filnavn"]: one for one in letter["filmetadata"]}
        with zipfile.ZipFile(clear) as archive:
            assert archive.namelist() == list(told)
            for name in archive.namelist():
                digest = hashlib.sha256()
                with archive.open(name) as file:
                    while piece := file.read(PIECE):
                        digest.update(piece)
                assert digest.hexdigest() == told[name]["sha256hash"], name
            return archive.namelist()

    def confirm(self, letter: dict[str, Any]) -> None:
        _, body = self.call("POST", f"{self._base}{V1}/kvitterMottak/forsendelse/{letter['id']}")
        assert body == b""

    def fail(self, letter: dict[str, Any], text: str, permanent: bool) -> None:
        said = {"feilmelding": text, "permanent": permanent}
        self.call("POST", f"{self._base}{V1}/mottakFeilet/forsendelse/{letter['id']}", said)


def tell(said: object) -> None:
    sys.stdout.write(json.dumps(said))


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("base", "user", "password"):
        parser.add_argument(name)
    parser.add_argument("key", type=Path)
    parser.add_argument("--feilet")
    parser.add_argument("--permanent", action="store_true")
    options = parser.parse_args()
    receiver = Receiver(options.base, options.user, options.password, options.key)
    done = []
    try:
        for letter in receiver.waiting():
            with tempfile.TemporaryDirectory() as folder:
                files = receiver.fetch(letter, Path(folder))
            if options.feilet:
                receiver.fail(letter, options.feilet, options.permanent)
            else:
                receiver.confirm(letter)
            done.append({"id": letter["id"], "tittel": letter["tittel"], "filer": files})
    except urllib.error.HTTPError as error:
        tell({"status": error.code, "svar": error.read().decode()})
        return 1
    tell({"mottatt": done})
    return 0


if __name__ == "__main__":
    sys.exit(main())
