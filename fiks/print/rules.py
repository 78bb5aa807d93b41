"""Print's rules: what an order says, how many sheets it is, which envelope it needs and what it will cost.

All pure. Limits, weights and prices are data handed in; no price list is public, so the numbers of
`EKSEMPELPRISER` are invented and an organisation's own list replaces them.
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


@dataclass(frozen=True, slots=True)
class Portotrinn:
    """Postage up to and including `maks_gram`."""

    maks_gram: int
    ore: int


@dataclass(frozen=True, slots=True)
class Prisliste:
    """One organisation's prices for one year, all in øre. `porto` holds ascending steps per zone."""

    ar: int
    ark_ore: int
    side_sort_ore: int
    side_farge_ore: int
    giroark_ore: int
    konvolutt_ore: Mapping[Konvolutt, int]
    porto: Mapping[Portosone, tuple[Portotrinn, ...]]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Prisliste:
        """Build from JSON-shaped data with the fields' own names; `porto` is {zone: [[max grams, øre], …]}.

        Raises ValueError when a zone or envelope is missing or a zone's steps do not ascend.
        """
        try:
            porto = {
                zone: tuple(Portotrinn(int(g), int(ore)) for g, ore in data["porto"][zone])
                for zone in Portosone
            }
            konvolutt = {kind: int(data["konvolutt_ore"][kind]) for kind in Konvolutt}
            plain = {name: int(data[name]) for name in _PLAIN_PRICES}
        except (KeyError, TypeError) as error:
            raise ValueError(f"price list is incomplete: {error}") from error
        for zone, steps in porto.items():
            weights = [step.maks_gram for step in steps]
            if not weights or weights != sorted(set(weights)) or weights[0] <= 0:
                raise ValueError(f"postage steps of {zone} do not ascend")
        return cls(**plain, konvolutt_ore=konvolutt, porto=porto)


_PLAIN_PRICES = ("ar", "ark_ore", "side_sort_ore", "side_farge_ore", "giroark_ore")

EKSEMPELPRISER = Prisliste.from_data(
    {
        "ar": 2026,
        "ark_ore": 22,
        "side_sort_ore": 18,
        "side_farge_ore": 65,
        "giroark_ore": 30,
        "konvolutt_ore": {"C5": 95, "C4": 210, "MANUELL": 1900},
        "porto": {
            "NORGE": [[20, 2700], [50, 3300], [100, 4000], [350, 6200], [1000, 11500], [2000, 15800]],
            "EUROPA": [[20, 4100], [50, 6000], [100, 7500], [350, 14800], [1000, 28000], [2000, 42000]],
            "VERDEN": [[20, 4700], [50, 7300], [100, 9800], [350, 20500], [1000, 43000], [2000, 69000]],
        },
    }
)


@dataclass(frozen=True, slots=True)
class Overslag:
    """What one paper letter is expected to be and cost."""

    ark: int
    konvolutt: Konvolutt
    vekt_gram: int
    produksjon_ore: int
    porto_ore: int

    @property
    def sum_ore(self) -> int:
        return self.produksjon_ore + self.porto_ore


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


def postage(gram: int, sone: Portosone, prisliste: Prisliste) -> int:
    """Postage in øre; above the last step the letter is counted as several of the heaviest."""
    steps = prisliste.porto[sone]
    for step in steps:
        if gram <= step.maks_gram:
            return step.ore
    return math.ceil(gram / steps[-1].maks_gram) * steps[-1].ore


def estimate(
    sider: int,
    *,
    tosidig: bool,
    farger: bool,
    giroark: int,
    sone: Portosone,
    prisliste: Prisliste,
    grenser: Konvoluttgrenser = GRENSER,
    papir: Papirvekt = PAPIR,
) -> Overslag:
    """Sheets, envelope, weight and expected cost of `sider` pages, `giroark` of them on giro paper."""
    ark = sheets(sider, tosidig=tosidig)
    konvolutt = envelope(ark, grenser)
    gram = weight(ark, konvolutt, papir)
    per_page = prisliste.side_farge_ore if farger else prisliste.side_sort_ore
    production = ark * prisliste.ark_ore + sider * per_page + giroark * prisliste.giroark_ore
    return Overslag(
        ark, konvolutt, gram, production + prisliste.konvolutt_ore[konvolutt], postage(gram, sone, prisliste)
    )


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
