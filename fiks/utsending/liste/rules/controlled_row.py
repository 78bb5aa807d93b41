"""A controlled row, and the control of a row on its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fiks.core.values.identifiers import is_fnr
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.utsending.liste.columns import ALLE, NOKKEL
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad
from fiks.utsending.liste.rules.identity import FNR_LENGTH, bare_digits
from fiks.utsending.liste.rules.row import check_and_normalise, proposed_repairs, worst_severity


@dataclass(frozen=True, slots=True, repr=False)
class Kontrollert:
    """One row with all its findings. No repr: values must not reach a log.

    `verdier`: normalised, with every proposed repair applied; a row with a `feil` has them too, for display.
    `fnr` or `orgnr` is set only when valid; `digital`: paper can be avoided.
    """

    rad: Rad
    funn: tuple[Funn, ...]
    verdier: dict[str, str]
    fnr: str | None = None
    orgnr: str | None = None
    digital: bool = False
    adressebeskyttelse: Adressebeskyttelse = Adressebeskyttelse.UGRADERT

    @property
    def alvorlighet(self) -> Alvorlighet | None:
        return worst_severity(self.funn)

    @property
    def reparert(self) -> dict[str, str]:
        return proposed_repairs(self.funn)


def control_row_alone(rad: Rad) -> Kontrollert:
    """Control a row on its own, without registers and earlier rows. Pure."""
    return build_controlled(rad, *check_and_normalise(rad))


def build_controlled(rad: Rad, funn: Iterable[Funn], verdier: dict[str, str]) -> Kontrollert:
    """Build a controlled row from its own findings and values."""
    found = tuple(funn)
    usable = not receiver_is_unknown(found)
    return Kontrollert(
        rad=rad,
        funn=found,
        verdier=verdier,
        fnr=verdier.get("fnr") or None if usable else None,
        orgnr=verdier.get("orgnr") or None if usable else None,
    )


def receiver_is_unknown(found: Iterable[Funn]) -> bool:
    """Return whether the row does not say who it is for; then registers and earlier rows cannot be consulted."""
    for f in found:
        if f.kode is Funnkode.KOLONNEFORSKYVNING:
            return True
        if f.felt in ("fnr", "orgnr") and f.alvorlighet is Alvorlighet.FEIL:
            return True
    return False


def misplaced_numbers(row: Kontrollert) -> dict[str, str]:
    """Return {column: fnr} for personal numbers that no rule would treat as the receiver's.

    In festenr, or in an unused column while the row has no number, as when the wrong one of two columns was
    chosen.
    """
    written = row.rad.verdier
    numbers = {"festenr": bare_digits(written.get("festenr", "")).zfill(FNR_LENGTH)}
    if not row.fnr and not row.orgnr:
        own = written.keys() - ALLE.keys() - {NOKKEL}
        numbers |= {felt: bare_digits(text) for felt, text in written.items() if felt in own}
    return {felt: number for felt, number in numbers.items() if is_fnr(number)}
