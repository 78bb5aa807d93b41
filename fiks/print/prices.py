"""Expected cost of a paper letter: an organisation's price list, postage by weight and zone, the estimate.

All pure. No price list is public, so the numbers of `EKSEMPELPRISER` are invented; an organisation's own list
replaces them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fiks.core.values.address import Portosone
from fiks.print.rules import GRENSER, PAPIR, Konvolutt, Konvoluttgrenser, Papirvekt, envelope, sheets, weight


@dataclass(frozen=True, slots=True)
class Portotrinn:
    """Postage up to and including `maks_gram`."""

    maks_gram: int
    ore: int


@dataclass(frozen=True, slots=True)
class Prisliste:
    """One organisation's prices for one year, all in øre. `porto` has ascending steps per zone."""

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
    """The expected sheets, envelope, weight and cost of one paper letter."""

    ark: int
    konvolutt: Konvolutt
    vekt_gram: int
    produksjon_ore: int
    porto_ore: int

    @property
    def sum_ore(self) -> int:
        return self.produksjon_ore + self.porto_ore


def postage(gram: int, sone: Portosone, prisliste: Prisliste) -> int:
    """Return the postage in øre; above the last step the letter counts as several of the heaviest."""
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
    """Estimate sheets, envelope, weight and cost of `sider` pages, `giroark` of them on giro paper."""
    ark = sheets(sider, tosidig=tosidig)
    konvolutt = envelope(ark, grenser)
    gram = weight(ark, konvolutt, papir)
    per_page = prisliste.side_farge_ore if farger else prisliste.side_sort_ore
    production = ark * prisliste.ark_ore + sider * per_page + giroark * prisliste.giroark_ore
    return Overslag(
        ark, konvolutt, gram, production + prisliste.konvolutt_ore[konvolutt], postage(gram, sone, prisliste)
    )
