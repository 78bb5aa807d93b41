"""States and transitions of orders and packages, and the package's id. All pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID, uuid5

_NAMES = UUID("6f1d7a52-0c1b-5b0e-9a51-3f2c8f7f4b10")


class Ordrestatus(StrEnum):
    """MOTTATT: we have it. PRODUSERT: the print house has it. AVBESTILT: called off before it was packed."""

    MOTTATT = "MOTTATT"
    PRODUSERT = "PRODUSERT"
    POSTLAGT = "POSTLAGT"
    FEILET = "FEILET"
    RETUR = "RETUR"
    AVBESTILT = "AVBESTILT"


_O = Ordrestatus
ORDREOVERGANGER: dict[Ordrestatus, frozenset[Ordrestatus]] = {
    _O.MOTTATT: frozenset({_O.PRODUSERT, _O.POSTLAGT, _O.FEILET, _O.RETUR, _O.AVBESTILT}),
    _O.PRODUSERT: frozenset({_O.POSTLAGT, _O.FEILET, _O.RETUR, _O.MOTTATT}),
    _O.FEILET: frozenset({_O.POSTLAGT, _O.MOTTATT}),
    _O.POSTLAGT: frozenset({_O.RETUR}),
    _O.RETUR: frozenset(),
    _O.AVBESTILT: frozenset(),
}
"""Only an order that is moved to another print house, not printed by the first, goes back to MOTTATT."""


class Pakkestatus(StrEnum):
    """As a levering's status (`fiks.svarut.rules`). OPPLOST: dissolved, never at the house; its orders go
    into other packages.
    """

    KLAR = "KLAR"
    SENDER = "SENDER"
    VENTER = "VENTER"
    UAVKLART = "UAVKLART"
    OVERLEVERT = "OVERLEVERT"
    OPPLOST = "OPPLOST"
    TIL_BEHANDLING = "TIL_BEHANDLING"


_P = Pakkestatus
PAKKEOVERGANGER: dict[Pakkestatus, frozenset[Pakkestatus]] = {
    _P.KLAR: frozenset({_P.SENDER, _P.OPPLOST}),
    _P.SENDER: frozenset({_P.KLAR, _P.VENTER, _P.UAVKLART, _P.OVERLEVERT, _P.OPPLOST, _P.TIL_BEHANDLING}),
    _P.VENTER: frozenset({_P.KLAR, _P.OPPLOST}),
    _P.UAVKLART: frozenset({_P.OVERLEVERT, _P.KLAR, _P.TIL_BEHANDLING}),
    _P.TIL_BEHANDLING: frozenset({_P.KLAR, _P.OPPLOST}),
    _P.OVERLEVERT: frozenset(),
    _P.OPPLOST: frozenset(),
}


class Avviksart(StrEnum):
    """Kinds of disagreement between the print house's books and ours; a person must look into each."""

    UKJENT_KVITTERING = "UKJENT_KVITTERING"
    ANNET_HUS = "ANNET_HUS"
    UKJENT_HOS_OSS = "UKJENT_HOS_OSS"
    UKJENT_HOS_DEM = "UKJENT_HOS_DEM"


def package_id(leverandor: str, orders: Iterable[tuple[UUID, int]]) -> UUID:
    """Return the id of the package of these (order, round) pairs: the same orders always make the same
    package.
    """
    told = ",".join(sorted(f"{order}:{omgang}" for order, omgang in orders))
    return uuid5(_NAMES, f"{leverandor}|{told}")
