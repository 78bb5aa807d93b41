"""Set-up of a big PDF: how it is cut into letters, and the areas with the receiver's data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fiks.core.errors import UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.pdf.cut import Felt
from fiks.utsending.filer.rules import Giroside, Girovalg, giro_from_wire

MAX_LETTER_PAGES = 200
MAX_MARK = 100
MIN_AREA_MM = 2.0
MAX_PAGE_MM = 1_200.0


class Feltnavn(StrEnum):
    """Content of an area. MERKE marks the start of a letter; NOKKEL is looked up in the extra list."""

    NAVN = "navn"
    ADRESSE = "adresse"
    ID = "id"
    REF = "ref"
    NOKKEL = "nokkel"
    MERKE = "merke"


class Kuttmate(StrEnum):
    """Where a letter begins: every N pages, at a text, or where an area is filled or changes."""

    SIDER = "SIDER"
    TEKST = "TEKST"
    FYLT = "FYLT"
    ENDRET = "ENDRET"


@dataclass(frozen=True, slots=True)
class Omrade:
    """An area on page `side` of each letter (from 1), in mm from the page's upper left corner."""

    felt: Feltnavn
    side: int
    x: float
    y: float
    bredde: float
    hoyde: float

    @property
    def rektangel(self) -> Felt:
        return Felt(self.x, self.y, self.bredde, self.hoyde)

    def fault(self) -> str | None:
        """Return the error code of an invalid area, or None."""
        if not 1 <= self.side <= MAX_LETTER_PAGES:
            return "OMRADE_SIDE_UGYLDIG"
        if min(self.x, self.y) < 0 or max(self.x + self.bredde, self.y + self.hoyde) > MAX_PAGE_MM:
            return "OMRADE_UTENFOR"
        return "OMRADE_FOR_LITE" if min(self.bredde, self.hoyde) < MIN_AREA_MM else None


@dataclass(frozen=True, slots=True)
class Oppsett:
    """A set-up. `sider`: pages per letter (SIDER). `tekst`: text on a letter's first page (TEKST)."""

    kutt: Kuttmate = Kuttmate.SIDER
    sider: int | None = None
    tekst: str = ""
    omrader: tuple[Omrade, ...] = ()
    giro: Girovalg = Girovalg()

    def area(self, felt: Feltnavn) -> Omrade | None:
        """Return the area of a field, or None."""
        return next((omrade for omrade in self.omrader if omrade.felt is felt), None)

    @property
    def read(self) -> tuple[Omrade, ...]:
        """The areas that are read from each letter."""
        return tuple(omrade for omrade in self.omrader if omrade.felt is not Feltnavn.MERKE)

    @property
    def cut(self) -> tuple[Any, ...]:
        """The part that decides cutting and checks; set-ups equal in this give the same letters."""
        merke = self.area(Feltnavn.MERKE) if self.kutt is not Kuttmate.SIDER else None
        sider = self.sider if self.kutt is Kuttmate.SIDER else None
        tekst = self.tekst if self.kutt is Kuttmate.TEKST else ""
        return (self.kutt, sider, tekst, merke and merke.rektangel, self.giro)

    def faults(self) -> dict[str, UgyldigInndata]:
        """Return all errors by form field."""
        return {error.felt or "": error for error in self._faults()}

    def check(self) -> None:
        """Raise the first of `faults`."""
        for error in self._faults():
            raise error

    def _faults(self) -> Iterator[UgyldigInndata]:
        yield from self._cut_faults()
        for omrade in self.omrader:
            if kode := omrade.fault():
                yield UgyldigInndata(kode, felt=str(omrade.felt))
            elif self.kutt is Kuttmate.SIDER and self.sider and omrade.side > self.sider:
                yield UgyldigInndata("OMRADE_SIDE_UGYLDIG", felt=str(omrade.felt))
        if len({omrade.felt for omrade in self.omrader}) < len(self.omrader):
            yield UgyldigInndata("OMRADE_DOBBELT", felt="omrader")
        if self.area(Feltnavn.NAVN) is None and self.area(Feltnavn.ADRESSE) is None:
            yield UgyldigInndata("OMRADE_MANGLER", felt="navn")

    def _cut_faults(self) -> Iterator[UgyldigInndata]:
        if self.kutt is Kuttmate.SIDER and not (self.sider and 1 <= self.sider <= MAX_LETTER_PAGES):
            yield UgyldigInndata("OPPSETT_SIDER_UGYLDIG", felt="sider", grense=MAX_LETTER_PAGES)
        if self.kutt is Kuttmate.TEKST and not 1 <= len(self.tekst.strip()) <= MAX_MARK:
            yield UgyldigInndata("OPPSETT_TEKST_MANGLER", felt="tekst", grense=MAX_MARK)
        elif mask_numbers(self.tekst) != self.tekst:
            yield UgyldigInndata("OPPSETT_TEKST_PERSONNUMMER", felt="tekst")
        if self.kutt in (Kuttmate.FYLT, Kuttmate.ENDRET) and self.area(Feltnavn.MERKE) is None:
            yield UgyldigInndata("OPPSETT_MERKE_MANGLER", felt="merke")
        most = self.sider if self.kutt is Kuttmate.SIDER and self.sider else MAX_LETTER_PAGES
        if self.giro.side is Giroside.NUMMER and not 1 <= self.giro.nummer <= most:
            yield UgyldigInndata("OPPSETT_GIRO_UGYLDIG", felt="giro")


def to_wire(oppsett: Oppsett) -> dict[str, Any]:
    """Return plain values for a JSON column."""
    return {
        "kutt": str(oppsett.kutt),
        "sider": oppsett.sider,
        "tekst": oppsett.tekst,
        "giro": oppsett.giro.to_wire(),
        "omrader": {
            str(o.felt): {"side": o.side, "x": o.x, "y": o.y, "bredde": o.bredde, "hoyde": o.hoyde}
            for o in oppsett.omrader
        },
    }


def from_wire(wire: Mapping[str, Any]) -> Oppsett | None:
    """Rebuild the output of `to_wire`; None for an empty value."""
    if not wire.get("kutt"):
        return None
    areas = wire.get("omrader", {})
    return Oppsett(
        kutt=Kuttmate(wire["kutt"]),
        sider=wire.get("sider"),
        tekst=wire.get("tekst", ""),
        giro=giro_from_wire(wire.get("giro")),
        omrader=tuple(Omrade(Feltnavn(felt), **areas[felt]) for felt in Feltnavn if felt in areas),
    )
