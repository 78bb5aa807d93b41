"""What can go wrong between a template, a row and a finished PDF."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.core.errors import FiksError


@dataclass(frozen=True, slots=True)
class Malfunn:
    """One fault in a template: `linje` counts from 1, `verdi` is the word the fault is about."""

    linje: int
    kode: str
    verdi: str = ""


class MalFeil(FiksError):
    """The template cannot be used; `funn` lists every fault found, in line order."""

    status = 422

    def __init__(self, funn: tuple[Malfunn, ...]) -> None:
        super().__init__("MAL_UGYLDIG", antall=len(funn), linjer=[f.linje for f in funn])
        self.funn = funn


class BrevFeil(FiksError):
    """This row cannot become a letter with this template; `felt` names the field, its value is never
    repeated."""

    status = 422


class RenderFeil(FiksError):
    """The letter could not be drawn exactly as asked, so there is none."""

    status = 422


class BarnFeil(FiksError):
    """The child process was killed, hung, ran out of memory or spoke nonsense; the parent is unharmed."""

    status = 422
