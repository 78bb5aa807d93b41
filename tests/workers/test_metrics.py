"""Metrics of the Procfile's own processes: a family is told as one, counters never fall, gauges are the sweeper's."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dramatiq
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from config.broker import make_broker, make_ringer
from config.metrics import Place
from config.start import PREFIX, empty_folder
from testmiljo.embedded import Services
from testmiljo.folders import ROOT
from testmiljo.processes import answers, free_port, start_child, stop_child, wait_until
from testmiljo.stack import BIN
from tests.integration.databases import Database

pytestmark = pytest.mark.slow

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


class Running:
    """A process of the Procfile, and what its listener says."""

    def __init__(self, child: subprocess.Popen[bytes], port: int) -> None:
        self.child = child
        self.port = port

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Every sample by name and labels."""
        families = text_string_to_metric_families(self.get("/metrics").text)
        return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}

    def value(self, name: str, **labels: str) -> float:
        return self.samples().get((name, frozenset(labels.items())), 0.0)

    def seen(self, rute: str, svar: str) -> float:
        """GET requests by route and kind of answer."""
        return self.value("fiks_http_requests_total", rute=rute, metode="GET", svar=svar)

    def tells_gauges(self) -> bool:
        return any(name == "fiks_lane_ready" for name, _ in self.samples())

    def members(self) -> list[int]:
        """The processes its master has started."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


Start = Callable[..., Running]


@pytest.fixture
def environ(database: Database, tmp_path: Path) -> dict[str, str]:
    """What the processes are told, in folders of the test's own."""
    (tmp_path / "tmp").mkdir()
    own = {
        "FIKS_ENV": "test",
        "DATABASE_URL": database.app_url,
        "OBJECT_STORE_URL": (tmp_path / "objekter").as_uri(),
        "TMPDIR": str(tmp_path / "tmp"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "dramatiq_worker_timeout": "100",
    }
    return {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ} | own


@pytest.fixture
def start(environ: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts processes of the Procfile by its own command lines, and ends them after the test."""
    with ExitStack() as stack:

        def one(name: str, **more: str) -> Running:
            return stack.enter_context(running(name, environ | more, tmp_path))

        yield one


@contextmanager
def running(name: str, environ: Mapping[str, str], folder: Path) -> Iterator[Running]:
    port = free_port()
    log = folder / f"{name}-{port}.log"
    child = start_child(
        ["sh", "-c", PROCFILE[name]], env={**environ, "METRICS_PORT": str(port)}, log=log, cwd=ROOT
    )
    try:
        wait_until(lambda: answers(port), f"{name}, see {log}", child=child)
        yield Running(child, port)
    finally:
        stop_child(child, by=signal.SIGTERM, seconds=20)


def test_the_workers_of_gunicorn_are_told_as_one_and_a_dead_ones_count_is_not_forgotten(start: Start) -> None:
    bind = f"127.0.0.1:{free_port()}"
    web = start("web", BIND=bind, WEB_CONCURRENCY="2")
    site = {"headers": {"Host": "localhost"}, "timeout": 10}
    wait_until(lambda: answers(int(bind.split(":")[1])), "gunicorn", child=web.child)
    for _ in range(20):
        assert requests.get(f"http://{bind}/hjelp", **site).ok
    assert web.seen("/hjelp", "2xx") == 20
    assert web.value("fiks_portal_starts_total", prosess="web") >= 1
    killed = web.members()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(killed) & set(web.members()), "they are gone", child=web.child)
    wait_until(lambda: answers(web.port), "the listener again", child=web.child)
    wait_until(lambda: answers(int(bind.split(":")[1])), "gunicorn again", child=web.child)
    assert web.seen("/hjelp", "2xx") == 20
    for _ in range(5):
        assert requests.get(f"http://{bind}/hjelp", **site).ok
    assert web.seen("/hjelp", "2xx") == 25
    assert not web.tells_gauges()


def test_an_address_that_is_no_route_and_a_method_that_is_none_make_no_series_of_their_own(
    start: Start,
) -> None:
    bind = f"127.0.0.1:{free_port()}"
    web = start("web", BIND=bind, WEB_CONCURRENCY="1")
    wait_until(lambda: answers(int(bind.split(":")[1])), "gunicorn", child=web.child)
    for path in ("/finnes/17912099997", "/finnes/ikke"):
        requests.get(f"http://{bind}{path}", headers={"Host": "localhost"}, timeout=10)
    requests.request("ROT", f"http://{bind}/hjelp", headers={"Host": "localhost"}, timeout=10)
    assert web.seen("ukjent", "4xx") == 2
    assert "17912099997" not in web.get("/metrics").text
    assert web.value("fiks_http_requests_total", rute="ukjent", metode="annen", svar="4xx") == 1
    assert not any("ROT" in dict(labels).values() for _, labels in web.samples())


def test_dramatiqs_workers_count_what_is_done_and_rings_nobody_can_act_on(
    start: Start, tjenester: Services, database: Database
) -> None:
    inn = start("inn", REDIS_URL=tjenester.redis_url)
    broker = make_broker(tjenester.redis_url)
    broker.flush("epost")
    broker.enqueue(
        dramatiq.Message(queue_name="epost", actor_name="finnes_ikke", args=(), kwargs={}, options={})
    )
    wait_until(
        lambda: inn.value("fiks_dead_letters_total", bane="epost") == 1, "the dead letter", child=inn.child
    )
    ring = make_ringer(tjenester.redis_url)
    assert ring is not None
    with database.owner() as owner:
        owner.execute("ALTER TABLE epost RENAME TO epost_borte")
    try:
        ring("epost")
        wait_until(
            lambda: inn.value("fiks_lane_failures_total", bane="epost") >= 1,
            "the broken portion",
            child=inn.child,
        )
    finally:
        with database.owner() as owner:
            owner.execute("ALTER TABLE epost_borte RENAME TO epost")
    assert inn.get("/helse/levende").text == "ok\n"
    assert inn.get("/helse/klar").json()["klar"] is True
    assert inn.get("/noe-annet").status_code == 404


def asks_again(database: Database, asked: set[tuple[object, ...]]) -> bool:
    """Whether a sweeper has asked for the lock a second time, without having got it. `asked`: what was seen before."""
    asking = "SELECT pid, query_start FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock(%'"
    with database.app() as app:
        asked.update(app.execute(asking + " AND pid <> pg_backend_pid()").fetchall())
    return len(asked) > len({pid for pid, _ in asked})


def test_only_the_sweeper_that_works_tells_of_gauges_and_the_next_one_takes_over(
    start: Start, database: Database
) -> None:
    first = start("sveip")
    wait_until(first.tells_gauges, "the gauges", child=first.child)
    second = start("sveip")
    asked: set[tuple[object, ...]] = set()
    wait_until(lambda: asks_again(database, asked), "the second waits", child=second.child)
    assert second.get("/helse/klar").json()["klar"] is True
    assert not second.tells_gauges()
    assert first.value("fiks_measured_timestamp_seconds") > 1_700_000_000
    first.child.kill()
    first.child.wait()
    wait_until(second.tells_gauges, "the second has taken over", child=second.child)


def test_each_process_of_a_family_has_a_place_and_the_place_of_a_dead_one_is_taken_again(
    tmp_path: Path,
) -> None:
    code = "import sys, time; from pathlib import Path; from config.metrics import Place\n"
    code += "place = Place(Path(sys.argv[1])); print(place(), flush=True); time.sleep(60)"
    held = []
    for _ in range(3):
        child = subprocess.Popen(
            [BIN / "python", "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        held.append((child, int(child.stdout.readline())))
    assert [number for _, number in held] == [0, 1, 2]
    held[1][0].kill()
    held[1][0].wait()
    place = Place(tmp_path)
    assert place() == 1
    for child, _ in held:
        child.kill()
        child.wait()


def test_the_folder_of_a_family_that_is_no_more_is_removed(tmp_path: Path) -> None:
    gone = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / f"{PREFIX}{gone}").mkdir()
    (tmp_path / f"{PREFIX}1").mkdir()
    own = empty_folder(tmp_path)
    (own / "noe").write_text("")
    assert {path.name for path in tmp_path.iterdir()} == {f"{PREFIX}1", f"{PREFIX}{os.getpid()}"}
    assert list(empty_folder(tmp_path).iterdir()) == []
    assert own.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("argv", [[], ["web"], ["web", "9101"], ["web", "port", "true"]])
def test_a_start_that_says_no_command_is_refused(argv: list[str]) -> None:
    done = subprocess.run(
        [BIN / "python", "-m", "config.start", *argv], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "usage" in done.stderr
