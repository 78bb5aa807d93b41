"""A forked program runs as one that was started anew would, and ends with whoever started it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from testmiljo.processes import wait_until
from tests.architecture.tree import ROOT

PROGRAM = """
import os, signal, sys, time
print(sys.argv[1:], os.environ.get("OWN"), "PATH" in os.environ, os.getcwd(), os.getsid(0) == os.getpid(), flush=True)
if sys.argv[1] == "ends":
    sys.exit(3)
if sys.argv[1] == "breaks":
    raise ValueError("broken")
while True:
    time.sleep(0.05)
"""
STARTER = """
import sys, time
from pathlib import Path
from testmiljo.forked import fork_program
folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
child = fork_program("program", [sys.argv[2]], name="prove", env={"OWN": "ja"}, log=folder / "log", cwd=folder)
print(child.pid, flush=True)
if sys.argv[2] == "stopped":
    while "stopped" not in (folder / "log").read_text():
        time.sleep(0.02)
    child.send_signal(15)
if sys.argv[2] == "left":
    time.sleep(60)
print(child.wait(30), flush=True)
"""


def start(folder: Path, what: str) -> subprocess.Popen[str]:
    """A process of its own that forks the program: pytest has threads."""
    (folder / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-c", STARTER, str(folder), what]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("what", "code", "said"), [("ends", 3, ""), ("breaks", 1, "ValueError: broken"), ("stopped", -15, "")]
)
def test_its_end_is_told_and_it_has_its_own_environment_folder_session_and_log(
    tmp_path: Path, what: str, code: int, said: str
) -> None:
    told, _ = start(tmp_path, what).communicate(timeout=60)
    assert told.split()[1:] == [str(code)]
    log = (tmp_path / "log").read_text()
    assert log.startswith(f"['{what}'] ja False {tmp_path} True\n") and said in log


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    starter = start(tmp_path, "left")
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    wait_until(
        lambda: (tmp_path / "log").exists() and "left" in (tmp_path / "log").read_text(), "The program"
    )
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    end = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
