"""The running demo's environment in a file, for the commands that join it: NAME=value lines, mode 0600."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write_env(path: Path, environ: Mapping[str, str]) -> None:
    """Write `environ` to `path` at once and for our own user only; ValueError on a value of more than one line."""
    for name, value in environ.items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"{name} has more than one line")
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in environ.items())
    new.replace(path)


def read_env(path: Path) -> dict[str, str]:
    """Return what `write_env` wrote to `path`; nothing when there is no such file."""
    if not path.exists():
        return {}
    lines = (line for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
