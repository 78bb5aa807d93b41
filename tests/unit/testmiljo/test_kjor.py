"""A command joins the demo, and what its caller says wins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from testmiljo.envfile import read_env, write_env
from testmiljo.run import complete, run

DEMO = {
    "DATABASE_URL": "postgresql://demo",
    "MIGRATION_DATABASE_URL": "postgresql://demo-owner",
    "SECRET_KEY": "s",
}


def test_the_demo_fills_in_what_the_caller_does_not_name() -> None:
    environ = complete({"PATH": "/usr/bin", "SECRET_KEY": "mine"}, DEMO)

    assert environ["DATABASE_URL"] == "postgresql://demo"
    assert environ["SECRET_KEY"] == "mine"


def test_a_database_of_the_callers_own_is_not_mixed_with_the_demos_owner_role() -> None:
    environ = complete({"PATH": "/usr/bin", "DATABASE_URL": "postgresql://own"}, DEMO)

    assert environ["DATABASE_URL"] == "postgresql://own"
    assert "MIGRATION_DATABASE_URL" not in environ


def test_the_command_is_looked_up_beside_our_python_first() -> None:
    environ = complete({"PATH": "/usr/bin"}, {})

    assert environ["PATH"].split(":")[0] == str(Path(sys.executable).parent)


def test_an_environment_is_read_back_as_written_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "demo.env"

    write_env(path, {"KEY": "a=b c#'\"", "EMPTY": ""})

    assert read_env(path) == {"KEY": "a=b c#'\"", "EMPTY": ""}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_value_of_two_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="KEY"):
        write_env(tmp_path / "demo.env", {"KEY": "a\nB=c"})


def test_no_demo_has_run_means_an_empty_environment(tmp_path: Path) -> None:
    assert read_env(tmp_path / "demo.env") == {}


@pytest.mark.parametrize(("command", "code"), [("exit 3", 3), ("kill -9 $$", 137)])
def test_the_exit_code_is_that_of_a_shell(command: str, code: int) -> None:
    assert run(["sh", "-c", command], {"PATH": "/usr/bin:/bin"}) == code


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ukjent"], {"PATH": "/usr/bin"}) == 127

    assert "ukjent" in capsys.readouterr().err
