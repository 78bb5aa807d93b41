"""How the processes of the Procfile listen for rings."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dramatiq
import pytest

from config import start
from config.broker import make_broker
from config.procfile import commands
from config.start import NICENESS, dramatiq_environment, environment, lower_priority
from fiks.core.http.client import CONNECT_SECONDS, READ_SECONDS
from fiks.pdf.sandbox import CHECK_LIMITS, MERGE_LIMITS
from fiks.print.handover.client import LONGEST_SECONDS, TIMEOUT_SECONDS
from fiks.registeroppslag.client import TIMEOUT
from fiks.svarut.rules import CLAIM_SIZE
from fiks.utsending.filer.errors import CHECK_PORTION
from fiks.utsending.liste.control.pipeline import PORTION
from fiks.utsending.liste.source.records import MAX_RADER
from testmiljo.stack import WORKERS

ACTORS = """
import json
from workers.broker import broker
actors = [broker.get_actor(name) for name in broker.get_declared_actors()]
print(json.dumps({actor.actor_name: [actor.priority, actor.options["time_limit"]] for actor in actors}))
"""
DRAMATIQ = {name: line for name, line in commands().items() if " workers.master " in line}


def command_of(line: str) -> list[str]:
    parts = shlex.split(line)
    return parts[parts.index("workers.master") - 2 :]


@pytest.mark.parametrize("name", sorted(DRAMATIQ))
def test_what_dramatiq_starts_counts_in_a_family(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start.tempfile, "gettempdir", lambda: str(tmp_path))
    told = environment(name, "9111", command_of(DRAMATIQ[name]), {})
    assert Path(told["PROMETHEUS_MULTIPROC_DIR"]).is_dir()


@pytest.mark.parametrize("name", sorted(DRAMATIQ))
def test_every_thread_of_a_process_can_work_the_same_lane(name: str) -> None:
    """dramatiq counts a ring as held until its work is done: with fewer than there are threads, threads stand idle."""
    command = command_of(DRAMATIQ[name])
    threads = command[command.index("--threads") + 1]
    assert dramatiq_environment(command)["dramatiq_queue_prefetch"] == threads


@pytest.mark.parametrize("name", sorted(DRAMATIQ))
def test_the_test_environment_works_the_same_lanes_in_the_same_processes(name: str) -> None:
    command = command_of(DRAMATIQ[name])
    after = command[command.index("--queues") + 1 :]
    assert (
        list(WORKERS[name].lanes) == after[: next(n for n, part in enumerate(after) if part.startswith("--"))]
    )


def test_a_ring_is_heard_well_within_a_quarter_of_a_second() -> None:
    """Whatever a process's threads are told about how often to look whether they are to end."""
    told = int(dramatiq_environment(["dramatiq", "--threads", "8"])["dramatiq_worker_timeout"])
    assert make_broker("").consume("enkelt", timeout=told).timeout <= 100


def test_no_lane_has_a_queue_that_is_listened_to_for_nothing() -> None:
    broker = make_broker("")
    broker.declare_queue("masse")
    assert broker.get_declared_queues() == {"masse"}
    assert broker.get_declared_delay_queues() == set()


def test_a_redis_that_is_not_there_holds_nobody_for_more_than_a_second() -> None:
    connection = make_broker("redis://redis.example:6379/0").client.connection_pool.make_connection()
    assert connection.socket_connect_timeout == 1
    assert (connection.socket_timeout, connection.socket_keepalive) == (5, True)


def test_a_ring_that_nobody_would_hear_is_refused() -> None:
    message: dramatiq.Message[None] = dramatiq.Message("masse", "masse", ("masse",), {}, {})
    with pytest.raises(ValueError, match="delayed"):
        make_broker("").enqueue(message, delay=1_000)


def test_who_sets_them_otherwise_is_obeyed() -> None:
    started = environment("send", "9111", ["dramatiq", "--threads", "8"], {"dramatiq_queue_prefetch": "3"})
    assert started["dramatiq_queue_prefetch"] == "3"
    assert started["dramatiq_worker_timeout"] == "250"


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process that leads a session of its own, as those of a supervisor do."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process.pid
    process.kill()
    process.wait()


def session_niceness(pid: int) -> int | None:
    """That of the process's session, where Linux has such."""
    told = Path(f"/proc/{pid}/autogroup")
    words = told.read_text().split() if told.exists() else []
    return int(words[-1]) if words else None


@pytest.mark.parametrize("name", ["send", "inn", "pdf"])
def test_what_nobody_looks_at_stands_behind_the_others(sleeper: int, name: str) -> None:
    lower_priority(name, sleeper)

    assert os.getpriority(os.PRIO_PROCESS, sleeper) == NICENESS[name] > 0
    assert session_niceness(sleeper) in (None, NICENESS[name])


def test_who_is_asked_to_come_again_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux takes one change of a session in a tenth of a second from those who are not root."""
    written, asked = tmp_path / "autogroup", iter([True, True, False])
    write = Path.write_text

    def refusing(path: Path, text: str) -> int:
        if next(asked):
            raise BlockingIOError
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", refusing)
    monkeypatch.setattr(start, "_SESSION_PAUSE", 0)
    start._set_session(written, 10)
    assert written.read_text() == "10"


def test_who_stands_further_back_already_is_not_drawn_forward(sleeper: int) -> None:
    os.setpriority(os.PRIO_PROCESS, sleeper, 15)
    lower_priority("pdf", sleeper)
    assert os.getpriority(os.PRIO_PROCESS, sleeper) == 15


@pytest.mark.parametrize("name", sorted(set(commands()) - set(NICENESS)))
def test_what_somebody_looks_at_stands_where_it_stood(sleeper: int, name: str) -> None:
    before = os.getpriority(os.PRIO_PROCESS, sleeper), session_niceness(sleeper)
    lower_priority(name, sleeper)
    assert (os.getpriority(os.PRIO_PROCESS, sleeper), session_niceness(sleeper)) == before


@pytest.fixture(scope="module")
def actors() -> dict[str, tuple[int, int]]:
    """(priority, milliseconds) of each lane. Told by a process of its own: a broker is made at import, and must not be
    ours for the other tests."""
    said = subprocess.run(
        [sys.executable, "-c", ACTORS],
        env={**os.environ, "FIKS_ENV": "test"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {lane: (priority, limit) for lane, (priority, limit) in json.loads(said).items()}


def test_what_somebody_waits_for_is_taken_before_what_nobody_does(actors: dict[str, tuple[int, int]]) -> None:
    priorities = {lane: priority for lane, (priority, _) in actors.items()}
    urgent = {priorities.pop("enkelt"), priorities.pop("forhandsvisning")}
    assert max(urgent) < min(priorities.values())


def test_the_longest_list_has_time_for_registers_that_answer_in_the_last_moment(
    actors: dict[str, tuple[int, int]],
) -> None:
    """A list that is broken off is read from its beginning, and would be so again and again."""
    asked = MAX_RADER / PORTION * sum(TIMEOUT)
    assert actors["liste"][1] / 1000 > asked


def test_files_that_each_take_the_longest_are_all_looked_into(actors: dict[str, tuple[int, int]]) -> None:
    checked_and_giro = 2 * CHECK_LIMITS.wall_seconds
    assert actors["render"][1] / 1000 > CHECK_PORTION * checked_and_giro


def test_a_package_that_takes_the_longest_is_not_broken_off(actors: dict[str, tuple[int, int]]) -> None:
    """Its letters are put together first, and the house may take its time with each of the last answers."""
    made_and_sent = MERGE_LIMITS.wall_seconds + LONGEST_SECONDS + 8 * TIMEOUT_SECONDS
    assert actors["print"][1] / 1000 > made_and_sent


@pytest.mark.parametrize("lane", ["enkelt", "masse"])
def test_a_claim_has_time_for_calls_that_are_answered_in_the_last_moment(
    actors: dict[str, tuple[int, int]], lane: str
) -> None:
    """Each of a person's two registers may fail for all, and then be asked about each by itself."""
    registers, channels = 2 * (1 + CLAIM_SIZE) * sum(TIMEOUT), CLAIM_SIZE * (CONNECT_SECONDS + READ_SECONDS)
    assert actors[lane][1] / 1000 > registers + channels


@pytest.mark.slow
def test_other_processes_listen_for_nothing() -> None:
    assert dramatiq_environment(["gunicorn", "wsgi:app"]) == {}
    assert dramatiq_environment(["python", "-m", "workers.sveip"]) == {}
