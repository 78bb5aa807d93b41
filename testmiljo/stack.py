"""The whole platform as processes: the two servers, the world outside, the portal, the workers and the sweeper.

Used by the demo, the browser tests and the fault tests. Started in order, each waited for; stopped in reverse. Not by a
process runner that signals whole groups: dramatiq's children would get the signal twice.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from joserfc.jwk import RSAKey

from config.start import dramatiq_environment, lower_priority
from testmiljo.embedded import Services, running_services
from testmiljo.folders import ROOT
from testmiljo.forked import fork_program
from testmiljo.mottakersystemer import Mottaker
from testmiljo.private_files import write_private
from testmiljo.processes import (
    Child,
    ServerFailed,
    answers,
    free_port,
    signal_children,
    start_child,
    wait_for_children,
    wait_until,
)
from testmiljo.run import MIGRATE, migrate
from testmiljo.sim.process import Simulation
from testmiljo.svarut_keys import svarut_pair

CLIENT_ID = "fiks-portal"
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Options:
    """`folder` keeps everything. `settings` are added to every process's environment.

    `stand_back`: those that nobody waits for stand behind the others, as in operation. Not among tests, which wait for
    them with both processors busy.
    `forked`: the product's processes are forks of this one, which has imported what they run (`testmiljo.forked`).
    """

    folder: Path
    port: int = 0
    workers: bool = True
    stand_back: bool = True
    forked: bool = False
    valkey: bool = True
    postgres_options: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arbeid:
    """What a kind of worker does here: its lanes, in how many processes and threads."""

    lanes: Sequence[str]
    processes: int
    threads: int


WORKERS: Mapping[str, Arbeid] = {
    "send": Arbeid(("enkelt", "masse", "sms", "print"), 1, 8),
    "pdf": Arbeid(("mottak", "edialog", "render", "liste"), 2, 1),
    "inn": Arbeid(("inn", "epost"), 1, 2),
    "vis": Arbeid(("forhandsvisning",), 1, 1),
}
"""The workers of the Procfile, as many as two processors bear: threads for the network, processes for drawing."""


def name_no_servers() -> None:
    """Whatever servers this process's environment names, a stack it starts from here on has its own."""
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "OBJECT_STORE_URL"):
        os.environ.pop(name, None)


class Stack:
    """A running platform. `environ` points any other process at it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = options.folder
        self.port = options.port or free_port()
        self.base_url = f"http://localhost:{self.port}"
        self.second_url = f"http://127.0.0.1:{self.port}"
        """The same portal by the other name of this machine."""
        self.environ: dict[str, str] = {}
        self.children: dict[str, Child] = {}
        self._told_to_stop = False
        self._exit = ExitStack()
        self.services: Services
        self.sim: Simulation

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Servers, schema, world outside; then the product's own processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        own = dict(os.environ)
        if not self.options.valkey:
            own["REDIS_URL"] = "redis://127.0.0.1:1/0"
        self.mail_port = free_port()
        self.sim = Simulation(
            [], self.folder / "verden" / "verden.sqlite", print_port=free_port(), mail_port=self.mail_port
        )
        (self.folder / "verden").mkdir(exist_ok=True)
        # The world outside comes up while the servers do.
        self._exit.callback(self.sim.stop)
        self.sim.begin()
        services = running_services(self.folder / "tjenester", own, options=self.options.postgres_options)
        self.services = self._exit.enter_context(services)
        self._migrate()
        self.sim.wait()
        self.environ = self._environment()
        self._register_client()

    def _migrate(self) -> None:
        """Bring the schema up to date; CalledProcessError when that fails."""
        environ = {**os.environ, **self.services.environ()}
        if not self.options.forked:
            migrate(environ)
            return
        log = self.folder / "migrering.log"
        child = fork_program("alembic", MIGRATE, name="migrering", env=environ, log=log, cwd=ROOT)
        if child.wait() != 0:
            raise ServerFailed(f"The database could not be migrated: see {log}.")

    def start_product(self) -> None:
        """Portal, workers, sweeper."""
        self.begin_product()
        self.wait_for_portal()

    def begin_product(self) -> None:
        """Start portal, workers and sweeper, and do not wait for the portal."""
        self._begin_portal()
        if self.options.workers:
            self.start_workers()
            self.start_sweeper()

    def start_portal(self) -> None:
        """Start the portal and wait until it answers."""
        self._begin_portal()
        self.wait_for_portal()

    def _begin_portal(self) -> None:
        command: list[str | Path] = [
            BIN / "python", "-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", "-k", "gthread", "--threads", "8",
            "--workers", "1", "--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket", "wsgi:app",
        ]  # fmt: skip
        self._start("portal", command)

    def wait_for_portal(self) -> None:
        """Wait until the portal answers."""
        wait_until(lambda: answers(self.port), "The portal", child=self.children["portal"])

    def start_workers(self) -> None:
        """The lanes as the Procfile shares them out."""
        for name, work in WORKERS.items():
            self._start(name, self._dramatiq(work))

    def start_sweeper(self) -> None:
        self._start("sveip", [BIN / "python", "-m", "workers.sveip"])

    def start_receivers(self, systems: Sequence[Mottaker]) -> None:
        """The mottakersystemer outside, fetching from the portal with these passwords and keys."""
        content = {
            "portal": self.base_url,
            "mottatt": str(self.received.resolve()),
            "systemer": [
                {"id": str(one.id), "passord": one.passord, "nokkel": str(one.nokkel.resolve())}
                for one in systems
            ],
        }
        path = self.folder / "mottakere.json"
        write_private(path, content)
        self._start("mottakere", [BIN / "python", "-m", "testmiljo.sim.mottakersystem", path.resolve()])

    def process_ids(self) -> dict[str, int]:
        """The process of each part by its name; of those that have children of their own, the first."""
        servers = {"postgres": self.services.postgres, "valkey": self.services.valkey, "testmiljo": self.sim}
        ids = {name: child.pid for name, child in self.children.items()}
        return ids | {
            name: pid for name, server in servers.items() if server and (pid := server.pid) is not None
        }

    @property
    def received(self) -> Path:
        """The log of what the mottakersystemer have received."""
        return self.folder / "verden" / "svarinn.jsonl"

    @staticmethod
    def _dramatiq(work: Arbeid) -> list[str | Path]:
        return [
            BIN / "python", "-m", "workers.master", "workers.broker",
            "--processes", str(work.processes), "--threads", str(work.threads),
            "--worker-shutdown-timeout", "10000", "--queues", *work.lanes,
        ]  # fmt: skip

    def _start(self, name: str, command: list[str | Path]) -> None:
        environ = self.environ | dramatiq_environment([str(part) for part in command])
        environ["PGAPPNAME"] = f"fiks {name}"
        log = self.folder / f"{name}.log"
        self.children[name] = self._child(name, [str(part) for part in command], environ, log)
        if self.options.stand_back:
            lower_priority(name, self.children[name].pid)

    def _child(self, name: str, command: list[str], environ: Mapping[str, str], log: Path) -> Child:
        if not self.options.forked:
            return start_child(command, env=environ, log=log, cwd=ROOT)
        _, _, module, *arguments = command
        return fork_program(module, arguments, name=f"fiks-{name}", env=environ, log=log, cwd=ROOT)

    def begin_to_stop(self) -> None:
        """Tell all of the product's processes to end, and do not wait: nothing more is to be done."""
        signal_children(self.children.values())
        self._told_to_stop = True

    def stop_product(self) -> None:
        """Stop who fetches from us and the portal, so that nothing new comes in, then all the others at once."""
        for names in (("mottakere", "portal"), ("sveip", "send", "pdf", "vis", "inn")):
            there = [self.children.pop(name) for name in names if name in self.children]
            if not self._told_to_stop:
                signal_children(there)
            wait_for_children(there, seconds=20)

    def stop(self) -> None:
        self.stop_product()
        self._exit.close()

    def _environment(self) -> dict[str, str]:
        kept = self._kept_secrets()
        world = self.sim
        printing = world.state()["systemer"]["print"]
        own = {
            "FIKS_ENV": "demo",
            "OBJECT_STORE_URL": (self.folder / "objekter").resolve().as_uri(),
            "PORTAL_BASE_URL": self.base_url,
            "MINSIDE_BASE_URL": self.base_url,
            "BRUKERSTOTTE": "brukerstotte@drift.example, telefon 12 34 56 78",
            "IDPORTEN_ISSUER": world.url("idporten"),
            "MASKINPORTEN_ISSUER": world.url("maskinporten") + "/",
            "IDPORTEN_CLIENT_ID": CLIENT_ID,
            "IDPORTEN_CLIENT_JWK": json.dumps(kept["jwk"]),
            "SECRET_KEY": kept["secret"],
            "MASTER_KEYS": f"demo-1:{kept['master']}",
            "INDEX_KEY": kept["index"],
            "ALTINN_URL": world.url("altinn"),
            "KRR_URL": world.url("krr"),
            "DPI_URL": world.url("dpi"),
            "SIGNERING_URL": world.url("signering"),
            "SMS_URL": world.url("sms"),
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "EPOST_AVSENDER": "ikke-svar@fiks.invalid",
            "FOLKEREGISTER_URL": world.url("folkeregister"),
            "ENHETSREGISTER_URL": world.url("enhetsregister"),
            "SVARUT_NOKLER": str(svarut_pair(self.folder).resolve()),
            "PRINT_SFTP_URL": printing["url"],
            "PRINT_CERTIFICATE": str(Path(printing["sertifikat"]).resolve()),
        }
        inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TZ", "PYTHONPATH")}
        return inherited | own | self.services.environ() | dict(self.options.settings)

    def _kept_secrets(self) -> dict[str, Any]:
        """Keys of this folder, made once: a demo that is started again can still read what it stored."""
        path = self.folder / "hemmelig.json"
        if not path.exists():
            key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "demo-1"}, private=True)
            content = {
                "jwk": key.as_dict(private=True),
                "secret": secrets.token_urlsafe(48),
                "master": base64.b64encode(secrets.token_bytes(32)).decode(),
                "index": base64.b64encode(secrets.token_bytes(32)).decode(),
            }
            write_private(path, content)
        loaded: dict[str, Any] = json.loads(path.read_text())
        return loaded

    def client_registration(self) -> dict[str, Any]:
        """The portal as ID-porten's client."""
        key = RSAKey.import_key(self._kept_secrets()["jwk"])
        return {
            "client_id": CLIENT_ID,
            "jwks": {"keys": [key.as_dict(private=False)]},
            "redirect_uris": [f"{url}/innlogging/tilbake" for url in (self.base_url, self.second_url)],
            "post_logout_redirect_uris": [f"{url}/logget-ut" for url in (self.base_url, self.second_url)],
            "frontchannel_logout_uri": f"{self.base_url}/innlogging/frontkanal",
            "backchannel_logout_uri": f"{self.base_url}/innlogging/bakkanal",
        }

    def _register_client(self) -> None:
        self.sim.add_logins({"clients": [self.client_registration()], "brukere": []})
