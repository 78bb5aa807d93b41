"""`./run COMMAND …`: run any command in the demo's environment.

Joins the running demo by var/demo.env. When no demo runs, PostgreSQL and Valkey are started on the demo's data for as
long as the command takes. What the caller's own environment names wins over both.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from testmiljo.embedded import running_services
from testmiljo.envfile import read_env
from testmiljo.folders import DEMO_ENV, OBJECTS, ROOT, SERVICES
from testmiljo.processes import ServerFailed

MIGRATE = ("-c", "migrations/alembic.ini", "upgrade", "head")
"""Alembic's arguments, from the project's folder."""
DATABASE = ("DATABASE_URL", "MIGRATION_DATABASE_URL")


def main(command: Sequence[str], own: Mapping[str, str]) -> int:
    """Run `command` with the environment `own` completed by the demo's; return its exit code.

    ServerFailed when the servers are needed and cannot be started, CalledProcessError when migrations fail.
    """
    environ = complete(own, read_env(DEMO_ENV))
    if answers(environ.get("DATABASE_URL", "")):
        return run(command, environ)
    with running_services(SERVICES, own) as services:
        environ |= services.environ()
        if services.postgres is not None:
            migrate(environ)
        return run(command, environ)


def complete(own: Mapping[str, str], demo: Mapping[str, str]) -> dict[str, str]:
    """Return `own` with what it lacks taken from the demo. The two database URLs belong together."""
    ignored = DATABASE if "DATABASE_URL" in own else ()
    defaults = {"FIKS_ENV": "demo", "OBJECT_STORE_URL": OBJECTS.as_uri()}
    lacking = {name: value for name, value in demo.items() if name not in ignored}
    path = f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', os.defpath)}"
    return {**defaults, **lacking, **own, "PATH": path}


def answers(database_url: str) -> bool:
    """Return whether one can log in to the database: False for an empty URL and for a demo that has stopped."""
    if not database_url:
        return False
    url = make_url(database_url).set(drivername="postgresql")
    try:
        psycopg.connect(url.render_as_string(hide_password=False), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def migrate(environ: Mapping[str, str]) -> None:
    """Bring the database's schema up to date; CalledProcessError when that fails."""
    alembic = [sys.executable, "-m", "alembic", *MIGRATE]
    subprocess.run(alembic, cwd=ROOT, env=dict(environ), check=True, stdout=subprocess.DEVNULL)


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `command` to its end and return its exit code as a shell would; 127 when there is no such command."""
    program = shutil.which(command[0], path=environ["PATH"])
    if program is None:
        print(f"run: there is no command {command[0]}.", file=sys.stderr)
        return 127
    child = subprocess.Popen([program, *command[1:]], env=dict(environ))
    # Ctrl-C reaches the command too, which decides what to do; we stay to stop the servers after it.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    terminate = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], os.environ))
    except ServerFailed as error:
        sys.exit(f"run: {error}")
