"""Starts the simulation as a process of its own and talks to it: for the demo, the tests and the benchmarks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from testmiljo.processes import answers, free_port, start_child

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120
STOP_SECONDS = 10


class Simulation:
    """One running simulation. `kill` and `start` again keep the store, as a crash would."""

    def __init__(
        self,
        registers: Sequence[Path],
        store: Path,
        *,
        port: int | None = None,
        print_port: int | None = None,
        mail_port: int | None = None,
        issuer: str | None = None,
        log: Path | None = None,
    ) -> None:
        """`print_port` starts the print house too (0: any port), `mail_port` the mail server.

        `issuer` is ID-porten's address for the portal.
        """
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.command = [
            sys.executable,
            "-m",
            "testmiljo.sim",
            "--store",
            str(store.resolve()),
            "--port",
            str(self.port),
        ]
        for folder in registers:
            self.command += ["--register", str(folder.resolve())]
        if print_port is not None:
            self.command += ["--print-port", str(print_port)]
        if mail_port is not None:
            self.command += ["--mail-port", str(mail_port)]
        if issuer is not None:
            self.command += ["--issuer", issuer]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def pid(self) -> int | None:
        """Its process; None when it does not run."""
        return None if self._process is None else self._process.pid

    def url(self, system: str) -> str:
        """The base URL of folkeregister, enhetsregister, krr, dpi, altinn, signering, idporten or maskinporten."""
        return f"{self.base_url}/{system}"

    def start(self) -> Simulation:
        """Start and wait until it answers; returns itself. Raises RuntimeError when it ends or never answers."""
        self.begin()
        return self.wait()

    def begin(self) -> None:
        """Start it, and do not wait."""
        self._process = start_child(self.command, log=self._log, cwd=ROOT)

    def wait(self) -> Simulation:
        """Wait until what has begun answers; returns itself. Raises as `start`."""
        assert self._process is not None
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the simulation ended with {self._process.returncode}")
            try:
                self.state()
                return self
            except requests.RequestException:
                time.sleep(0.05)
        self.kill()
        raise RuntimeError("the simulation never answered")

    def stop(self) -> None:
        """End in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End at once, as in a crash."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Simulation:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def set_switches(self, **systems: Mapping[str, Any]) -> None:
        """Replace the switches of the systems named, for example `dpi={"status": {"503": 0.2}}`."""
        self._call("POST", "brytere", json=systems)

    def received(self, system: str, *, after: int = 0, limit: int = 10_000) -> dict[str, Any]:
        """What `system` received: antall, distinkte, gjentatte and rader, oldest first."""
        answer: dict[str, Any] = self._call(
            "GET", "mottatt", params={"system": system, "etter": after, "antall": limit}
        ).json()
        return answer

    def readings(self) -> list[dict[str, Any]]:
        """What the citizens have read or are going to read."""
        rows: list[dict[str, Any]] = self._call("GET", "lesinger", params={"antall": 10_000}).json()["rader"]
        return rows

    def state(self) -> dict[str, Any]:
        """Counts per system and what is still to come."""
        answer: dict[str, Any] = self._call("GET", "tilstand").json()
        return answer

    def reading_counts(self) -> dict[str, int]:
        """How many readings wait, are under way, are done and were given up: a small part of `state`."""
        answer: dict[str, int] = self._call("GET", "lesinger/antall").json()
        return answer

    def reset(self) -> None:
        """Forget letters, receipts, readings and switches."""
        self._call("POST", "nullstill")

    def add_register(self, folder: Path) -> None:
        """Load another kommune's register."""
        self._call("POST", "register", json={"mappe": str(folder.resolve())})

    def add_logins(self, content: Mapping[str, Any]) -> None:
        """Register clients and test users at ID-porten: `{"clients": [...], "brukere": [...]}`; kept over a crash."""
        self._call("POST", "idporten", json=content)

    def add_machines(self, content: Mapping[str, Any]) -> None:
        """Register at Maskinporten: klienter, tilganger, delegeringer, rotsertifikater; kept over a crash."""
        self._call("POST", "maskinporten", json=content)

    def add_mandate(
        self,
        pid: str,
        orgnr: str,
        navn: str,
        roller: Sequence[str] = ("A0236",),
        *,
        hovedenhet: tuple[str, str] | None = None,
        slettet: bool | None = None,
    ) -> None:
        """Let a person act for an organisation in Altinn; `hovedenhet` is (orgnr, name) of what it is a subunit of.

        What is None stays as another person's mandate said.
        """
        unit = {"orgnr": orgnr, "navn": navn, "hovedenhet": hovedenhet, "slettet": slettet}
        self._call("POST", "fullmakt", json={"pid": pid, "roller": list(roller), **unit})

    def add_receipt(self, system: str, referanse: str, art: str, *, copies: int = 1) -> None:
        """Put a receipt in a feed that the system itself would not have sent."""
        self._call(
            "POST",
            "kvittering",
            json={"system": system, "referanse": referanse, "art": art, "antall": copies},
        )

    def sign(self, referanse: str, handling: str) -> None:
        """Do to a document what its receiver may do (start, signer, avvis), or let its time run out (utlop)."""
        self._call("POST", "signering", json={"referanse": referanse, "handling": handling})

    def hashed(self, *numbers: str) -> list[str]:
        """How the log shows these receivers."""
        hashes: list[str] = self._call("POST", "hash", json={"verdier": numbers}).json()["hash"]
        return hashes

    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        response = self._session.request(method, f"{self.base_url}/_sim/{path}", timeout=(3, 60), **arguments)
        response.raise_for_status()
        return response

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        self._session.close()  # the server would wait a second for what is kept open
        os.killpg(process.pid, how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._wait_until_nobody_listens()

    def _wait_until_nobody_listens(self) -> None:
        """The worker may outlive its killed master by a moment."""
        end = time.monotonic() + STOP_SECONDS
        while time.monotonic() < end:
            if not answers(self.port):
                return
            time.sleep(0.02)
