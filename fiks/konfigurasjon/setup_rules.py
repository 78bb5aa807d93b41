"""Rules about organisations: the data they are created with and keep, and the steps of the first-time set-up
(konfigurasjon.md 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Oppsettstrinn(StrEnum):
    """The steps of the first-time set-up, in order; the last one confirms the others."""

    KONTAKT = "kontakt"
    FAKTURA = "faktura"
    INNBYGGERE = "innbyggere"
    AVTALEADMINISTRATOR = "avtaleadministrator"
    BEKREFT = "bekreft"


@dataclass(frozen=True, slots=True)
class Oppsett:
    """Progress of an organisation's set-up: steps that have their data, and whether it is finished."""

    gjort: frozenset[Oppsettstrinn]
    konfigurert: bool

    @property
    def neste(self) -> Oppsettstrinn:
        """Return the first step without its data; the confirmation when all have it."""
        return next((step for step in Oppsettstrinn if step not in self.gjort), Oppsettstrinn.BEKREFT)

    def may_open(self, step: Oppsettstrinn) -> bool:
        """Return whether the step can be opened: done, or next in turn. None can be skipped, all can be
        revisited.
        """
        return step in self.gjort or step is self.neste
