"""Posten's register of postal codes, read from data/postnummer.tsv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

REGISTER = Path(__file__).with_name("data") / "postnummer.tsv"


@dataclass(frozen=True, slots=True)
class Postregister:
    """Posten's list, {"0580": "OSLO", …}, as of `dato`."""

    dato: date
    steder: Mapping[str, str]


def read_register(path: Path) -> Postregister:
    """Read a file made by `postal_import`: first line "#", TAB, date; then code, TAB, place per line."""
    first, *lines = path.read_text("utf-8").splitlines()
    return Postregister(
        date.fromisoformat(first.removeprefix("#\t")), dict(line.split("\t", 1) for line in lines)
    )


@cache
def register() -> Postregister:
    """Return the register in use, read once."""
    return read_register(REGISTER)


def postnummer() -> Mapping[str, str]:
    """Return {code: place}."""
    return register().steder
