"""`python -m testmiljo.sim`: serve the world outside until TERM. One process, sixteen threads."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from testmiljo.sim.app import World, make_world
from testmiljo.sim.login import keep_logins
from testmiljo.sim.mail import MailService
from testmiljo.sim.printing import PrintService
from testmiljo.sim.register import load_register
from testmiljo.sim.store import Store

THREADS = 16
KEEP_ALIVE = 75


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with one worker; the world's threads start in the worker, after the fork."""

    def __init__(self, world: World, bind: str) -> None:
        self._world = world
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEP_ALIVE,
            "timeout": 120,
            "graceful_timeout": 1,
            "loglevel": "warning",
            "proc_name": "testmiljo-sim",
            "post_worker_init": lambda worker: self._world.start(),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._world.app


def main() -> None:
    """Load the registers, then serve. The port opens when everything is loaded."""
    options = _options()
    store = Store(options.store)
    for folder in options.register:
        load_register(store, folder)
    if options.clients is not None:
        keep_logins(store, json.loads(options.clients.read_text("utf-8")))
    store.close()
    issuer = options.issuer or f"http://{options.host}:{options.port}/idporten"
    printing = None
    if options.print_port is not None:
        folder = options.print_folder or options.store.with_name("printhus")
        printing = PrintService(folder, options.store.with_name("printhus.sqlite"), options.print_port)
    maskinporten = f"http://{options.host}:{options.port}/maskinporten/"
    mail = MailService(options.mail_port) if options.mail_port is not None else None
    world = make_world(options.store, issuer, maskinporten, printing, mail)
    world.store.close()
    Server(world, f"{options.host}:{options.port}").run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m testmiljo.sim", description=__doc__)
    parser.add_argument(
        "--register", type=Path, action="append", default=[], help="a folder with register.json"
    )
    parser.add_argument("--store", type=Path, required=True, help="the SQLite file to remember in")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clients", type=Path, help="JSON file with ID-porten's clients and test users")
    parser.add_argument("--issuer", help="ID-porten's address; default http://HOST:PORT/idporten")
    parser.add_argument("--print-port", type=int, help="start the print house with SFTP on this port")
    parser.add_argument("--mail-port", type=int, help="start the mail server on this port")
    parser.add_argument("--print-folder", type=Path, help="the print house's folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
