"""What the rows before a row tell of it: the same receiver and property twice, a KID of others or unlike theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fiks.core.identifiers import KidKind, is_kid
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.registers import id_field
from fiks.utsending.liste.text import LINES

PROPERTY = ("gnr", "bnr", "festenr", "seksjonsnr")
OTHER_THING = ("filnavn", "kid")
THING = (*PROPERTY, *OTHER_THING)
"""What a letter can be about."""
NAME_AND_ADDRESS = ("navn", *LINES, "postnr", "land")
OF_ANOTHER_KIND = 5
"""So many KIDs of another kind are told of: a list that mixes the kinds has thousands, and each says the same."""
OF_ANOTHERS = 20
"""So many KIDs that another has are told of: a list in which several owe by one and no property shows it has thousands,
and nobody would find what else is told."""
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


def _property(values: Mapping[str, str]) -> int:
    """A number of the property a row is about; 0 when it does not say which that is."""
    if not (values.get("gnr") and values.get("bnr")):
        return 0
    return hash(_SEPARATOR.join(values.get(n, "") for n in PROPERTY))


def receiver_hash(values: Mapping[str, str]) -> int:
    """A short hash of who a row is for, from normalised values: the same receiver has the same."""
    return int.from_bytes(hashlib.blake2b(_receiver(values).encode(), digest_size=8).digest(), "big")


class Duplicates:
    """Remembers rows as numbers only, about 430 bytes each, so a list of any length streams through.

    64 bits keyed anew in each process: a false alarm among 200 000 rows once in a billion lists.
    """

    def __init__(self) -> None:
        self._letters: dict[int, int] = {}
        self._references: dict[int, int] = {}
        self._payers: dict[int, tuple[int, int, int]] = {}
        self._of_anothers = 0
        self._kid_lengths: set[int] = set()
        self._kid_kinds: tuple[KidKind, ...] = ("MOD10", "MOD11")
        self._of_another_kind = 0

    def check(self, rad: Rad, values: Mapping[str, str]) -> list[Funn]:
        """Findings against the rows seen before; the first of a kind is never one."""
        found = self._twice(rad, values)
        if kid := values.get("kid"):
            found += [
                *self._anothers_kid(rad, kid, values),
                *self._kid_length(rad, kid),
                *self._kid_kind(rad, kid),
            ]
        return found

    def _anothers_kid(self, rad: Rad, kid: str, values: Mapping[str, str]) -> list[Funn]:
        """A KID that another receiver has as well, as when a cell is filled down: one pays what the other owes.

        One receiver may pay for several properties by one KID, and those who own one together may owe by one: a cell
        that is filled down goes on to another's property.
        """
        if self._of_anothers == OF_ANOTHERS:
            return []
        payer, owned = hash(_receiver(values)), _property(values)
        first, of, row = self._payers.setdefault(hash(kid), (payer, owned, rad.rad))
        if first == payer or (owned and owned == of) or not is_kid(kid):
            return []
        self._of_anothers += 1
        return [_again(rad, "kid", Funnkode.DUBLETT_KID, row)]

    def _kid_length(self, rad: Rad, kid: str) -> list[Funn]:
        """One finding for each new length: a KID that has lost the zeros before it is as valid as it was.

        The rows that were stored are not asked again, so where the short ones stand first a long one is told of.
        """
        if len(kid) in self._kid_lengths or not is_kid(kid):
            return []
        others = bool(self._kid_lengths)
        self._kid_lengths.add(len(kid))
        return [funn(rad, "kid", Funnkode.KID_LENGDE, Alvorlighet.ADVARSEL)] if others else []

    def _kid_kind(self, rad: Rad, kid: str) -> list[Funn]:
        """A KID whose check digit is none of the kind that all before it have: one mistyped digit in eleven makes such.

        Where the odd one stands first the others are told of.
        """
        if self._of_another_kind == OF_ANOTHER_KIND:
            return []
        kinds = tuple(kind for kind in self._kid_kinds if is_kid(kid, kind))
        if kinds:
            self._kid_kinds = kinds
            return []
        if not is_kid(kid):
            return []
        self._of_another_kind += 1
        return [funn(rad, "kid", Funnkode.KID_ANNEN_TYPE, Alvorlighet.ADVARSEL)]

    def _twice(self, rad: Rad, values: Mapping[str, str]) -> list[Funn]:
        letter = self._letters.setdefault(hash(receiver_and_property(values)), rad.rad)
        reference = values.get("eksternref")
        named = self._references.setdefault(hash(reference), rad.rad) if reference else rad.rad
        if letter != rad.rad:
            return [_again(rad, id_field(values), Funnkode.DUBLETT_MOTTAKER, letter)]
        if named != rad.rad:
            return [_again(rad, "eksternref", Funnkode.DUBLETT_EKSTERNREF, named)]
        return []


def _again(rad: Rad, felt: str, kode: Funnkode, first: int) -> Funn:
    return Funn(rad.rad, rad.linje, felt, kode, Alvorlighet.ADVARSEL, dublett_av=first)
