"""What keeps the demo from starting is said in one line of each language, before anything is started."""

from __future__ import annotations

import socket

import pytest

from testmiljo import demo
from testmiljo.processes import ServerFailed


def _fails_with(error: Exception) -> object:
    def run(*_: object) -> int:
        raise error

    return run


def test_a_port_that_is_in_use_is_named_and_free_again_the_same_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "require_no_other", _fails_with(ServerFailed("the test goes no further")))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert demo.main(["--port", str(port)]) == 1
        norsk, english = capsys.readouterr().err.splitlines()
        assert norsk.startswith(f"run: Port {port} er i bruk") and english.startswith(
            f"run: Port {port} is in use"
        )

    assert demo.main(["--port", str(port)]) == 1
    assert "goes no further" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "norsk", "english"),
    [
        (
            ServerFailed("PostgreSQL is missing."),
            "Demoen kan ikke starte",
            "The demo cannot start: PostgreSQL is",
        ),
        (demo.CannotStart("Demoen kjører", "It runs"), "Demoen kjører", "It runs"),
    ],
)
def test_what_cannot_start_is_said_once_in_each_language(
    error: Exception,
    norsk: str,
    english: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(demo, "run", _fails_with(error))
    assert demo.main([]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"run: {norsk}") and second.startswith(f"run: {english}")


def test_a_demo_that_runs_here_already_is_not_started_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "joined", bool)
    monkeypatch.setattr(demo, "read_env", lambda path: {"DATABASE_URL": "postgresql://running"})
    with pytest.raises(demo.CannotStart, match="running in this folder already"):
        demo.require_no_other()
