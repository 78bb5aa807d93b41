"""Child processes for work that may crash, hang or use up memory: untrusted files and drawing (ADR 0009).

A child is a new Python (never a fork of this process) with an almost empty environment, no network, and
limits on memory and CPU time. Whatever happens to it comes back as a code; the parent goes on.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import Counter

import fiks
from fiks.core.errors import FiksError, Utilgjengelig
from fiks.core.isolate_wire import FOLDER_PREFIX, WireError, decode, encode, error_from_wire
from fiks.core.processes import cpu_starvation
from fiks.core.processes.machine_faults import fault_name

log = logging.getLogger(__name__)
CHILDREN_UNAVAILABLE = Counter(
    "fiks_children_not_started_total", "Children the machine had not, or no room for"
)
_ROOT = str(Path(fiks.__file__).resolve().parents[1])
_CHILD = str(Path(__file__).with_name("isolate_child.py").resolve())
_KEPT = ("PATH", "TZ", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
_CHUNK = 1 << 20
_SEALED = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
START_SECONDS = 30.0
AT_ONCE = 4
"""Number of one-job children a process runs at a time: a page with twenty pictures asks for all of them at
once.
"""
_child_slots = threading.BoundedSemaphore(AT_ONCE)
T = TypeVar("T")


class BarnFeil(FiksError):
    """The child process was killed, hung, ran out of memory or broke the protocol; the parent is unharmed."""

    status = 422


class BarnUtilgjengelig(Utilgjengelig):
    """This machine cannot provide a child now; nothing is said about the job's input.

    BARN_STARTER_IKKE: no child could be started. BARN_MANGLER_PLASS: the child lacks a resource, or the code
    of this process's own release (`AnnenUtgave`).
    """


@dataclass(frozen=True, slots=True)
class Grenser:
    """Limits of one child: address space in MB, CPU seconds and wall seconds per job.

    Wall seconds apply to a child that hangs; one that gets no processor is waited for longer (CPU
    starvation).
    """

    memory_mb: int = 512
    cpu_seconds: int = 10
    wall_seconds: float = 15.0


class Barn:
    """A child process that does one job at a time. The process that uses it creates it, after any fork."""

    def __init__(self, grenser: Grenser, files: tuple[int, ...] = ()) -> None:
        """Start the child. `files` are open files it may read too (`memory_file`); it finds them at
        `path_of_open_file`.

        BarnUtilgjengelig when the child does not start and answer.
        """
        self.grenser, self.pid, self.done = grenser, os.getpid(), 0
        self.waiting = False
        """Asked, and the answer not taken yet. If that was broken off, what comes next is no answer to anything."""
        with unavailable_on_os_error("BARN_STARTER_IKKE"):
            self.folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
            try:
                self.process = _start_process(grenser, self.folder, files)
            except BaseException:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise
        assert self.process.stdin and self.process.stdout
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        for pipe in (self.to, self.back):
            os.set_blocking(pipe, False)
            with suppress(OSError):  # more than this user may have: then each message goes in smaller pieces
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)
        try:
            self._receive(time.monotonic() + START_SECONDS)
        except BaseException as error:
            self.kill()
            if isinstance(error, BarnFeil):
                raise count_unavailable(BarnUtilgjengelig("BARN_STARTER_IKKE", arsak=error.kode)) from error
            raise

    def call(self, name: str, *args: Any) -> Any:
        """Run `module:function` in the child and return its value; the name is written in our code, never
        taken from input.

        Arguments and value are what the wire protocol carries. Raises the function's own FiksError, if this
        process has loaded its class, or BarnFeil: BARN_DREPT (crash or limit), BARN_TIDSAVBRUDD, BARN_MINNE,
        BARN_FEIL (an unforeseen error, its type in `params`), or BarnUtilgjengelig. After a BarnFeil or an
        Utilgjengelig the child is dead; when anything else interrupts the call, treat it as dead too: `alive`
        tells.
        """
        deadline = time.monotonic() + self.grenser.wall_seconds
        self.waiting = True
        try:
            self._send([name, list(args)], deadline)
            answer = self._receive(deadline)
            self.waiting = False
            value = _unpack(answer)
        except BarnFeil:
            self.kill()
            raise
        except Utilgjengelig as error:
            self.kill()
            raise count_unavailable(error) from None
        self.done += 1
        return value

    def kill(self) -> None:
        """End the child at once, reap it and remove its files; harmless when it is dead or belongs to another
        process.
        """
        if self.pid != os.getpid():
            return
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def alive(self) -> bool:
        """Return whether this process owns a living child that owes no answer."""
        return self.pid == os.getpid() and not self.waiting and self.process.poll() is None

    def _send(self, value: Any, deadline: float) -> None:
        for piece in encode(value):
            view = memoryview(piece)
            while view:
                self._wait(self.to, select.POLLOUT, deadline)
                try:
                    view = view[os.write(self.to, view[:_CHUNK]) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise self._death() from error

    def _receive(self, deadline: float) -> Any:
        held, at = b"", 0

        def read(length: int) -> bytes:
            nonlocal held, at
            if len(held) - at >= length:
                at += length
                return held[at - length : at]
            out = bytearray(held[at:])
            while len(out) < length:
                out += self._piece(deadline)
            held, at = bytes(out[length:]), 0
            return bytes(out[:length])

        try:
            return decode(read)
        except WireError as error:
            raise BarnFeil("BARN_FEIL", type="WireError") from error

    def _piece(self, deadline: float) -> bytes:
        """Wait for output of the child and return it."""
        while True:
            self._wait(self.back, select.POLLIN, deadline)
            try:
                piece = os.read(self.back, _CHUNK)
            except BlockingIOError:
                continue
            if not piece:
                raise self._death()
            return piece

    def _wait(self, handle: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(handle, event)
        last = deadline + (cpu_starvation.MAX_STRETCH - 1) * self.grenser.wall_seconds
        if not cpu_starvation.answered_in_time(
            lambda seconds: poll.poll(seconds * 1000), deadline, last, self.process.pid
        ):
            raise BarnFeil("BARN_TIDSAVBRUDD")

    def _death(self) -> BarnFeil:
        try:
            code = self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            code = 0
        if -code in (signal.SIGXCPU, signal.SIGALRM):
            return BarnFeil("BARN_TIDSAVBRUDD")
        return BarnFeil("BARN_DREPT", signal=-code if code < 0 else 0)


def run_isolated(
    name: str, *args: Any, memory_mb: int = 512, cpu_seconds: int = 10, wall_seconds: float = 15.0
) -> Any:
    """Run `module:function` once in a child of its own and return its value. At most AT_ONCE such children
    run at a time.

    Errors as `Barn.call`; BarnUtilgjengelig also when no slot became free within START_SECONDS.
    """
    if not _child_slots.acquire(timeout=START_SECONDS):
        raise count_unavailable(BarnUtilgjengelig("BARN_STARTER_IKKE", arsak="BARN_OPPTATT"))
    try:
        barn = Barn(Grenser(memory_mb, cpu_seconds, wall_seconds))
        try:
            return barn.call(name, *args)
        finally:
            barn.kill()
    finally:
        _child_slots.release()


def count_unavailable(error: Utilgjengelig) -> Utilgjengelig:
    """Log and count the error for operations; return it."""
    CHILDREN_UNAVAILABLE.inc()
    log.warning("child_not_had", extra={"kode": error.kode, "arsak": error.params.get("arsak")})
    return error


@contextmanager
def unavailable_on_os_error(kode: str = "BARN_MANGLER_PLASS") -> Iterator[None]:
    """Turn an OSError inside the block (the machine refuses something) into BarnUtilgjengelig with this code."""
    try:
        yield
    except OSError as error:
        raise count_unavailable(BarnUtilgjengelig(kode, arsak=fault_name(error))) from error


def retry_in_new_child(work: Callable[[], T]) -> T:
    """Run `work`, and once more if it ends in a BarnFeil; the second run gets a new child.

    The first child may have been worn out by earlier jobs, or have got no processor.
    """
    try:
        return work()
    except BarnFeil:
        return work()


@contextmanager
def memory_file(chunks: Iterable[bytes]) -> Iterator[int]:
    """Write a stream to a sealed in-memory file and yield its descriptor; it disappears when every holder has
    closed it.

    Used for input that is too large to send over the child's pipe.
    """
    with unavailable_on_os_error():
        handle = os.memfd_create("fiks-barn", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        write_all(handle, chunks)
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, _SEALED)
        yield handle
    finally:
        os.close(handle)


def write_all(handle: int, chunks: Iterable[bytes]) -> None:
    """Write a stream to an open file that a child will read. BarnUtilgjengelig when there is no room for it."""
    for chunk in chunks:
        view = memoryview(chunk)
        with unavailable_on_os_error():
            while view:
                view = view[os.write(handle, view) :]


def path_of_open_file(file: int) -> str:
    """Return the path by which a process opens a file it already holds open, or was given; it works for
    unnamed files too.
    """
    return f"/proc/self/fd/{file}"


class Barnestue:
    """Keeps one child alive for many small jobs, and replaces it after `max_calls` or when it dies.

    One call at a time; a lock makes a second thread wait. A child whose caller was interrupted while it
    waited for the answer is replaced: the next caller must not get another caller's letter. After a fork the
    new process starts its own child.
    """

    def __init__(self, grenser: Grenser, max_calls: int = 1_000, files: tuple[int, ...] = ()) -> None:
        self.grenser, self.max_calls, self.files = grenser, max_calls, files
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._barn: Barn | None = None

    def call(self, name: str, *args: Any) -> Any:
        """As `Barn.call`; the next call after a BarnFeil gets a new child."""
        if self._pid != os.getpid():
            self._lock, self._pid, self._barn = threading.Lock(), os.getpid(), None
        with self._lock:
            barn = self._barn
            if barn is None or not barn.alive() or barn.done >= self.max_calls:
                if barn is not None:
                    barn.kill()
                barn = self._barn = Barn(self.grenser, self.files)
            return barn.call(name, *args)

    def close(self) -> None:
        """End the child after the job it has in hand; a later call starts a new one."""
        if self._pid != os.getpid():
            return
        with self._lock:
            if self._barn is not None:
                self._barn.kill()
                self._barn = None


def _start_process(grenser: Grenser, folder: str, files: tuple[int, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", _CHILD, json.dumps(asdict(grenser))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_environment(folder),
        bufsize=0,
        process_group=0,
        pass_fds=files,
    )


def _environment(folder: str) -> dict[str, str]:
    """Return the child's environment: no secret, address or proxy of ours reaches it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([_ROOT, *paths]),
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
    }


def _unpack(answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise BarnFeil("BARN_FEIL", type="WireError")
    if "verdi" in answer:
        return answer["verdi"]
    raise error_from_wire(answer, BarnFeil)
