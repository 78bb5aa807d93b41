"""`python -m config.procfile NAME`: become a process of the Procfile, where there is no process runner."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from config.paths import ROOT


def commands() -> dict[str, str]:
    """Return each process's command line, for a POSIX shell, by its name."""
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def main(argv: Sequence[str]) -> None:
    """Become the process; for any other name exit with the list of names."""
    known = commands()
    if len(argv) != 1 or argv[0] not in known:
        sys.exit(f"usage: python -m config.procfile {{{','.join(known)}}}")
    os.chdir(ROOT)
    os.execvp("sh", ["sh", "-c", known[argv[0]]])


if __name__ == "__main__":
    main(sys.argv[1:])
