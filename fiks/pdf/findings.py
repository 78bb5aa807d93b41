"""Findings of a PDF check, as data that crosses a pipe and is stored in a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONG_SIDE_MARGIN_MM = 10.0
SHORT_SIDE_MARGIN_MM = 3.0
"""Free margins along the edges of a printed page (svarut.md 6.2)."""


class Alvorlighet(StrEnum):
    """Severity. `feil`: cannot be sent. `advarsel`: can be sent, must be shown."""

    FEIL = "feil"
    ADVARSEL = "advarsel"


class PdfKode(StrEnum):
    """Stable codes of findings; the portal has a text for each."""

    PDF_UGYLDIG = "PDF_UGYLDIG"
    PDF_PASSORD = "PDF_PASSORD"
    PDF_FOR_MANGE_SIDER = "PDF_FOR_MANGE_SIDER"
    PDF_FOR_KOMPLISERT = "PDF_FOR_KOMPLISERT"
    PDF_INNEBYGD_FIL = "PDF_INNEBYGD_FIL"
    PDF_JAVASCRIPT = "PDF_JAVASCRIPT"
    PDF_HANDLING = "PDF_HANDLING"
    PDF_STORRELSE = "PDF_STORRELSE"
    PDF_LIGGENDE = "PDF_LIGGENDE"
    PDF_MARG = "PDF_MARG"
    PDF_FONT_IKKE_INNEBYGD = "PDF_FONT_IKKE_INNEBYGD"
    PDF_GIRO_SIDE = "PDF_GIRO_SIDE"
    PDF_GIRO_BAKSIDE = "PDF_GIRO_BAKSIDE"
    PDF_MERKING_TAPT = "PDF_MERKING_TAPT"
    PDF_SIDE_UTEN_TEKST = "PDF_SIDE_UTEN_TEKST"
    PDF_SIDE_ENDRET = "PDF_SIDE_ENDRET"
    PDF_BREV_FOR_STORT = "PDF_BREV_FOR_STORT"


@dataclass(frozen=True, slots=True)
class Omrade:
    """A rectangle on a page in mm from the upper left corner; `kant` is the edge it is too near, `avstand`
    the distance.
    """

    side: int
    x: float
    y: float
    bredde: float
    hoyde: float
    kant: str = ""
    avstand: float = 0.0


@dataclass(frozen=True, slots=True)
class PdfFunn:
    """One finding; `sider` counts from 1, None when it concerns the whole file."""

    kode: PdfKode
    alvorlighet: Alvorlighet
    sider: tuple[int, ...] | None = None
    omrader: tuple[Omrade, ...] = ()


@dataclass(frozen=True, slots=True)
class Pdfkontroll:
    """Result of a check: `sider` and `fonter_innebygd` are None when the file could not be opened."""

    sider: int | None
    fonter_innebygd: bool | None
    funn: tuple[PdfFunn, ...] = ()

    @property
    def kan_sendes(self) -> bool:
        """Return whether no finding is a `feil`."""
        return all(f.alvorlighet is not Alvorlighet.FEIL for f in self.funn)


def to_wire(kontroll: Pdfkontroll) -> dict[str, Any]:
    """Convert to plain values for a pipe or a JSON column."""
    funn = [
        {
            "kode": str(f.kode),
            "alvorlighet": str(f.alvorlighet),
            "sider": list(f.sider) if f.sider is not None else None,
            "omrader": [[o.side, o.x, o.y, o.bredde, o.hoyde, o.kant, o.avstand] for o in f.omrader],
        }
        for f in kontroll.funn
    ]
    return {"sider": kontroll.sider, "fonterInnebygd": kontroll.fonter_innebygd, "funn": funn}


def from_wire(wire: dict[str, Any]) -> Pdfkontroll:
    """Rebuild the result from `to_wire`."""
    funn = tuple(
        PdfFunn(
            PdfKode(f["kode"]),
            Alvorlighet(f["alvorlighet"]),
            tuple(f["sider"]) if f["sider"] is not None else None,
            tuple(Omrade(*o) for o in f["omrader"]),
        )
        for f in wire["funn"]
    )
    return Pdfkontroll(wire["sider"], wire["fonterInnebygd"], funn)
