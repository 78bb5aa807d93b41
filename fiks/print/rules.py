"""Print's rules: what an order says, how many sheets it is and which envelope it needs; `prices` has what it costs.

All pure. Limits and weights are data handed in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fiks.core.address import Portosone

_KONTERINGSKODE = re.compile(r"[a-zA-Z0-9_\-.øæåØÆÅ]{0,20}")
MANIFEST = "manifest.json"
KLART, KRYPTERT = "brev.pdf", "brev.pdf.p7m"


class Konvolutt(StrEnum):
    """C5: A4 folded once. C4: unfolded. MANUELL: put in by hand."""

    C5 = "C5"
    C4 = "C4"
    MANUELL = "MANUELL"


class Konfidensialitetsklasse(StrEnum):
    NORMAL = "NORMAL"
    UNNTATT_OFFENTLIGHETEN = "UNNTATT_OFFENTLIGHETEN"


class Kvitteringsart(StrEnum):
    PRINTET = "PRINTET"
    FEILET = "FEILET"


class Kryptering(StrEnum):
    INGEN = "INGEN"
    CMS = "CMS"


@dataclass(frozen=True, slots=True, repr=False)
class Printordre:
    """One letter for the print house. `referanse` is the levering's id; `pdf` is the whole letter in one file.

    `sider`: pages of `pdf`. `giroark`: its pages (first is 1) on giro paper. `sone`: a `Portosone`. No repr: the
    letter's text must not reach a log.
    """

    referanse: str
    forsendelse_id: str
    pdf: bytes
    sider: int
    tosidig: bool
    farger: bool
    giroark: tuple[int, ...]
    konteringskode: str | None
    sone: str
    konfidensialitetsklasse: str = Konfidensialitetsklasse.NORMAL


@dataclass(frozen=True, slots=True)
class Printkvittering:
    """The print house's answer about one order: `art` is PRINTET or FEILET; money in øre, weight in grams."""

    referanse: str
    art: str
    tidspunkt: datetime
    ark: int
    vekt_gram: int
    porto_ore: int
    produksjon_ore: int
    melding: str | None


@dataclass(frozen=True, slots=True)
class Konvoluttgrenser:
    """The most sheets that fit a C5 and a C4 envelope by machine; more is put in by hand."""

    c5_ark: int = 8
    c4_ark: int = 80


@dataclass(frozen=True, slots=True)
class Papirvekt:
    """Weights: one A4 sheet of 80 g/m² is 4.99 g; envelopes in whole grams."""

    ark_milligram: int = 4990
    c5_gram: int = 7
    c4_gram: int = 18
    manuell_gram: int = 40


GRENSER = Konvoluttgrenser()
PAPIR = Papirvekt()


def sheets(sider: int, *, tosidig: bool) -> int:
    """Sheets of paper that `sider` pages become."""
    return math.ceil(sider / 2) if tosidig else sider


def envelope(ark: int, grenser: Konvoluttgrenser = GRENSER) -> Konvolutt:
    """The envelope that `ark` sheets need."""
    if ark <= grenser.c5_ark:
        return Konvolutt.C5
    return Konvolutt.C4 if ark <= grenser.c4_ark else Konvolutt.MANUELL


def weight(ark: int, konvolutt: Konvolutt, papir: Papirvekt = PAPIR) -> int:
    """Grams of the closed letter, rounded up."""
    empty = {Konvolutt.C5: papir.c5_gram, Konvolutt.C4: papir.c4_gram, Konvolutt.MANUELL: papir.manuell_gram}
    return math.ceil(ark * papir.ark_milligram / 1000) + empty[konvolutt]


@dataclass(frozen=True, slots=True)
class Sideplan:
    """How documents become one file: `blank_after` names the documents (from 0) that a blank page follows."""

    sider: int
    blank_after: tuple[int, ...]
    giroark: tuple[int, ...]


def page_plan(deler: Sequence[tuple[int, Sequence[int]]], *, tosidig: bool) -> Sideplan:
    """Plan the merged file from (pages, giro pages) of forside and documents in order.

    With tosidig every document starts on a front side, so one with an odd page count is followed by a blank
    page. Giro pages are renumbered to the merged file.
    """
    total, blanks, giro = 0, list[int](), list[int]()
    for index, (pages, own_giro) in enumerate(deler):
        giro.extend(total + page for page in own_giro)
        total += pages
        if tosidig and pages % 2 and index < len(deler) - 1:
            blanks.append(index)
            total += 1
    return Sideplan(total, tuple(blanks), tuple(sorted(giro)))


def empty_for_giro(giroark: Sequence[int], sider: int, *, tosidig: bool) -> tuple[int, ...]:
    """Pages that must be empty because they share a sheet with a giro page (printed on both sides only)."""
    if not tosidig:
        return ()
    other_sides = {page + 1 if page % 2 else page - 1 for page in giroark}
    return tuple(sorted(page for page in other_sides if page <= sider))


def refusal(ordre: Printordre) -> str | None:
    """The code of what makes an order impossible to carry out, or None."""
    try:
        UUID(ordre.referanse)
        Portosone(ordre.sone)
        Konfidensialitetsklasse(ordre.konfidensialitetsklasse)
    except ValueError:
        return "PRINT_UGYLDIG_ORDRE"
    if not ordre.pdf or ordre.sider < 1:
        return "PRINT_TOMT_BREV"
    if any(not 1 <= page <= ordre.sider for page in ordre.giroark):
        return "PRINT_GIROARK_FINNES_IKKE"
    if ordre.konteringskode is not None and not _KONTERINGSKODE.fullmatch(ordre.konteringskode):
        return "PRINT_UGYLDIG_KONTERINGSKODE"
    return None


def manifest(
    ordre: Printordre, *, sha256: str, kryptering: Kryptering, grenser: Konvoluttgrenser = GRENSER
) -> dict[str, Any]:
    """The order as the print house reads it. `sha256` (hex) is of the clear PDF. Names no receiver."""
    ark = sheets(ordre.sider, tosidig=ordre.tosidig)
    return {
        "versjon": 1,
        "referanse": ordre.referanse,
        "forsendelseId": ordre.forsendelse_id,
        "dokument": KLART if kryptering is Kryptering.INGEN else KRYPTERT,
        "kryptering": kryptering.value,
        "sha256": sha256,
        "sider": ordre.sider,
        "ark": ark,
        "konvolutt": envelope(ark, grenser).value,
        "tosidig": ordre.tosidig,
        "farger": ordre.farger,
        "giroark": sorted(ordre.giroark),
        "konteringskode": ordre.konteringskode,
        "sone": ordre.sone,
        "konfidensialitetsklasse": ordre.konfidensialitetsklasse,
    }


def receipt(data: Mapping[str, Any]) -> Printkvittering:
    """Read one receipt; ValueError when a field is missing or is not what it must be."""
    try:
        tidspunkt = datetime.fromisoformat(data["tidspunkt"])
        kvittering = Printkvittering(
            referanse=str(UUID(data["referanse"])),
            art=Kvitteringsart(data["art"]).value,
            tidspunkt=tidspunkt,
            ark=int(data["ark"]),
            vekt_gram=int(data["vektGram"]),
            porto_ore=int(data["portoOre"]),
            produksjon_ore=int(data["produksjonOre"]),
            melding=data.get("melding"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("receipt is incomplete") from error
    if tidspunkt.tzinfo is None:
        raise ValueError("receipt's time has no zone")
    return kvittering
