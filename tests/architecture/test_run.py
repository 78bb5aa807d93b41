"""`./run` says in one Norwegian and one English line what is wrong, and goes on once that is mended.

Runs the script itself in a folder with nothing of the product, and stand-ins for Python, npm, apt-get and df.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

TOOLS = (
    *("cat", "chmod", "cksum", "cp", "date", "dirname", "env", "flock", "grep", "head", "ls", "mkdir"),
    *("mktemp", "mv", "rm", "sed", "sh", "sleep", "tail", "touch", "tr", "uname"),
)
FILES = (
    "requirements-demo.txt",
    "requirements-test.txt",
    "requirements-build.txt",
    "requirements-client.txt",
    "requirements-node.txt",
    "requirements-uv.txt",
    "setup.cfg",
    "pyproject.toml",
    "package-lock.json",
    "portal/assets.py",
)
PYTHON = """#!/bin/sh
# Stands in for Python: $STATE/NAME holds what the step NAME fails with.
fails() { [ ! -e "$STATE/$1" ] || { echo "$1" >>"$STATE/tries"; cat "$STATE/$1" >&2; exit 1; }; }
case "$*" in
*version_info*) fails old ;;
--version) echo "Python 3.10.12" ;;
*ctypes*) fails library ;;
'-m venv .venv')
    fails venv
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    echo "#!$PWD/.venv/bin/python" >.venv/bin/pip
    ;;
*config*list*) ;;
*requirements-uv.txt*) exit 1 ;;
*pip*install*--editable*) fails editable ;;
*pip*install*)
    fails pip
    [ ! -e "$STATE/interrupt" ] || { kill -TERM $PPID; exit 1; }
    echo "$*" >>"$STATE/installed"
    ;;
*portal/assets.py*) mkdir -p portal/static/vendor ;;
*testmiljo.demo*) echo "the demo runs" ;;
esac
"""
NPM = """#!/bin/sh
[ ! -e "$STATE/npm" ] || { echo npm >>"$STATE/tries"; cat "$STATE/npm" >&2; exit 1; }
mkdir -p node_modules
"""
APT = """#!/bin/sh
[ ! -e "$STATE/apt" ] || { echo apt >>"$STATE/tries"; cat "$STATE/apt" >&2; exit 100; }
rm -f "$STATE/library"
"""
ID = """#!/bin/sh
echo 0
"""
DF = """#!/bin/sh
echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
echo "/dev/disk 9999999 1 $(cat "$STATE/free" 2>/dev/null || echo 9999999) 1% /"
"""


@dataclass(frozen=True)
class Machine:
    """A folder with the script and a PATH with the stand-ins; `state` holds what is to fail."""

    project: Path
    state: Path
    programs: Path

    def demo(self) -> subprocess.CompletedProcess[str]:
        """Run `./run demo` with nothing of our own environment."""
        environ = {"PATH": str(self.programs), "HOME": str(self.state), "STATE": str(self.state)}
        return subprocess.run(
            ["./run", "demo"],
            cwd=self.project,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def fail(self, step: str, text: str) -> None:
        """Let a step fail with this text."""
        (self.state / step).write_text(text)

    def tries(self, step: str) -> int:
        """How many times a step has failed."""
        log = self.state / "tries"
        return log.read_text().split().count(step) if log.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "project", tmp_path / "state", tmp_path / "programs")
    for folder in (made.project / "portal", made.state, made.programs):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "run", made.project / "run")
    for name in FILES:
        (made.project / name).write_text(f"# {name}\n")
    for name in TOOLS:
        (made.programs / name).symlink_to(str(shutil.which(name)))
    for name, script in (("python3", PYTHON), ("npm", NPM), ("apt-get", APT), ("df", DF), ("id", ID)):
        (made.programs / name).write_text(script)
        (made.programs / name).chmod(0o755)
    (made.programs / "sleep").unlink()
    (made.programs / "sleep").symlink_to(str(shutil.which("true")))
    return made


NET = "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution"
DISK = "OSError: [Errno 28] No space left on device"
CLOSED = "OSError: [Errno 30] Read-only file system: '.venv/lib'"
MENDED = [
    pytest.param(
        "pip", NET, "Python-pakkene kunne ikke hentes", "could not be fetched", 3, id="no network for pip"
    ),
    pytest.param(
        "npm", NET, "(npm) kunne ikke hentes", "(npm) could not be fetched", 3, id="no network for npm"
    ),
    pytest.param("pip", DISK, "Disken er full", "The disk is full", 1, id="no space for pip"),
    pytest.param(
        "npm", "npm ERR! code ENOSPC", "Disken er full", "The disk is full", 1, id="no space for npm"
    ),
    pytest.param("free", "4000", "Disken er full", "The disk is full", 0, id="no space at all"),
    pytest.param("free", "400000", "det trengs 1000 MB", "1000 MB are needed", 0, id="too little space"),
    pytest.param("pip", CLOSED, "Kan ikke skrive i", "Cannot write in", 1, id="closed while it installs"),
    pytest.param("venv", "broken", ".venv kunne ikke lages", ".venv could not be made", 1, id="no venv"),
    pytest.param(
        "editable", "broken", "Prosjektet selv", "The project itself", 1, id="project does not install"
    ),
    pytest.param(
        "old", "", "Python 3.11 eller nyere mangler", "(python3 is: Python 3.10.12)", 1, id="Python 3.10"
    ),
    pytest.param(
        "pip", "THESE PACKAGES DO NOT MATCH THE HASHES", "ikke de som låsen", "the lock names", 1, id="hash"
    ),
]


@pytest.mark.parametrize(("step", "text", "norsk", "english", "tries"), MENDED)
def test_what_fails_is_named_once_in_each_language_and_mended_the_command_goes_on(
    machine: Machine, step: str, text: str, norsk: str, english: str, tries: int
) -> None:
    machine.fail(step, text)
    failed = machine.demo()
    said = [line for line in failed.stderr.splitlines() if line.startswith("run: ")]
    assert failed.returncode == 1, failed.stderr
    assert len(said) == 2 and norsk in said[0] and english in said[1], failed.stderr
    assert machine.tries(step) == tries

    (machine.state / step).unlink()
    assert machine.demo().stdout == "the demo runs\n"


def test_system_packages_that_cannot_be_fetched_are_named(machine: Machine) -> None:
    machine.fail("library", "")
    machine.fail("apt", NET)
    failed = machine.demo()
    assert failed.returncode == 1
    assert (
        "Systempakkene (libpango-1.0-0" in failed.stderr and "The system packages (libpango" in failed.stderr
    )
    assert machine.tries("apt") == 3

    (machine.state / "apt").unlink()
    assert machine.demo().stdout == "the demo runs\n"


def test_a_folder_that_cannot_be_written_to_is_named(machine: Machine) -> None:
    """A file where the folder must be: whoever is root may write everywhere else."""
    (machine.project / "var").touch()
    failed = machine.demo()
    assert failed.returncode == 1
    assert f"Kan ikke skrive i {machine.project}" in failed.stderr and "Cannot write in" in failed.stderr

    (machine.project / "var").unlink()
    assert machine.demo().stdout == "the demo runs\n"


def test_a_first_run_that_is_broken_off_is_begun_anew(machine: Machine) -> None:
    machine.fail("interrupt", "")
    assert machine.demo().returncode == 143
    (machine.project / ".venv/half").touch()

    (machine.state / "interrupt").unlink()
    assert machine.demo().stdout == "the demo runs\n"
    assert not (machine.project / ".venv/half").exists()


def _python_is_gone(venv: Path) -> None:
    (venv / "bin/python").unlink()


def _was_moved(venv: Path) -> None:
    (venv / "bin/pip").write_text("#!/elsewhere/.venv/bin/python\n")


def _was_never_finished(venv: Path) -> None:
    (venv / "installed-demo").unlink()


@pytest.mark.parametrize("break_it", [_python_is_gone, _was_moved, _was_never_finished])
def test_a_venv_that_cannot_be_right_is_made_anew(machine: Machine, break_it: Callable[[Path], None]) -> None:
    assert machine.demo().stdout == "the demo runs\n"
    (machine.project / ".venv/half").touch()
    break_it(machine.project / ".venv")
    with (machine.project / "setup.cfg").open("a") as changed:
        changed.write("# changed\n")

    assert machine.demo().stdout == "the demo runs\n"
    assert not (machine.project / ".venv/half").exists()


def test_what_is_set_up_is_not_set_up_again(machine: Machine) -> None:
    machine.demo()
    first = (machine.state / "installed").read_text()
    assert machine.demo().stdout == "the demo runs\n"
    assert (machine.state / "installed").read_text() == first


def test_ci_begins_with_nothing(machine: Machine) -> None:
    """What is left of an earlier run is gone before the first package is installed."""
    shutil.copytree(ROOT / ".ci", machine.project / ".ci")
    for name in (".venv", "node_modules", "portal/static/vendor"):
        (machine.project / name).mkdir(parents=True)
        (machine.project / name / "left").touch()
    (machine.project / "run").write_text('#!/bin/sh\necho "$@"; ls -A . portal/static\n')
    environ = {"PATH": str(machine.programs), "HOME": str(machine.state)}
    done = subprocess.run(
        [".ci/run", "-x"], cwd=machine.project, env=environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("test --ci -x\n")
    assert {".venv", "node_modules", "vendor"}.isdisjoint(done.stdout.split())
