"""Giro pages of a mailing's files, and grouping of equal findings in many files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

from fiks.pdf.findings import LONG_SIDE_MARGIN_MM, SHORT_SIDE_MARGIN_MM, Omrade, PdfFunn, PdfKode, Pdfkontroll


class Giroside(StrEnum):
    """Which page of each document is printed on giro paper."""

    INGEN = "INGEN"
    SISTE = "SISTE"
    NUMMER = "NUMMER"


@dataclass(frozen=True, slots=True)
class Girovalg:
    """The giro page of each document. `nummer` counts from 1; a document with fewer pages has none."""

    side: Giroside = Giroside.INGEN
    nummer: int = 0

    def pages_of(self, sider: int) -> tuple[int, ...]:
        """The giro pages of a document with this many pages."""
        if self.side is Giroside.SISTE:
            return (sider,)
        return (self.nummer,) if self.side is Giroside.NUMMER and self.nummer <= sider else ()

    def to_wire(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"side": str(self.side), "nummer": self.nummer}


def giro_from_wire(wire: Mapping[str, Any] | None) -> Girovalg:
    """Rebuild the output of `to_wire`; no giro page if nothing was chosen."""
    return Girovalg(Giroside(wire["side"]), int(wire["nummer"])) if wire else Girovalg()


_KEY = re.compile(r"[A-Z_]{1,40}(:\d{1,3})?(:[a-z]{1,8}:\d{1,3})?")


@dataclass(frozen=True, slots=True, order=True)
class Funngruppe:
    """Key that groups equal findings in different files: code, page, and missing mm.

    `side` is None for a finding on the whole file; `kant` and `mangler_mm` (whole mm, rounded up) belong to a
    margin.
    """

    kode: str
    side: int | None = None
    kant: str = ""
    mangler_mm: int = 0

    @property
    def nokkel(self) -> str:
        """Return the group as a short text, for URLs and for counting in the database."""
        parts = [self.kode]
        if self.side is not None:
            parts.append(str(self.side))
        if self.kant:
            parts += [self.kant, str(self.mangler_mm)]
        return ":".join(parts)


def group_from_key(key: str) -> Funngruppe | None:
    """Return the group of a key; None for an invalid key."""
    if not _KEY.fullmatch(key):
        return None
    kode, *rest = key.split(":")
    side = int(rest[0]) if rest else None
    return Funngruppe(kode, side, rest[1], int(rest[2])) if len(rest) == 3 else Funngruppe(kode, side)


def groups_of(kontroll: Pdfkontroll) -> list[tuple[PdfFunn, tuple[Funngruppe, ...]]]:
    """Return each finding of a file with its groups: one per page; for a margin one per edge."""
    lying = {side for f in kontroll.funn if f.kode is PdfKode.PDF_LIGGENDE for side in f.sider or ()}
    return [(funn, tuple(sorted(set(_groups(funn, lying))))) for funn in kontroll.funn]


def _groups(funn: PdfFunn, lying: Set[int]) -> Iterator[Funngruppe]:
    if funn.kode is PdfKode.PDF_MARG:
        for area in funn.omrader:
            yield _margin(area, lying=area.side in lying)
        return
    for side in funn.sider or (None,):
        yield Funngruppe(str(funn.kode), side)


def _margin(area: Omrade, *, lying: bool) -> Funngruppe:
    at_a_long_side = (area.kant in ("venstre", "hoyre")) is not lying
    wanted = LONG_SIDE_MARGIN_MM if at_a_long_side else SHORT_SIDE_MARGIN_MM
    return Funngruppe(PdfKode.PDF_MARG, area.side, area.kant, max(1, ceil(wanted - area.avstand)))
