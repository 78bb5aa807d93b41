"""The first-time set-up of an organisation: its steps, and which of them are open (konfigurasjon.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Oppsettstrinn(StrEnum):
    """The steps of the first-time set-up, in order; the last confirms the others."""

    KONTAKT = "kontakt"
    FAKTURA = "faktura"
    INNBYGGERE = "innbyggere"
    AVTALEADMINISTRATOR = "avtaleadministrator"
    BEKREFT = "bekreft"


@dataclass(frozen=True, slots=True)
class Oppsett:
    """How far the set-up of an organisation is: which of the steps have their data, and whether it is finished."""

    gjort: frozenset[Oppsettstrinn]
    konfigurert: bool

    @property
    def neste(self) -> Oppsettstrinn:
        """The first step without its data; the confirmation when all have theirs."""
        return next((step for step in Oppsettstrinn if step not in self.gjort), Oppsettstrinn.BEKREFT)

    def may_open(self, step: Oppsettstrinn) -> bool:
        """A step is open when it is done or next: none can be skipped, all can be gone back to."""
        return step in self.gjort or step is self.neste
