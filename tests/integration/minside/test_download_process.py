"""Receivers log in and read when nothing runs but the process for it, PostgreSQL and the object store."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from joserfc.jwk import RSAKey

from config.settings import Settings
from fiks.svarut.rules import Status
from testmiljo.folders import ROOT
from testmiljo.processes import answers, free_port, start_child, stop_child, wait_until
from testmiljo.sim.process import Simulation
from tests.fault.visitor import Visitor
from tests.integration.databases import Database
from tests.integration.houses import Hus, new_fnr, new_orgnr
from tests.integration.minside.letters import letter_to, status_of
from tests.integration.utsending.browser import text_of
from tests.submissions import submission

NOBODY_LISTENS = "redis://127.0.0.1:1/0"
MB = 1024 * 1024
LARGE, GROWTH = 320 * MB, 64 * MB
TITLE = "Vedtak om barnehageplass"


@dataclass(frozen=True)
class Nedlasting:
    """The running process, and the world it logs people in through."""

    url: str
    pid: int
    sim: Simulation

    def visitor(self, number: str) -> Visitor:
        return Visitor(self.url, number)

    def peak(self) -> int:
        """The most memory any of its processes has used, in bytes."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_peak(int(pid)) for pid in (self.pid, *workers))


def _peak(pid: int) -> int:
    [line] = [ln for ln in Path(f"/proc/{pid}/status").read_text().splitlines() if ln.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@pytest.fixture(scope="module")
def nedlasting(
    database: Database, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nedlasting]:
    folder, port = tmp_path_factory.mktemp("nedlasting"), free_port()
    url = f"http://localhost:{port}"
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "n-1"}, private=True)
    with Simulation([], folder / "verden.sqlite", log=folder / "sim.log") as sim:
        client = {
            "client_id": "nedlasting",
            "jwks": {"keys": [key.as_dict(private=False)]},
            "redirect_uris": [f"{url}/innlogging/tilbake"],
            "post_logout_redirect_uris": [f"{url}/logget-ut"],
            "frontchannel_logout_uri": f"{url}/innlogging/frontkanal",
        }
        sim.add_logins({"clients": [client], "brukere": []})
        environ = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ")},
            "FIKS_ENV": "test",
            "DATABASE_URL": database.app_url,
            "OBJECT_STORE_URL": settings.object_store_url,
            "REDIS_URL": NOBODY_LISTENS,
            "PORTAL_BASE_URL": url,
            "IDPORTEN_ISSUER": sim.url("idporten"),
            "IDPORTEN_CLIENT_ID": "nedlasting",
            "IDPORTEN_CLIENT_JWK": json.dumps(key.as_dict(private=True)),
            "ALTINN_URL": sim.url("altinn"),
        }
        command: list[str | Path] = [
            Path(sys.executable).parent / "gunicorn", "wsgi:nedlasting", "--bind", f"127.0.0.1:{port}",
            "--workers", "1", "--worker-class", "gthread", "--threads", "8",
            "--no-control-socket", "--graceful-timeout", "5",
        ]  # fmt: skip
        child = start_child(command, env=environ, log=folder / "gunicorn.log", cwd=ROOT)
        try:
            wait_until(lambda: answers(port), "The download process", child=child)
            yield Nedlasting(url, child.pid, sim)
        finally:
            stop_child(child, by=signal.SIGTERM)


def until_read(letter: UUID) -> None:
    """The process marks the letter when its last byte has gone, which the reader does not wait for."""
    wait_until(lambda: status_of(letter) is Status.LEST, "The mark of having been read")


@pytest.fixture(autouse=True)
def _altinn_answers_again(nedlasting: Nedlasting) -> Iterator[None]:
    yield
    nedlasting.sim.set_switches(altinn={})


def test_a_citizen_logs_in_lists_and_reads_with_nothing_else_running(
    nedlasting: Nedlasting, hus: Hus
) -> None:
    me = new_fnr()
    made = letter_to(hus, me, said=submission(digital_id=me, tittel=TITLE))
    visitor = nedlasting.visitor(me)
    assert "Du har 1 ulest brev." in text_of(visitor.get("/minside").text)
    assert TITLE in visitor.get("/minside/post").text
    assert "Last ned skatteseddel.pdf" in text_of(visitor.get(f"/minside/post/{made}").text)
    assert visitor.get(f"/forsendelse/{made}/1").content.startswith(b"%PDF")
    until_read(made)
    assert visitor.ask("/oversikt").status_code == 404


def test_with_altinn_down_too_own_letters_are_read_and_those_of_organisations_say_so(
    nedlasting: Nedlasting, hus: Hus
) -> None:
    me, orgnr = new_fnr(), new_orgnr()
    mine = letter_to(hus, me, said=submission(digital_id=me, tittel=TITLE))
    theirs = letter_to(hus, orgnr)
    nedlasting.sim.set_switches(altinn={"status": {"503": 1.0}})
    visitor = nedlasting.visitor(me)
    assert "Du kan ikke representere en virksomhet nå" in text_of(visitor.get("/minside").text)
    assert TITLE in visitor.get("/minside/post").text
    assert visitor.get(f"/forsendelse/{mine}/1").content.startswith(b"%PDF")
    answer = visitor.ask(f"/forsendelse/{theirs}/1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Du kan ikke representere en virksomhet nå" in text_of(answer.text)


def test_a_part_of_a_file_is_never_given_so_that_whoever_has_read_it_has_all_of_it(
    nedlasting: Nedlasting, hus: Hus
) -> None:
    me = new_fnr()
    content = b"%PDF-1.7 " + bytes(5_000)
    made = letter_to(hus, me, content=(content,))
    answer = nedlasting.visitor(me).ask(f"/forsendelse/{made}/1", Range="bytes=0-9")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["Accept-Ranges"] == "none"
    assert "Content-Range" not in answer.headers
    until_read(made)


@pytest.mark.slow
def test_a_large_file_streams_through_without_being_held(nedlasting: Nedlasting, hus: Hus) -> None:
    me = new_fnr()
    chunk = b"%PDF-1.7" + os.urandom(MB - 8)
    made = letter_to(hus, me, content=(chunk for _ in range(LARGE // MB)))
    visitor = nedlasting.visitor(me)
    visitor.get("/minside/post")
    before, taken = nedlasting.peak(), 0
    with visitor.stream(f"/forsendelse/{made}/1") as answer:
        for piece in answer.iter_content(MB):
            taken += len(piece)
    assert taken == LARGE
    assert nedlasting.peak() - before < GROWTH
    until_read(made)
