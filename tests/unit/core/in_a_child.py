"""What the tests have a child do: be refused by the machine."""

from __future__ import annotations

import errno
from typing import NoReturn

from fiks.core.errors import UgyldigInndata

MB = 1 << 20


def refused(number: int, text: str = "") -> NoReturn:
    """The kernel says no."""
    raise OSError(number, text)


def refused_under_a_name(number: int) -> NoReturn:
    """The kernel says no, and the code takes it for a fault of the file."""
    try:
        refused(number)
    except OSError as error:
        raise UgyldigInndata("ZIP_UGYLDIG") from error


def full(megabytes: int) -> NoReturn:
    """All memory a child may have is taken, and then there is no more."""
    taken = bytearray(megabytes * MB)
    raise OSError(errno.ENOMEM, str(len(taken)))


def lacking() -> NoReturn:
    """A module of ours is not there."""
    raise ModuleNotFoundError("fiks.borte")


def two(first: object, second: object) -> None:
    """Takes two arguments."""


def stumbles(value: object) -> NoReturn:
    """A TypeError of the work itself, as a hostile file may bring about."""
    raise TypeError(str(value))
