"""The portal as gunicorn serves it, in a process of its own, with issuers whose key the tests hold."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests
from flask import Flask
from joserfc.jwk import KeySet, RSAKey

from config.logging import configure_logging
from config.settings import Settings
from fiks.core.values.identifiers import mask_numbers
from portal import create_app
from portal.access.maskinporten import EXTENSION, open_utstedere
from portal.blueprints import DELER
from portal.extensions import limiter
from tests.machines import IDPORTEN, KEY, MASKINPORTEN

ROOT = Path(__file__).parents[2]
KEY_NAME = "FIKS_TEST_NOKKEL"


def make() -> Flask:
    """What gunicorn loads: the process that takes letters in, which knows the tests' key."""
    settings = Settings.from_env()
    configure_logging(settings, scrub=mask_numbers)
    app = create_app(settings, blueprints=DELER["mottak"])
    key = RSAKey.import_key(json.loads(os.environ[KEY_NAME]))
    keys = dict(KeySet([key]).as_dict(private=False))

    def published(url: str) -> dict[str, object]:
        issuer = MASKINPORTEN if url.startswith(MASKINPORTEN) else IDPORTEN
        return keys if url.endswith("/keys") else {"issuer": issuer, "jwks_uri": issuer.rstrip("/") + "/keys"}

    issuers = replace(settings, maskinporten_issuer=MASKINPORTEN, idporten_issuer=IDPORTEN)
    app.extensions[EXTENSION] = open_utstedere(issuers, published)
    limiter.enabled = False
    return app


@contextmanager
def serving(database_url: str, folder: Path) -> Iterator[str]:
    """A web process; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environ = os.environ | {
        "FIKS_ENV": "test",
        "DATABASE_URL": database_url,
        "OBJECT_STORE_URL": (folder / "objekter").as_uri(),
        "PORTAL_BASE_URL": base,
        "API_BASE_URL": base,
        KEY_NAME: json.dumps(KEY.as_dict(private=True)),
    }
    command = [sys.executable, "-m", "gunicorn", "tests.api.live:make()", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    with (folder / "web.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            _wait(base, folder / "web.log")
            yield base
        finally:
            child.terminate()
            child.wait(30)


def _wait(base: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if requests.get(f"{base}/helse/levende", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
