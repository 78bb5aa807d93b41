"""The files of the project, as git sees them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked_files() -> Iterator[Path]:
    """Yield every file that is committed or would be, in order."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, check=True).stdout
    paths = sorted(ROOT / name for name in listed.decode().split("\0") if name)
    yield from (path for path in paths if path.is_file())


def text_of(path: Path) -> str | None:
    """Return the text of a file, None for a binary one."""
    content = path.read_bytes()
    if b"\0" in content:
        return None
    return content.decode("utf-8", errors="replace")
