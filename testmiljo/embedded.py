"""The same two servers as production, PostgreSQL and Valkey, started as our children from wheels or from the machine.

`DATABASE_URL` and `REDIS_URL` switch to others; nothing else in the code knows the difference. Only the files of the
wheels are used: the wheels' own launchers leave servers behind and trust stale pid files.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from testmiljo.postgres_files import Account, choose_account, choose_place
from testmiljo.processes import ServerFailed, free_port, start_child, stop_child, wait_until
from testmiljo.valkey import Valkey

SUPERUSER = "postgres"
OWNER = "fiks"
APPLICATION = "fiks_app"
DATABASE = "fiks"

# A server that was killed leaves children that need a moment to notice.
START_SECONDS = 15


class Postgres:
    """One PostgreSQL on 127.0.0.1 with a database `fiks`, its owner role and an application role.

    `folder` holds the data, which survive stop, kill and the end of our process. The port is the object's for life, so
    the URLs stay right through every restart. `options` are server settings, such as {"fsync": "off"} for tests.
    """

    def __init__(
        self, folder: Path, *, options: Mapping[str, str] | None = None, account: Account | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = folder / "postgres.log"
        self._options = dict(options or {})
        self._account = account or choose_account()
        self._place = choose_place(folder, self._account)
        self._data = self._place.folder / "postgres"
        self._passwords = _passwords(folder / "postgres.json")
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process; None when it does not run."""
        return None if self._server is None else self._server.pid

    @property
    def database_url(self) -> str:
        """The application's URL: role `fiks_app`."""
        return self.url(APPLICATION)

    @property
    def migration_database_url(self) -> str:
        """The owner's URL: role `fiks`, which owns the schema and may make databases."""
        return self.url(OWNER)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL of `database` for one of the roles postgres, fiks and fiks_app."""
        return f"postgresql+psycopg://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; the first time its files, roles and database are made."""
        if not self._data.exists():
            self._make_files()
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._start_once()
                break
            except ServerFailed as error:
                if time.monotonic() > end:
                    raise ServerFailed(f"{error} {_last_line(self.log)}") from error
            time.sleep(0.2)
        self._make_roles()

    def stop(self) -> None:
        """Stop the orderly way: open transactions are rolled back, data are flushed."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server as a power cut would; `start` recovers from the log."""
        self._end(signal.SIGKILL)

    def restart_immediate(self) -> None:
        """Restart in immediate mode: every connection breaks at once and start-up goes through crash recovery."""
        self._end(signal.SIGQUIT)
        self.start()

    def remove(self) -> None:
        """Kill the server and delete its data."""
        self.kill()
        shutil.rmtree(self._data, ignore_errors=True)
        if self._account.user is not None:
            shutil.rmtree(self._place.folder, ignore_errors=True)

    def copy_data(self, into: Path) -> None:
        """Copy the data of a server that is stopped, as a replica that has come so far would hold them."""
        shutil.copytree(self._data, into)

    def revert_data(self, copied: Path) -> None:
        """Put such a copy in the place of the data of a server that is stopped: what came after it never happened."""
        shutil.rmtree(self._data)
        shutil.copytree(copied, self._data)

    def _end(self, by: int) -> None:
        if self._server is not None:
            stop_child(self._server, by=by)
            self._server = None

    def _start_once(self) -> None:
        options = {"timezone": "UTC", "log_timezone": "UTC", "unix_socket_directories": "", **self._options}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        address = ["-h", "127.0.0.1", "-p", str(self.port)]
        server = start_child(
            [self._place.programs / "postgres", "-D", self._data, *address, *settings],
            log=self.log,
            cwd=Path("/"),
            prefix=self._account.prefix,
            user=self._account.user,
            death_signal="INT",
        )
        try:
            wait_until(self._ready, "PostgreSQL", child=server)
        except BaseException:
            stop_child(server, by=signal.SIGQUIT)
            raise
        self._server = server

    def _ready(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self._passwords[SUPERUSER],
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _make_files(self) -> None:
        new = self._data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        secret = self._data.with_name("postgres.password")
        _write_private(secret, self._passwords[SUPERUSER])
        uid, gid = self._account.user or (None, None)
        if self._account.user is not None:
            os.chown(secret, *self._account.user)
        initdb: list[str | Path] = [*self._account.prefix, self._place.programs / "initdb", "-D", new]
        flags = [
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
            "--no-sync",
        ]
        with self.log.open("ab") as log:
            done = subprocess.run(
                [*initdb, "-U", SUPERUSER, f"--pwfile={secret}", *flags],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=uid,
                group=gid,
                extra_groups=None if self._account.user is None else [],
                check=False,
            )
        secret.unlink()
        if done.returncode != 0:
            raise ServerFailed(f"PostgreSQL's initdb failed: {_last_line(self.log)}")
        new.rename(self._data)

    def _make_roles(self) -> None:
        with self._connect() as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APPLICATION):
                if role not in roles:
                    statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                    connection.execute(statement.format(sql.Identifier(role), self._passwords[role]))
            # CREATEDB and pg_signal_backend: tests make and drop databases that still have connections.
            connection.execute(f"ALTER ROLE {OWNER} CREATEDB")
            connection.execute(f"GRANT pg_signal_backend TO {OWNER}")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


@dataclass(frozen=True, slots=True)
class Services:
    """URLs of the two servers; `postgres` and `valkey` are None where the environment named another."""

    database_url: str
    migration_database_url: str
    redis_url: str
    postgres: Postgres | None
    valkey: Valkey | None

    def environ(self) -> dict[str, str]:
        """Return the settings that point a process at these servers."""
        return {
            "DATABASE_URL": self.database_url,
            "MIGRATION_DATABASE_URL": self.migration_database_url,
            "REDIS_URL": self.redis_url,
        }


@contextmanager
def running_services(
    folder: Path, environ: Mapping[str, str], *, options: Mapping[str, str] | None = None
) -> Iterator[Services]:
    """Start what `environ` does not name, on the data in `folder`, and stop it at the end."""
    database_url, redis_url = environ.get("DATABASE_URL", ""), environ.get("REDIS_URL", "")
    migration_url = environ.get("MIGRATION_DATABASE_URL", "") or database_url
    postgres = valkey = None
    with ExitStack() as stack:
        if not database_url:
            postgres = Postgres(folder, options=options)
            stack.callback(postgres.stop)
            postgres.start()
            database_url, migration_url = postgres.database_url, postgres.migration_database_url
        if not redis_url:
            valkey = Valkey(folder)
            stack.callback(valkey.stop)
            valkey.start()
            redis_url = valkey.redis_url
        yield Services(database_url, migration_url, redis_url, postgres, valkey)


def _passwords(path: Path) -> dict[str, str]:
    """Return the three roles' passwords, made the first time and kept in `path` (mode 0600)."""
    if not path.exists():
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APPLICATION)}
        _write_private(path, json.dumps(made))
    passwords: dict[str, str] = json.loads(path.read_text())
    return passwords


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else ""
