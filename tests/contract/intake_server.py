"""The intake as its own gunicorn process, a kommune with a service password, and the two npm clients of SvarUt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from fiks.core.db import session
from fiks.konfigurasjon.konto import password
from fiks.konfigurasjon.models import Konto
from portal import create_app
from testmiljo.folders import ROOT
from testmiljo.processes import free_port, start_child, stop_child, wait_until
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus

SCRIPTS = Path(__file__).parent / "klienter"
BIN = Path(sys.executable).parent
SECONDS = 60
TIMEOUT = 60
_PROCFILE = (ROOT / "Procfile").read_text("utf-8").splitlines()
[COMMAND] = [line.removeprefix("mottak: ") for line in _PROCFILE if line.startswith("mottak: ")]


@dataclass(frozen=True)
class Mottak:
    """A running intake. `app` is the portal in this process, on the same database and store."""

    pid: int
    url: str
    app: Flask
    hus: Hus
    avsender: str
    passord: str

    def vtfk(self, *calls: list[Any], **settings: Any) -> list[dict[str, Any]]:
        """What npm `@vtfk/svarut` gives for each (method, arguments)."""
        own = {"url": self.url, "username": self.avsender, "password": self.passord} | settings
        return _node("vtfk.cjs", {"settings": own, "calls": calls})

    def telemark(self, *calls: list[Any], passord: str = "") -> list[dict[str, Any]]:
        """What npm `svarut` gives for each (method, query)."""
        login = f"{self.avsender}:{passord or self.passord}"
        url = self.url.replace("://", f"://{login}@") + "/tjenester/forsendelseservice/ForsendelsesServiceV9"
        return _node("telemark.cjs", {"url": url, "calls": calls})


def _node(script: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    node = shutil.which("node", path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    assert node is not None, "Node is missing: ./run test installs it"
    done = subprocess.run(
        [node, SCRIPTS / script],
        input=json.dumps(given).encode(),
        capture_output=True,
        timeout=SECONDS,
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def _serves(url: str) -> bool:
    """Whether a worker has made its app; the master listens before."""
    try:
        return requests.get(url + "/helse/levende", timeout=SECONDS).ok
    except requests.ConnectionError:
        return False


@contextmanager
def running_intake(
    database: Database, folder: Path, settings: Mapping[str, str] | None = None, *, timeout: int = TIMEOUT
) -> Iterator[Mottak]:
    """Start `wsgi:mottak` as the Procfile does, which takes letters in and does nothing else. Its store is emptied.

    `timeout`: gunicorn's, in seconds, instead of the Procfile's.
    """
    port = free_port()
    url = f"http://localhost:{port}"
    values = {
        "FIKS_ENV": "test",
        "DATABASE_URL": database.app_url,
        "OBJECT_STORE_URL": (folder / "objekter").as_uri(),
        "PORTAL_BASE_URL": url,
        **(settings or {}),
    }
    (folder / "objekter").mkdir()
    own = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    own |= {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "MOTTAK_BIND": f"127.0.0.1:{port}"}
    command = COMMAND.replace(f"--timeout {TIMEOUT}", f"--timeout {timeout}")
    child = start_child(["sh", "-c", command], env=own | values, log=folder / "mottak.log", cwd=ROOT)
    try:
        wait_until(lambda: _serves(url), "The intake", child=child, seconds=SECONDS)
        app = create_app(Settings.from_env(values))
        with app.app_context():
            hus = make_hus()
            avsender = session().execute(select(Konto.avsender).where(Konto.id == hus.konto_id)).scalar_one()
            passord = password.new_password(hus.konto_id, replaces=None, actor=HOUSE).verdi
            yield Mottak(child.pid, url, app, hus, avsender, passord)
            session().rollback()
    finally:
        stop_child(child)
        shutil.rmtree(folder / "objekter")
