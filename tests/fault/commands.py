"""`fiks`, as operations runs it."""

from __future__ import annotations

import subprocess
from collections.abc import Collection

from testmiljo.folders import ROOT
from testmiljo.stack import BIN
from tests.fault.platform import Platform


def fiks(platform: Platform, *words: str, codes: Collection[int] = (0,)) -> str:
    """Run a command; what it said. `codes`: the exit codes that are right."""
    command = [BIN / "python", "-m", "workers.cli", *words]
    done = subprocess.run(
        command,
        env=platform.stack.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in codes, done.stderr[-2_000:]
    return done.stdout
