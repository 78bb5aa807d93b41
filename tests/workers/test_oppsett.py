"""`fiks oppsett` tells whether what lies outside answers and is called what the settings say, and sends nothing."""

from __future__ import annotations

import argparse
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.settings import MAY_BE_LACKING, Settings
from testmiljo.mail_server import MailServer
from testmiljo.printhouse import PrintHouse
from tests.integration.databases import Database
from tests.portal.test_settings import PRODUCTION
from workers import cli, cli_oppsett
from workers.process import Process


class Outside:
    """One server that plays all of the outside: `called` is what was asked of it, `answer` what it says to HEAD."""

    def __init__(self) -> None:
        self.called: list[tuple[str, str]] = []
        self.answer, self.page = 404, b""
        self.issuers = {"openid-configuration": "", "oauth-authorization-server": ""}
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(outside.answer, b"")

            def do_GET(self) -> None:
                name = outside.issuers.get(self.path.rpartition("/")[2])
                told = outside.page or json.dumps({"issuer": name}).encode()
                self._answer(200 if name is not None else 404, told)

            def _answer(self, status: int, body: bytes) -> None:
                outside.called.append((self.command, self.path))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def nobody() -> Iterator[str]:
    """A host and port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def oppsett(**settings: str) -> int:
    return cli_oppsett.run(Process(Settings.from_env({"FIKS_ENV": "test", **settings})), argparse.Namespace())


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_what_answers_is_told_and_asked_for_no_more_than_its_head(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    assert oppsett(ALTINN_URL=f"{outside.url}/altinn", KRR_URL=f"{outside.url}/krr") == 0
    lines = told(capsys)
    assert lines[:2] == ["ALTINN_URL: 127.0.0.1 svarer.", "KRR_URL: 127.0.0.1 svarer."]
    assert lines[-1] == "Feil: 0. Ingenting er sendt."
    assert outside.called == [("HEAD", "/altinn"), ("HEAD", "/krr")]


def test_an_issuer_must_be_called_what_the_setting_says_letter_by_letter(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.issuers = {
        "openid-configuration": outside.url,
        "oauth-authorization-server": f"{outside.url}/",
    }
    assert oppsett(IDPORTEN_ISSUER=outside.url, MASKINPORTEN_ISSUER=f"{outside.url}/") == 0
    told(capsys)
    assert oppsett(IDPORTEN_ISSUER=f"{outside.url}/", MASKINPORTEN_ISSUER=outside.url) == 1
    assert told(capsys)[:2] == [
        f"IDPORTEN_ISSUER: 127.0.0.1 er satt til «{outside.url}/», men heter «{outside.url}». Skriv det slik.",
        f"MASKINPORTEN_ISSUER: 127.0.0.1 er satt til «{outside.url}», men heter «{outside.url}/». Skriv det slik.",
    ]


def test_who_tells_nothing_of_itself_is_no_issuer(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    said = f"forteller ikke hva den heter på {outside.url}/.well-known/openid-configuration"
    outside.issuers = {}
    assert oppsett(IDPORTEN_ISSUER=outside.url) == 1
    assert said in told(capsys)[0]
    outside.issuers, outside.page = {"openid-configuration": ""}, b"<!doctype html><title>Logg inn</title>"
    assert oppsett(IDPORTEN_ISSUER=outside.url) == 1
    assert said in told(capsys)[0]


def test_each_that_does_not_answer_is_told_in_a_sentence(
    nobody: str, capsys: pytest.CaptureFixture[str]
) -> None:
    everybody = {
        "REDIS_URL": f"redis://:hemmelig@{nobody}/0",
        "IDPORTEN_ISSUER": f"http://{nobody}",
        "DPI_URL": f"http://{nobody}",
        "SMS_URL": f"http://bruker:hemmelig@{nobody}/sms",
        "SMTP_URL": f"smtp://bruker:hemmelig@{nobody}",
        "EPOST_AVSENDER": "fiks@ks.test",
        "PRINT_SFTP_URL": f"sftp://bruker:hemmelig@{nobody}/inn?hostkey=SHA256:abc",
    }
    assert oppsett(**everybody) == 1
    lines = told(capsys)
    for name in everybody.keys() - {"EPOST_AVSENDER"}:
        assert f"{name}: 127.0.0.1 svarer ikke." in lines
    assert lines[-1] == "Feil: 6. Ingenting er sendt."
    assert "hemmelig" not in "".join(lines)


def test_a_gateway_that_does_not_reach_its_system_is_not_the_system(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.answer = 503
    assert oppsett(FOLKEREGISTER_URL=outside.url) == 1
    assert "svarer ikke bak den som står foran (HTTP 503)" in told(capsys)[0]


def test_mail_and_print_are_logged_in_to_and_get_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, mail = PrintHouse(tmp_path / "folder", tmp_path / "store.sqlite").start(), MailServer().start()
    settings = {"SMTP_URL": mail.url, "EPOST_AVSENDER": "fiks@ks.test", "PRINT_SFTP_URL": house.url}
    try:
        assert oppsett(**settings) == 0
        assert told(capsys)[:2] == ["SMTP_URL: 127.0.0.1 svarer.", "PRINT_SFTP_URL: 127.0.0.1 svarer."]
        other = house.url.partition("SHA256")[0] + "SHA256:abc"
        assert oppsett(**settings | {"PRINT_SFTP_URL": other}) == 1
        assert "PRINT_SFTP_URL: 127.0.0.1 svarer med en annen vertsnøkkel enn den som er satt." in told(
            capsys
        )
        wrong = house.url.replace("@127", "x@127")
        assert oppsett(**settings | {"PRINT_SFTP_URL": wrong}) == 1
        assert "PRINT_SFTP_URL: 127.0.0.1 svarer, men slipper oss ikke inn." in told(capsys)
        assert list((house.folder / "ordre").iterdir()) == mail.received() == []
    finally:
        house.stop()
        mail.stop()


def test_all_that_may_be_lacking_is_told_with_what_is_so_without_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert oppsett() == 0
    assert set(cli_oppsett.WITHOUT) == {*MAY_BE_LACKING, "PRINT_SFTP_URL"}
    assert "DPI_URL er ikke satt opp: brev til digital postkasse går til Altinn." in told(capsys)


def test_the_command_needs_no_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIKS_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", "postgresql://fiks@127.0.0.1:1/fiks")
    for name in ("REDIS_URL", "MIGRATION_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["oppsett"]) == 0
    assert capsys.readouterr().err == ""


def test_a_role_that_may_change_the_audit_log_is_told_of_before_a_release_is_rolled_out(
    database: Database,
) -> None:
    def asked(url: str) -> str:
        try:
            cli_oppsett._ask_database(Settings.from_env({**PRODUCTION, "DATABASE_URL": url}))
        except cli_oppsett.Galt as error:
            return str(error)
        return ""

    assert asked(database.app_url) == ""
    assert "som kan endre revisjonsloggen. Bruk rollen fiks_app" in asked(database.owner_url)
    assert asked("postgresql://fiks@127.0.0.1:1/fiks") == "svarer ikke, eller vil ikke ha oss inn"
