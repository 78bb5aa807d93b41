"""Errors between a template, a row and a finished PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fiks.core.errors import FiksError, Utilgjengelig


@dataclass(frozen=True, slots=True)
class Malfunn:
    """One fault in a template. `linje` counts from 1; `verdi` is the word at fault."""

    linje: int
    kode: str
    verdi: str = ""


class MalFeil(FiksError):
    """The template cannot be used; `funn` lists all its faults in line order."""

    status = 422

    def __init__(self, funn: tuple[Malfunn, ...]) -> None:
        super().__init__("MAL_UGYLDIG", antall=len(funn), linjer=[f.linje for f in funn])
        self.funn = funn

    def to_wire(self) -> dict[str, Any]:
        return {"kode": self.kode, "funn": [[f.linje, f.kode, f.verdi] for f in self.funn]}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> MalFeil:
        return cls(tuple(Malfunn(*fault) for fault in wire["funn"]))


class BrevFeil(FiksError):
    """This row cannot become a letter with this template. `felt` names the field; its value is never
    included.
    """

    status = 422


class SkriftMangler(Utilgjengelig):
    """The fonts for letters are missing on this machine or cannot be used: SKRIFT_MANGLER."""


class RenderFeil(FiksError):
    """The letter could not be drawn exactly as asked, so no letter is made."""

    status = 422


class CannotStamp(Exception):
    """No letter of this shape can be stamped: the template violates a precondition."""
