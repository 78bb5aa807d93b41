"""What goes wrong before a command has begun is a sentence in Norwegian and 2, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fiks.core import environment
from tests.integration.databases import Database
from workers import cli


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, database: Database) -> Iterator[pytest.MonkeyPatch]:
    earlier = list(environment._installed)
    monkeypatch.setenv("FIKS_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.delenv("REDIS_URL", raising=False)
    yield monkeypatch
    environment._installed[:] = earlier


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert cli.main(argv) == 2
    return capsys.readouterr().err.strip()


def test_a_text_that_is_not_there_or_is_no_text(
    environ: pytest.MonkeyPatch, empty: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, scan = tmp_path / "borte.txt", tmp_path / "avtale.docx"
    scan.write_bytes(b"\xff\xfe\x00")
    publish = ("rot", "publiser-avtale", "--fil")
    assert refused(capsys, *publish, str(gone)) == f"fiks rot: {gone} kan ikke leses"
    assert refused(capsys, *publish, str(tmp_path)) == f"fiks rot: {tmp_path} kan ikke leses"
    assert refused(capsys, *publish, str(scan)) == f"fiks rot: {scan} er ikke tekst i UTF-8"


def test_settings_that_cannot_be_used(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("REDIS_URL", "localhost:6379")
    said = refused(capsys, "rot", "vis-operatorer")
    assert said.startswith("fiks rot: innstillingene kan ikke brukes. ")
    assert "REDIS_URL (redis://… or rediss://…)" in said


@pytest.mark.parametrize("command", [("rot", "vis-operatorer"), ("audit", "verify")])
def test_a_database_that_does_not_answer(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    environ.setenv("DATABASE_URL", "postgresql://fiks_app:hemmelig@127.0.0.1:1/fiks")
    said = refused(capsys, *command)
    assert said == f"fiks {command[0]}: databasen svarer ikke, eller vil ikke ha oss inn"


@pytest.mark.parametrize("state", ["40P01", "53100", "55P03", "57014"])
def test_a_database_that_answers_is_not_said_to_be_away(
    environ: pytest.MonkeyPatch, empty: None, state: str
) -> None:
    def full(*_: object) -> int:
        raise psycopg.errors.lookup(state)("the disk is full, or somebody holds what is asked for")

    environ.setitem(cli.COMMANDS, "audit", ("", full))
    with pytest.raises(psycopg.OperationalError, match="the disk is full"):
        cli.main(["audit", "verify"])
