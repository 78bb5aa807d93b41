"""The same receiver and the same property twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from .findings import Alvorlighet, Funn, Funnkode, Rad
from .registers import id_field
from .text import LINES

PROPERTY = ("gnr", "bnr", "festenr", "seksjonsnr")
OTHER_THING = ("filnavn", "kid")
NAME_AND_ADDRESS = ("navn", *LINES, "postnr", "land")
_SEPARATOR = "\x1f"


def receiver_and_property(values: Mapping[str, str]) -> str:
    """What makes two letters the same, from normalised values. Holds fnr: hash it, or index it keyed, never log it.

    Property: gnr/bnr/festenr/seksjonsnr, or filnavn and kid in lists without property.
    """
    thing = PROPERTY if values.get("gnr") or values.get("bnr") else OTHER_THING
    return _SEPARATOR.join([_receiver(values), *[values.get(n, "") for n in thing]])


def _receiver(values: Mapping[str, str]) -> str:
    """Who a row is for: fnr, orgnr, or name and address."""
    if number := values.get("fnr") or values.get("orgnr"):
        return number
    return _SEPARATOR.join(values.get(n, "").casefold() for n in NAME_AND_ADDRESS)


def receiver_hash(values: Mapping[str, str]) -> int:
    """A short hash of who a row is for, from normalised values: the same receiver has the same."""
    return int.from_bytes(hashlib.blake2b(_receiver(values).encode(), digest_size=8).digest(), "big")


class Duplicates:
    """Remembers rows as numbers only, about 100 bytes each, so a list of any length streams through.

    64 bits keyed anew in each process: a false alarm among 200 000 rows once in a billion lists.
    """

    def __init__(self) -> None:
        self._letters: dict[int, int] = {}
        self._references: dict[int, int] = {}

    def check(self, rad: Rad, values: Mapping[str, str]) -> list[Funn]:
        """Findings against the rows seen before; the first of a kind is never one."""
        felt = id_field(values)
        found = _earlier(self._letters, rad, felt, Funnkode.DUBLETT_MOTTAKER, receiver_and_property(values))
        if reference := values.get("eksternref"):
            again = _earlier(self._references, rad, "eksternref", Funnkode.DUBLETT_EKSTERNREF, reference)
            found = found or again
        return [found] if found else []


def _earlier(seen: dict[int, int], rad: Rad, felt: str, kode: Funnkode, key: str) -> Funn | None:
    first = seen.setdefault(hash(key), rad.rad)
    if first == rad.rad:
        return None
    return Funn(rad.rad, rad.linje, felt, kode, Alvorlighet.ADVARSEL, dublett_av=first)
