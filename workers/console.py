"""What the commands share: how they read a file that is named, and say that they cannot."""

from __future__ import annotations

from pathlib import Path


def read_file(path: Path) -> bytes:
    """What a file holds. ValueError, in a sentence, when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} kan ikke leses") from error


def read_text(path: Path) -> str:
    """What a file of text holds. ValueError, in a sentence, when it cannot be read or is no text."""
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} er ikke tekst i UTF-8") from error
