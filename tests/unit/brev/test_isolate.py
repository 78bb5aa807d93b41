"""Children that crash, hang, eat and reach out: a code comes back, and the parent goes on."""

from __future__ import annotations

import gc
import io
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from dramatiq.middleware.threading import raise_thread_exception

from fiks.core.errors import UgyldigInndata
from fiks.core.isolate import Barn, Barnestue, BarnFeil, Grenser, run_isolated
from fiks.core.isolate_wire import HEAD, WireError, decode, encode
from testmiljo.folders import LILLEVIK
from tests.unit.brev.letters import ROOT


def refused(name: str, *args: object, **limits: float) -> BarnFeil:
    with pytest.raises(BarnFeil) as error:
        run_isolated(name, *args, **limits)  # type: ignore[arg-type]
    return error.value


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_values_and_bytes_cross_both_ways() -> None:
    big = os.urandom(3_000_000)

    assert run_isolated("builtins:list", [1, "å\u2028", None, {"a": [big, b""]}]) == [
        1,
        "å\u2028",
        None,
        {"a": [big, b""]},
    ]


def test_a_crash_is_a_code() -> None:
    error = refused("os:abort")

    assert (error.kode, error.params["signal"]) == ("BARN_DREPT", signal.SIGABRT)


def test_a_child_that_hangs_is_ended() -> None:
    started = time.monotonic()

    assert refused("time:sleep", 60, wall_seconds=0.5).kode == "BARN_TIDSAVBRUDD"
    assert time.monotonic() - started < 5


def test_a_child_that_only_calculates_is_ended_by_what_it_used_and_not_by_the_clock() -> None:
    before = of_children()
    error = refused(
        "hashlib:pbkdf2_hmac", "sha256", b"x", b"y", 2_000_000_000, cpu_seconds=1, wall_seconds=30
    )

    assert error.kode == "BARN_TIDSAVBRUDD"
    assert of_children() - before < 5


def of_children() -> float:
    """Seconds of processor time that children which have ended used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_child_that_wants_too_much_memory_is_refused() -> None:
    assert refused("builtins:bytearray", 2_000_000_000, memory_mb=400).kode == "BARN_MINNE"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("socket:create_connection", [["127.0.0.1", 9]]),
        ("socket:getaddrinfo", ["localhost", 80]),
        ("os:system", ["true"]),
        ("subprocess:check_output", [["true"]]),
        ("os:fork", []),
    ],
)
def test_a_child_reaches_neither_network_nor_other_programs(name: str, args: list[object]) -> None:
    error = refused(name, *args)

    assert (error.kode, error.params["type"]) == ("BARN_FEIL", "PermissionError")


def test_a_listening_neighbour_hears_nothing_from_a_child() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        refused("urllib.request:urlopen", f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_secret_reaches_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "MASTER_KEYS", "INDEX_KEY"):
        monkeypatch.setenv(name, "hemmelig")

    seen = [
        run_isolated("os:getenv", name) for name in ("SECRET_KEY", "DATABASE_URL", "MASTER_KEYS", "INDEX_KEY")
    ]

    assert seen == [None] * 4


def test_errors_of_the_house_come_back_as_themselves() -> None:
    with pytest.raises(UgyldigInndata) as error:
        run_isolated("fiks.core.values.money:parse_ore", "mye")

    assert error.value.kode == "BELOP_UGYLDIG"


def test_the_text_of_an_unforeseen_error_stays_in_the_child() -> None:
    error = refused("builtins:int", "11929933151x")

    assert error.params == {"type": "ValueError"}
    assert "11929933151" not in repr(error)


def test_a_child_does_not_load_the_database_layer() -> None:
    barn = Barn(Grenser())
    barn.call("fiks.pdf.page_images:count_pages", (LILLEVIK / "brev_samme.pdf").read_bytes())
    maps = Path(f"/proc/{barn.process.pid}/maps").read_text("utf-8")
    barn.kill()

    assert "pypdfium2" in maps
    assert "sqlalchemy" not in maps
    assert "psycopg" not in maps


def test_one_child_serves_many_calls_and_is_replaced_in_time() -> None:
    room = Barnestue(Grenser(), max_calls=2)
    pids = [room.call("os:getpid") for _ in range(4)]
    room.close()

    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert gone(pids[0])
    assert gone(pids[3])


def test_after_a_crash_the_next_call_gets_a_new_child() -> None:
    room = Barnestue(Grenser(wall_seconds=5))
    first = room.call("os:getpid")
    with pytest.raises(BarnFeil):
        room.call("os:abort")

    second = room.call("os:getpid")
    os.kill(second, signal.SIGKILL)
    assert gone(second)
    third = room.call("os:getpid")
    room.close()

    assert len({first, second, third}) == 3


def test_limits_count_anew_for_each_call() -> None:
    room = Barnestue(Grenser(cpu_seconds=1, wall_seconds=3))
    work = ("hashlib:pbkdf2_hmac", "sha256", b"x", b"y", 500_000)

    for _ in range(8):
        room.call(*work)
    room.close()


def test_two_threads_share_a_child_in_turn() -> None:
    room = Barnestue(Grenser())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: room.call("builtins:str", n), range(40)))
    room.close()

    assert answers == [str(n) for n in range(40)]


def test_a_child_is_not_ended_under_another_threads_call() -> None:
    room = Barnestue(Grenser())
    first = room.call("os:getpid")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(room.call, "time:sleep", 1.5)
        time.sleep(0.3)
        room.close()
        assert call.result() is None
    assert gone(first)


class BrokenOff(BaseException):
    """As a limit of time breaks off what a thread does."""


def broken_off(call: Callable[[], object]) -> None:
    """Begin a call in a thread, and break it off there as dramatiq does when its time is over."""
    ended: list[bool] = []

    def run() -> None:
        try:
            call()
        except BrokenOff:
            ended.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.3)
    assert thread.ident is not None
    raise_thread_exception(thread.ident, BrokenOff)
    thread.join(30)
    assert ended


def test_the_answer_to_a_call_that_was_broken_off_is_no_answer_to_the_next() -> None:
    room = Barnestue(Grenser())
    first = room.call("os:getpid")
    broken_off(lambda: room.call("time:sleep", 1))
    answer, second = room.call("builtins:str", "mine"), room.call("os:getpid")
    room.close()

    assert answer == "mine"
    assert second != first
    assert gone(first)


FORKED = """
import os, sys
from fiks.core.isolate import Barnestue, Grenser
room = Barnestue(Grenser())
mine = room.call("os:getpid")
pid = os.fork()
if pid == 0:
    theirs = room.call("os:getpid")
    room.close()
    os._exit(0 if theirs != mine else 3)
_, status = os.waitpid(pid, 0)
still_mine = room.call("os:getpid")
room.close()
sys.exit(os.waitstatus_to_exitcode(status) or (0 if still_mine == mine else 4))
"""


def test_a_forked_worker_starts_a_child_of_its_own_and_leaves_its_parents_alone() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], cwd=ROOT, timeout=30, check=False)

    assert done.returncode == 0


ORPHAN = """
import os, sys, time
from fiks.core.isolate import Barn, Grenser
barn = Barn(Grenser())
print(barn.process.pid, barn.folder, flush=True)
time.sleep(60)
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child, folder = parent.stdout.readline().decode().split()
        parent.kill()

    assert gone(int(child))
    assert not Path(folder).exists()


def test_a_child_is_dead_after_a_timeout() -> None:
    barn = Barn(Grenser(wall_seconds=0.3))
    with pytest.raises(BarnFeil):
        barn.call("time:sleep", 30)

    assert not barn.alive()
    assert not Path(barn.folder).exists()


@pytest.mark.parametrize(
    "data", [HEAD.pack(1 << 40, 0), HEAD.pack(2, 0) + b"{x", HEAD.pack(12, 0) + b'{"$bytes":7}']
)
def test_nonsense_on_the_pipe_is_an_error(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(io.BytesIO(data).read)


def test_a_message_is_read_as_it_was_written() -> None:
    value = {"a": [b"\x00", {"b": b""}, "ø"], "c": 1.5}

    assert decode(io.BytesIO(b"".join(encode(value))).read) == value


class Blob(bytearray):
    """Bytes that can be watched."""


@pytest.mark.slow
def test_what_was_sent_is_let_go_without_waiting_for_the_collector() -> None:
    """Letters of a package are megabytes, and few objects: the collector would not come for a long time."""
    letter = b"x" * 1000
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        sent = b"".join(encode({"brev": [Blob(letter), [Blob(b"y")]]}))
        stream = io.BytesIO(sent)
        assert decode(stream.read) == {"brev": [letter, [b"y"]]}
        gc.collect()
        assert not [one for one in gc.garbage if isinstance(one, list) and letter in one]
        assert not [one for one in gc.garbage if getattr(one, "__module__", None) == encode.__module__]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
