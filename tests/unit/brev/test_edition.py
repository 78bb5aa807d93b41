"""What draws letters in a release is known by one name, the same wherever and whenever it runs."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fiks
from fiks.utsending.brev.render_version import FILES_OUTSIDE, render_version, render_version_of

FIKS = Path(fiks.__file__).parent
LIBRARIES = {"weasyprint": "70.0", "pydyf": "0.13.0"}
SAYS_NOTHING = {
    "core/errors.py",
    "core/isolate.py",
    "core/isolate_wire.py",
    "core/processes/machine_faults.py",
}
"""What the folder imports that no letter shows: errors, and how a child process is spoken with."""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The same release, installed in another place at another time."""
    there = tmp_path / "fiks"
    shutil.copytree(FIKS / "utsending" / "brev", there / "utsending" / "brev")
    for name in FILES_OUTSIDE:
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_bytes((FIKS / name).read_bytes())
    return there


def test_every_process_of_a_release_has_the_same_edition() -> None:
    code = "from fiks.utsending.brev.render_version import render_version; print(render_version())"
    said = subprocess.run(
        [sys.executable, "-B", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=FIKS.parent,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert said.stdout.strip() == render_version()


def test_it_is_the_same_wherever_and_whenever_the_release_was_installed(installed: Path) -> None:
    before = render_version_of(FIKS, LIBRARIES)
    for path in installed.rglob("*.py"):
        os.utime(path, (1, 1))
    (installed / "utsending" / "brev" / "__pycache__").mkdir(exist_ok=True)
    (installed / "utsending" / "brev" / "__pycache__" / "letter.cpython-311.pyc").write_bytes(os.urandom(9))
    assert render_version_of(installed, dict(reversed(LIBRARIES.items()))) == before


@pytest.mark.parametrize(
    "name", ["utsending/brev/templates/brev.css", "utsending/brev/language/letterhead.py", *FILES_OUTSIDE]
)
def test_another_file_that_draws_is_another_edition(installed: Path, name: str) -> None:
    before = render_version_of(installed, LIBRARIES)
    with (installed / name).open("ab") as file:
        file.write(b"\n")
    assert render_version_of(installed, LIBRARIES) != before


def test_another_library_is_another_edition(installed: Path) -> None:
    assert render_version_of(installed, LIBRARIES) != render_version_of(
        installed, LIBRARIES | {"weasyprint": "70.1"}
    )


def test_every_file_that_decides_what_a_letter_says_is_in_it() -> None:
    """What the folder imports from the rest of the house, and what these import in turn."""
    found, queue = (
        set[str](),
        [*(FIKS / "utsending" / "brev").rglob("*.py"), *(FIKS / name for name in FILES_OUTSIDE)],
    )
    for path in queue:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fiks."):
                found |= set(_files_of(node))
    outside = {name for name in found if not name.startswith("utsending/brev/")}
    assert outside - SAYS_NOTHING == set(FILES_OUTSIDE)


def _files_of(node: ast.ImportFrom) -> list[str]:
    """The files an import names: a module, or modules of a package."""
    below = Path(*(node.module or "").split(".")[1:])
    whole = FIKS / below.with_suffix(".py")
    names = (
        [below.with_suffix(".py")] if whole.is_file() else [below / f"{one.name}.py" for one in node.names]
    )
    return [name.as_posix() for name in names if (FIKS / name).is_file()]
