"""Every line of every process of the Procfile, its master's too, is one scrubbed JSON object."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.procfile import commands
from testmiljo.folders import ROOT
from testmiljo.processes import answers, free_port, start_child, stop_child, wait_until
from testmiljo.stack import BIN
from tests.workers.broken_stream import FNR, NAME

pytestmark = pytest.mark.slow

PROCFILE = commands()
AWAY = {
    "FIKS_ENV": "test",
    "DATABASE_URL": "postgresql://fiks@127.0.0.1:1/fiks",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
"""Settings whose servers nobody has started."""


class Running:
    """A process of the Procfile, and all that it and its children have written."""

    def __init__(self, child: subprocess.Popen[bytes], log: Path) -> None:
        self.child, self._log = child, log

    @property
    def text(self) -> str:
        return self._log.read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """What it has written; fails on a line that is something else than an object."""
        found = [json.loads(line) for line in self.text.splitlines()]
        assert all({"event", "level", "logger"} <= line.keys() for line in found)
        return found

    def events(self) -> list[str]:
        return [line["event"] for line in self.lines()]

    def children(self) -> list[int]:
        told = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text()
        return [int(pid) for pid in told.split()]


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the named process by its own command line, in which `replace` stands for its first word."""
    with ExitStack() as stack:

        def one(name: str, *replace: str, **environ: str) -> Running:
            return stack.enter_context(
                _running(PROCFILE[name].replace(*(replace or ("", ""))), environ, tmp_path)
            )

        yield one


@contextmanager
def _running(line: str, environ: dict[str, str], folder: Path) -> Iterator[Running]:
    log = folder / "linjer"
    own = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    own |= {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(folder), "METRICS_PORT": "0"}
    child = start_child(["sh", "-c", line], env=own | environ, log=log, cwd=ROOT)
    try:
        yield Running(child, log)
    finally:
        stop_child(child, by=signal.SIGTERM, seconds=20)


def ask(port: int, words: str) -> bytes:
    """What is answered to these words, until the other end has had enough."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(words.encode())
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def broken_stream(start: Start) -> tuple[Running, int]:
    """gunicorn with pages that break off, and its port."""
    port = free_port()
    app = "'tests.workers.broken_stream:make()'"
    web = start("web", "wsgi:app", app, BIND=f"127.0.0.1:{port}", WEB_CONCURRENCY="1", **AWAY)
    wait_until(lambda: answers(port), "gunicorn", child=web.child)
    return web, port


def test_an_answer_that_breaks_off_in_its_middle_is_told_of_in_one_scrubbed_line_with_its_request(
    start: Start,
) -> None:
    web, port = broken_stream(start)
    assert b"%PDF" in ask(port, f"GET /brev?navn={NAME} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    wait_until(lambda: "er tatt" in web.text, "the error", child=web.child)
    [error] = [line for line in web.lines() if "er tatt" in line.get("exception", "")]
    [request] = [line for line in web.lines() if line["event"] == "foresporsel"]
    assert (error["level"], error["request_id"]) == ("error", request["request_id"])
    assert "Traceback" in error["exception"]
    assert "DETAIL: ***" in error["exception"]
    assert [line["logger"] for line in web.lines() if line["event"] == "log_line_broken"] == ["prove"]
    assert FNR not in web.text and NAME not in web.text and "Fjellstad" not in web.text


def test_a_request_that_cannot_be_read_is_told_of_without_its_words_and_is_no_other_request(
    start: Start,
) -> None:
    web, port = broken_stream(start)
    for _ in range(4):  # so that the thread has answered others before
        ask(port, "GET /ingen HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert b" 400 " in ask(port, f"GET /brev?navn={NAME} TULL\r\n\r\n")
    wait_until(lambda: "invalid_request" in web.text, "the line", child=web.child)
    [line] = [line for line in web.lines() if line["event"] == "invalid_request"]
    assert (line["level"], line["error"]) == ("warning", "InvalidHTTPVersion")
    assert "request_id" not in line
    assert NAME not in web.text


def test_the_master_of_gunicorn_tells_of_its_beginning_its_dead_and_its_end_as_all_others_do(
    start: Start,
) -> None:
    port = free_port()
    web = start("mottak", MOTTAK_BIND=f"127.0.0.1:{port}", WEB_CONCURRENCY="1", **AWAY)
    wait_until(lambda: answers(port), "gunicorn", child=web.child)
    wait_until(lambda: len(web.children()) == 1, "its worker", child=web.child)
    os.kill(web.children()[0], signal.SIGKILL)
    wait_until(lambda: "SIGKILL" in web.text, "its end", child=web.child)
    assert stop_child(web.child, by=signal.SIGTERM, seconds=20) == 0
    assert {line["logger"] for line in web.lines()} >= {"gunicorn.error"}
    assert any(event.startswith("Listening at") for event in web.events())
    assert "Handling signal: term" in web.events()


def test_the_master_of_dramatiq_and_its_workers_write_the_same_lines(start: Start) -> None:
    inn = start("inn", **AWAY)
    wait_until(lambda: "ready for action" in inn.text, "the worker", child=inn.child, seconds=60)
    wait_until(lambda: "onnection" in inn.text, "a server that is away", child=inn.child)
    assert any("is booting up" in event for event in inn.events())
    assert "Worker process is ready for action." in inn.events(), (
        "a worker's line is its own, and no words of the master"
    )
    os.kill(inn.children()[-1], signal.SIGKILL)
    inn.child.wait(20)
    assert any("exited unexpectedly" in event for event in inn.events())


@pytest.mark.parametrize("name", ["web", "inn", "sveip"])
def test_a_process_that_cannot_start_says_why_in_a_line_like_any_other(start: Start, name: str) -> None:
    """With none of the settings that production demands."""
    process = start(name, BIND=f"127.0.0.1:{free_port()}", WEB_CONCURRENCY="1")
    assert process.child.wait(60) != 0
    assert any("FIKS_ENV=prod cannot start" in line.get("exception", "") for line in process.lines())


@pytest.mark.parametrize("name", ["web", "inn", "sveip"])
def test_a_process_that_starts_says_once_what_is_not_set_up(start: Start, name: str) -> None:
    there = {"ALTINN_URL": "http://127.0.0.1:1"}
    process = start(name, BIND=f"127.0.0.1:{free_port()}", WEB_CONCURRENCY="2", **AWAY, **there)
    wait_until(lambda: "not_set_up" in process.text, "the line", child=process.child)
    [line] = [line for line in process.lines() if line["event"] == "not_set_up"]
    assert line["level"] == "warning"
    assert {"DPI_URL", "SMS_URL", "PRINT_SFTP_URL", "KRR_URL"} <= set(line["innstillinger"])
    assert "ALTINN_URL" not in line["innstillinger"]


@pytest.mark.parametrize("begins", ["runpy.run_path('gunicorn.conf.py')", "import workers.master"])
def test_a_master_loads_nothing_that_counts(begins: str) -> None:
    """It would take the place of the one that tells its family's numbers, and tell none."""
    program = f"import runpy, sys; {begins}; print(*sys.modules)"
    ended = subprocess.run(
        [BIN / "python", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(ended.stdout.split())
    assert "fiks.core.values.identifiers" in loaded
    assert not loaded & {"prometheus_client", "config.metrics", "portal", "fiks.core.db"}


UNCAUGHT = r"""
import gc, sys, threading, warnings
from config.logging import log_everything
from fiks.core.values.identifiers import mask_numbers

log_everything(scrub=mask_numbers)

def fail(*_):
    raise ValueError("{fnr} er tatt")

class Falls:
    __del__ = fail

warnings.warn("{fnr} er gammel")
print("{fnr} er", "sagt\nDETAIL: hemmelig", file=sys.stderr)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Falls()
gc.collect()
fail()
"""


def test_what_nobody_catches_in_any_thread_is_a_line_of_the_log_too() -> None:
    program = UNCAUGHT.format(fnr=FNR)
    ended = subprocess.run(
        [BIN / "python", "-c", program],
        cwd=ROOT,
        env={**os.environ, "FIKS_ENV": "test"},
        capture_output=True,
        text=True,
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert [line["event"] for line in lines if "exception" in line] == ["uncaught"] * 3
    assert all("er tatt" in line["exception"] for line in lines if "exception" in line)
    assert any("er gammel" in line["event"] for line in lines)
    assert [line["tekst"] for line in lines if line["event"] == "stderr"] == [
        "*********** er sagt\nDETAIL: ***"
    ]
    assert FNR not in ended.stderr
