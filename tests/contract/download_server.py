"""The process that serves downloads, and an independent receiver of SvarInn that calls it over loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testmiljo.folders import ROOT
from testmiljo.processes import answers, free_port, start_child, stop_child, wait_until
from tests.contract.intake_server import BIN, SCRIPTS
from tests.integration.systems import System

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Nedlasting:
    """The running process."""

    url: str
    pid: int
    folder: Path

    def receive(self, system: System, *options: str, base: str = "") -> dict[str, Any]:
        """What the receiver's script says that it did, or what it was answered."""
        key = self.folder / f"{system.id}.key"
        key.write_bytes(system.nokler.key)
        command = [sys.executable, "-I", SCRIPTS / "svarinn_mottaker.py", base or self.url, *system.auth, key]
        done = subprocess.run([*command, *options], capture_output=True, timeout=240, check=False)
        assert done.stdout, done.stderr.decode()
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    def peak(self) -> int:
        """The most memory its worker has used, in bytes."""
        [worker] = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("ascii").split()
        [line] = [
            one for one in Path(f"/proc/{worker}/status").read_text("ascii").splitlines() if "VmHWM" in one
        ]
        return int(line.split()[1]) * 1024


@contextmanager
def running_downloads(database_url: str, store_url: str, folder: Path) -> Iterator[Nedlasting]:
    """Start `wsgi:nedlasting` with PostgreSQL and the object store, and nothing else of the house."""
    port = free_port()
    url = f"http://localhost:{port}"
    values = {
        "FIKS_ENV": "test",
        "DATABASE_URL": database_url,
        "OBJECT_STORE_URL": store_url,
        "REDIS_URL": NOBODY_LISTENS,
        "PORTAL_BASE_URL": url,
        "API_BASE_URL": url,
    }
    command = [
        BIN / "gunicorn", "wsgi:nedlasting", "-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "4",
        "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    child = start_child(command, env=own | values, log=folder / "nedlasting.log", cwd=ROOT)
    try:
        wait_until(lambda: answers(port), "The downloads", child=child)
        yield Nedlasting(url, child.pid, folder)
    finally:
        stop_child(child)
