"""The level of login that a letter demands of its reader (svarut.md 1.2): 3 or 4, as logins are counted.

Nobody is let in below level 3, so only the highest level keeps anybody out.
"""

from __future__ import annotations

from enum import StrEnum


class Sikkerhetsniva(StrEnum):
    """What a letter demands, the lower level first."""

    BETYDELIG = "BETYDELIG"
    HOYESTE = "HOYESTE"

    @property
    def level(self) -> int:
        """The login's number: 3 or 4."""
        return 4 if self is Sikkerhetsniva.HOYESTE else 3


def level_of(niva: str) -> int:
    """The number of a level as it is stored; what is not known demands the highest."""
    return Sikkerhetsniva(niva).level if niva in set(Sikkerhetsniva) else Sikkerhetsniva.HOYESTE.level


def is_strong_enough(niva: str, acr: int) -> bool:
    """Whether a login at level `acr` opens a letter of this level; one that is not known, as `level_of` has it."""
    return level_of(niva) <= max(acr, Sikkerhetsniva.BETYDELIG.level)
