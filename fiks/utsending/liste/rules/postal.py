"""Rules for the postal address: postnummer, poststed, land."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fiks.core.values.address import Portosone, is_known_country, postal_zone
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.postal_codes import postnummer
from fiks.utsending.liste.values import collapse_spaces, remove_spaces

_FOUR = re.compile(r"^[0-9]{4}$")
_DRESSED = re.compile(r"^(?:NO?|N)-?([0-9]{4})$", re.IGNORECASE)
_BOTH = re.compile(r"^([0-9]{4})[ ,]+(\D+)$")
_LETTERS = re.compile(r"^\D{2,}$")


def is_norwegian(land: str) -> bool:
    """Return whether the address is in Norway (an empty land is)."""
    return not land or postal_zone(land) is Portosone.NORGE


def same_place(listed: str, registered: str) -> bool:
    """Return whether two place names are equal apart from case and spacing."""
    return collapse_spaces(listed).casefold() == registered.casefold()


def check_postal(rad: Rad, values: dict[str, str], settled: set[str]) -> Iterator[Funn]:
    """Yield at most one finding about postnr and poststed, and one about land."""
    land = values.get("land", "")
    if land and "land" not in settled and not is_known_country(land):
        yield funn(rad, "land", Funnkode.LAND_UKJENT, Alvorlighet.ADVARSEL)
    if "land" in settled or "postnr" in settled and values.get("postnr"):
        return
    if not is_norwegian(land):
        return
    if finding := _norwegian(rad, values.get("postnr", ""), values.get("poststed", ""), settled):
        yield finding


def _norwegian(rad: Rad, postnr: str, poststed: str, settled: set[str]) -> Funn | None:
    both = ("postnr", "poststed")
    if not postnr:
        match = _BOTH.match(poststed)
        return _format(rad, {"postnr": match[1], "poststed": match[2]}, both) if match else None
    if _FOUR.match(postnr):
        return None if "poststed" in settled else _place(rad, postnr, poststed)
    if _LETTERS.match(postnr) and _FOUR.match(poststed):
        swapped = {"postnr": poststed, "poststed": postnr}
        return funn(rad, "postnr", Funnkode.KOLONNER_BYTTET, Alvorlighet.AUTO, swapped, both)
    match = _BOTH.match(postnr)
    if match and (not poststed or same_place(poststed, match[2])):
        return _format(rad, {"postnr": match[1], "poststed": match[2]}, both)
    tight = remove_spaces(postnr)
    dressed = _DRESSED.match(tight)
    if dressed or _FOUR.match(tight):
        return _format(rad, {"postnr": dressed[1] if dressed else tight}, ("postnr",))
    padded = tight.zfill(4)
    if (
        tight.isdecimal()
        and padded in postnummer()
        and (not poststed or same_place(poststed, postnummer()[padded]))
    ):
        return funn(rad, "postnr", Funnkode.POSTNR_LEDENDE_NULL, Alvorlighet.AUTO, {"postnr": padded})
    return funn(rad, "postnr", Funnkode.POSTNR_UGYLDIG, Alvorlighet.FEIL)


def _format(rad: Rad, repaired: dict[str, str], fields: tuple[str, ...]) -> Funn:
    return funn(rad, "postnr", Funnkode.POSTNR_FORMAT, Alvorlighet.AUTO, repaired, fields)


def _place(rad: Rad, postnr: str, poststed: str) -> Funn | None:
    registered = postnummer().get(postnr)
    if registered is None:
        return funn(rad, "postnr", Funnkode.POSTNR_UKJENT, Alvorlighet.ADVARSEL)
    if not poststed:
        return funn(rad, "poststed", Funnkode.POSTSTED_MANGLER, Alvorlighet.AUTO, {"poststed": registered})
    if not same_place(poststed, registered):
        return funn(rad, "poststed", Funnkode.POSTNR_POSTSTED_AVVIK, Alvorlighet.ADVARSEL)
    return None
