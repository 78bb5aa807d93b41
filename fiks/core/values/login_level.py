"""The login level that a letter demands of its reader (svarut.md 1.2): 3 or 4, numbered as logins are.

Nobody gets in below level 3, so only the highest level keeps anybody out.
"""

from __future__ import annotations

from enum import StrEnum


class Sikkerhetsniva(StrEnum):
    """The level a letter demands, the lower one first."""

    BETYDELIG = "BETYDELIG"
    HOYESTE = "HOYESTE"

    @property
    def level(self) -> int:
        """Return the login's number: 3 or 4."""
        return 4 if self is Sikkerhetsniva.HOYESTE else 3


def level_of(niva: str) -> int:
    """Return the number of a stored level; an unknown value demands the highest."""
    return Sikkerhetsniva(niva).level if niva in set(Sikkerhetsniva) else Sikkerhetsniva.HOYESTE.level


def is_strong_enough(niva: str, acr: int) -> bool:
    """Return whether a login at level `acr` opens a letter of this level; an unknown level demands the
    highest.
    """
    return level_of(niva) <= max(acr, Sikkerhetsniva.BETYDELIG.level)
