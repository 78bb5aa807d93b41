"""`python -m testmiljo.sim.mottakersystem FILE`: the receiving systems of other organisations, until TERM.

Each asks SvarInn now and then, downloads what waits, opens it with its own key, compares every file with what was told
of it, and acknowledges. What it received is one JSON line each in the log that the accounting reads.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import sys
import time
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from testmiljo.printhouse_keys import decrypt

log = logging.getLogger("mottakersystem")
BASE = "/tjenester/svarinn"
TIMEOUT = (3.05, 60)
PAUSE = 1.0
IDLE, LONGEST = 4, 180.0
"""They rest so many times as long as a round took, and so many seconds at most: thousands of them asking without end
would be most of the load."""


@dataclass(frozen=True, slots=True, repr=False)
class System:
    """One receiving system. No repr: it holds a password and a private key."""

    id: str
    passord: str
    key: RSAPrivateKey


class NotAsTold(Exception):
    """What was downloaded is not what the list said."""


class Receiver:
    """Lets each system fetch what waits for it."""

    def __init__(self, portal: str, systems: list[System], received: Path) -> None:
        self._portal, self._systems, self._received = portal, systems, received
        self._http = requests.Session()
        self._http.trust_env = False

    def round(self) -> int:
        """Let every system ask once; return how many letters were acknowledged."""
        return sum(self._ask(system) for system in self._systems)

    def _ask(self, system: System) -> int:
        done = 0
        try:
            for letter in self._call(system, "GET", f"{BASE}/mottaker/hentNyeForsendelser").json():
                self._take(system, letter)
                done += 1
        except requests.RequestException as error:
            log.warning("SvarInn did not answer as it should: %s", type(error).__name__)
        return done

    def _take(self, system: System, letter: dict[str, Any]) -> None:
        """Keep first, acknowledge afterwards: a letter that is acknowledged is never lost."""
        own = letter["id"]
        try:
            files = self._download(system, letter)
        except (NotAsTold, ValueError, zipfile.BadZipFile) as error:
            said = {"feilmelding": f"Kunne ikke åpnes: {type(error).__name__}", "permanent": False}
            self._call(system, "POST", f"{BASE}/mottakFeilet/forsendelse/{own}", json=said)
            return
        line = {
            "id": own,
            "mottakersystem": system.id,
            "filer": files,
            "tid": datetime.now(UTC).isoformat(),
        }
        with self._received.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._call(system, "POST", f"{BASE}/kvitterMottak/forsendelse/{own}")

    def _download(self, system: System, letter: dict[str, Any]) -> dict[str, str]:
        """The files by name, each with its digest."""
        message = self._call(system, "GET", f"{BASE}/forsendelse/{letter['id']}").content
        told = {one["filnavn"]: one["sha256hash"] for one in letter["filmetadata"]}
        with zipfile.ZipFile(io.BytesIO(decrypt(message, system.key))) as archive:
            found = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
        if found != told:
            raise NotAsTold
        return found

    def _call(self, system: System, method: str, path: str, **arguments: Any) -> requests.Response:
        answer = self._http.request(
            method, self._portal + path, auth=(system.id, system.passord), timeout=TIMEOUT, **arguments
        )
        answer.raise_for_status()
        return answer


def load(path: Path) -> tuple[str, list[System], Path]:
    """The portal, the systems and the log, of the file that the demo writes."""
    content = json.loads(path.read_text("utf-8"))
    systems = [System(one["id"], one["passord"], _key(Path(one["nokkel"]))) for one in content["systemer"]]
    return content["portal"], systems, Path(content["mottatt"])


def _key(path: Path) -> RSAPrivateKey:
    """A key that the test environment made itself; to validate thousands of them would take minutes."""
    key = load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    return cast(RSAPrivateKey, key)


def main() -> int:
    """Ask until somebody ends it."""
    parser = argparse.ArgumentParser(prog="python -m testmiljo.sim.mottakersystem", description=__doc__)
    parser.add_argument("fil", type=Path, help="JSON with portal, systemer and mottatt")
    receiver = Receiver(*load(parser.parse_args().fil))
    while True:
        began = time.monotonic()
        received = receiver.round()
        rest = min(LONGEST, IDLE * (time.monotonic() - began))
        time.sleep(max(0.0 if received else PAUSE, rest))


if __name__ == "__main__":
    sys.exit(main())
