"""docs/drift/installasjon.md on a server where nothing has been: its own commands, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from fiks.core.crypto.cms_reader import load_pair
from testmiljo.embedded import Postgres
from testmiljo.stack import BIN
from tests.architecture.tree import ROOT
from tests.integration.houses import new_fnr

PAGE = (ROOT / "docs" / "drift" / "installasjon.md").read_text("utf-8")
PUBLISHED = b"""
    SELECT string_agg(navn, ', ' ORDER BY navn) FROM mal JOIN malversjon ON mal_id = mal.id
    WHERE organisasjon_id IS NULL AND versjon = 1 AND kilde_nn IS NOT NULL
"""
"""What everybody may choose when an organisation begins its first mailing."""
PASSWORDS = {"<the owner's>": "eierens", "<the application's>": "husets"}


def commands(beginning: str) -> list[str]:
    """The commands of the page that begin so, in order."""
    found = re.findall(rf"^ {{7,8}}({beginning}.*)$", PAGE, re.MULTILINE)
    assert found
    return found


@dataclass
class Machine:
    """An empty server, and a folder where commands are given; `settings` grow as the page goes on."""

    server: Postgres
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def url(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.server.port}/fiks"

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        url = self.server.url("postgres", database).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True)

    def shell(self, command: str, *, cwd: Path | None = None, inn: str = "") -> str:
        """What the command writes; the test fails when it does not end with 0."""
        environ = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(self.folder), **self.settings}
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=cwd or self.folder,
            env=environ,
            input=inn,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    server = Postgres(tmp_path / "server", options={"fsync": "off"})
    server.start()
    made = Machine(server, tmp_path / "her")
    made.folder.mkdir()
    with made.superuser() as connection:  # what the test environment makes beforehand, and the page must
        for statement in ("DROP DATABASE fiks", "DROP ROLE fiks", "DROP ROLE fiks_app"):
            connection.execute(statement)
    yield made
    server.remove()


def make_roles(machine: Machine) -> None:
    with machine.superuser() as connection:
        for statement in commands("CREATE "):
            for said, password in PASSWORDS.items():
                statement = statement.replace(said, password)
            connection.execute(statement.encode())


def make_keys(machine: Machine) -> dict[str, str]:
    """Step 2's keys, by the names the page gives them."""
    secret, index = (machine.shell(line) for line in commands("openssl rand"))
    [master] = commands("echo ")
    for line in commands("openssl (?:req|genrsa|rsa)"):
        machine.shell(line)
    file = machine.folder / "svarut.pem"
    load_pair(file.read_bytes())
    [source] = re.findall(r"^ {7}python -c '(import json\n.+?)'$", PAGE, re.MULTILINE | re.DOTALL)
    program = "\n".join(line.removeprefix(" " * 7) for line in source.splitlines())
    jwk, public = machine.shell(f"python -c {shlex.quote(program)}").splitlines()
    assert '"d":' in jwk and '"d":' not in public
    return {
        "SECRET_KEY": secret,
        "MASTER_KEYS": machine.shell(master),
        "INDEX_KEY": index,
        "SVARUT_NOKLER": str(file),
        "IDPORTEN_CLIENT_JWK": jwk,
    }


def plain_settings(machine: Machine) -> dict[str, str]:
    """The rest of what production demands."""
    return {
        "DATABASE_URL": machine.url("fiks_app", "husets"),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "OBJECT_STORE_URL": f"file://{machine.folder / 'objekter'}",
        "PORTAL_BASE_URL": "https://fiks.example",
        "MINSIDE_BASE_URL": "https://minside.fiks.example",
        "IDPORTEN_ISSUER": "https://idporten.example",
        "IDPORTEN_CLIENT_ID": "fiks",
        "MASKINPORTEN_ISSUER": "https://maskinporten.example/",
        "FOLKEREGISTER_URL": "https://folkeregister.example",
        "KRR_URL": "https://krr.example",
        "ENHETSREGISTER_URL": "https://enhetsregister.example",
        "BRUKERSTOTTE": "brukerstotte@drift.example",
    }


def count(machine: Machine, query: bytes, *values: Sequence[str]) -> object:
    with machine.superuser("fiks") as connection:
        row = connection.execute(query, values).fetchone()
        assert row is not None
        return row[0]


@pytest.mark.slow
def test_the_platform_is_installed_by_the_commands_of_the_page(machine: Machine) -> None:
    make_roles(machine)
    machine.settings = {"MIGRATION_DATABASE_URL": machine.url("fiks", "eierens")}
    machine.shell(commands("python -m config.procfile")[0], cwd=ROOT)

    machine.settings = {**plain_settings(machine), **make_keys(machine)}
    (machine.folder / "objekter").mkdir()
    for look in commands("fiks (?:nokler|audit)"):
        machine.shell(look)  # as in production, with every setting that is demanded

    assert count(machine, b"SELECT count(*) FROM mal") == 0
    machine.shell("fiks sweep")  # what `sveip` of step 6 does
    assert count(machine, PUBLISHED) == "Enkelt brev, Skatteseddel for eiendomsskatt"
    for command in commands("fiks mal"):
        assert machine.shell(command).endswith(" 0.")  # done by the sweeper

    machine.settings["FIKS_ENV"] = "test"  # from here on persons are synthetic
    for name in ("hovedavtale", "svarut"):
        (machine.folder / f"{name}.txt").write_text(f"Avtale om {name}\n\nTekst.\n", "utf-8")
    main, service = commands("fiks rot publiser-avtale")
    assert machine.shell(main.replace("hovedavtale.txt", "/dev/stdin < hovedavtale.txt")).endswith(
        "versjon 1."
    )
    assert machine.shell(service).endswith("versjon 1.")
    for command in (*commands("fiks rot administrator"), *commands("fiks rot ny-organisasjon")):
        machine.shell(command, inn=f"{new_fnr()}\n")
    for terms in commands("fiks print avtale"):
        machine.shell(terms)
    for look in commands("fiks (?:nokler|audit)"):
        machine.shell(look)

    assert (
        count(machine, b"SELECT count(*) FROM avtale WHERE tjeneste_kode IS NULL OR tjeneste_kode = 'SVARUT'")
        == 2
    )
    assert count(machine, b"SELECT count(*) FROM organisasjon WHERE orgnr = '312990024'") == 1
    assert count(machine, b"SELECT count(*) FROM tilgang WHERE privilegium = 'ROT.ADMINISTRER'") == 1
    assert count(machine, b"SELECT count(*) FROM banestatus WHERE stengt") == 0
    assert count(machine, b"SELECT brev_per_pakke FROM printleverandor WHERE kode = 'GRAFISK_DIGITAL'") == 200


def test_a_password_may_be_changed_while_its_role_is_connected(machine: Machine) -> None:
    """As nokler.md has it: connections that are open go on, and new ones are asked for the new password."""
    make_roles(machine)
    with psycopg.connect(machine.url("fiks_app", "husets"), autocommit=True) as connected:
        with machine.superuser() as connection:
            connection.execute("ALTER ROLE fiks_app PASSWORD 'nytt'")
        assert connected.execute("SELECT current_user").fetchone() == ("fiks_app",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(machine.url("fiks_app", "husets"))
        psycopg.connect(machine.url("fiks_app", "nytt")).close()
