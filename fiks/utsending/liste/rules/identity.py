"""Rules for the receiver's identity: fødselsnummer, organisasjonsnummer, name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fiks.core.values.identifiers import is_fnr, is_orgnr, mask_numbers
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.values import remove_spaces

_SCIENTIFIC = re.compile(r"^\d+([.,]\d+)?[eE]\+?\d+$")
_SEPARATORS = re.compile(r"[.\-‐-―]")
_ORGNR_DRESS = re.compile(r"^(NO)?(\d{9})(MVA)?$", re.IGNORECASE)
FNR_LENGTH = 11
REFERENCES = ("eksternref", "konteringskode")
"""Shown in lists, reports and invoices, so never a place for a personal number."""


def check_identity(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    """Yield at most one finding on fnr and orgnr together, one on each reference, and one on the name."""
    for felt in REFERENCES:
        value = values.get(felt, "")
        if felt not in settled and mask_numbers(value) != value:
            yield funn(rad, felt, Funnkode.FNR_I_REFERANSE, Alvorlighet.FEIL)
    if "fnr" not in settled and "orgnr" not in settled:
        fnr, orgnr = values.get("fnr", ""), values.get("orgnr", "")
        if finding := _number(rad, fnr, orgnr):
            yield finding
    if "navn" in settled:
        return
    name = values.get("navn", "")
    if not name:
        yield funn(rad, "navn", Funnkode.NAVN_MANGLER, Alvorlighet.FEIL)
    elif not any(c.isalpha() for c in name):
        yield funn(rad, "navn", Funnkode.NAVN_UGYLDIG, Alvorlighet.FEIL)


def _number(rad: Rad, fnr: str, orgnr: str) -> Funn | None:
    if fnr and orgnr:
        return funn(rad, "fnr", Funnkode.FNR_OG_ORGNR, Alvorlighet.FEIL, felter=("fnr", "orgnr"))
    if fnr:
        return _fnr(rad, fnr)
    return _orgnr(rad, orgnr) if orgnr else None


def bare_digits(text: str) -> str:
    """Return a number without blanks, dots and dashes between its groups."""
    return _SEPARATORS.sub("", remove_spaces(text))


def _swapped(rad: Rad, felt: str, repaired: dict[str, str]) -> Funn:
    return funn(rad, felt, Funnkode.KOLONNER_BYTTET, Alvorlighet.AUTO, repaired, ("fnr", "orgnr"))


def _fnr(rad: Rad, fnr: str) -> Funn | None:
    if is_fnr(rad.verdier["fnr"]):
        return None
    if _SCIENTIFIC.match(remove_spaces(fnr)):
        return funn(rad, "fnr", Funnkode.FNR_VITENSKAPELIG, Alvorlighet.FEIL)
    digits = bare_digits(fnr)
    if is_fnr(digits):
        return funn(rad, "fnr", Funnkode.FNR_MELLOMROM, Alvorlighet.AUTO, {"fnr": digits})
    if len(digits) == FNR_LENGTH - 1 and is_fnr(f"0{digits}"):
        return funn(rad, "fnr", Funnkode.FNR_LEDENDE_NULL, Alvorlighet.AUTO, {"fnr": f"0{digits}"})
    if is_orgnr(digits):
        return _swapped(rad, "fnr", {"fnr": "", "orgnr": digits})
    wrong_digit = digits.isascii() and digits.isdigit() and len(digits) == FNR_LENGTH
    return funn(
        rad, "fnr", Funnkode.FNR_KONTROLLSIFFER if wrong_digit else Funnkode.FNR_UGYLDIG, Alvorlighet.FEIL
    )


def _orgnr(rad: Rad, orgnr: str) -> Funn | None:
    if is_orgnr(rad.verdier["orgnr"]):
        return None
    digits = bare_digits(orgnr)
    dressed = _ORGNR_DRESS.match(digits)
    if dressed and is_orgnr(dressed[2]):
        return funn(rad, "orgnr", Funnkode.ORGNR_MELLOMROM, Alvorlighet.AUTO, {"orgnr": dressed[2]})
    if is_fnr(digits):
        return _swapped(rad, "orgnr", {"fnr": digits, "orgnr": ""})
    return funn(rad, "orgnr", Funnkode.ORGNR_UGYLDIG, Alvorlighet.FEIL)
