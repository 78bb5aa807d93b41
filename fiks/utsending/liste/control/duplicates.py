"""Duplicates: a row compared with earlier rows: same receiver and property, shared or odd KID."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fiks.core.values.identifiers import KidKind, is_kid
from fiks.utsending.liste.control.register_rules import id_field
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.rules.text import LINES

PROPERTY = ("gnr", "bnr", "festenr", "seksjonsnr")
OTHER_SUBJECT = ("filnavn", "kid")
SUBJECT_FIELDS = (*PROPERTY, *OTHER_SUBJECT)
"""The fields that say what a letter is about."""
NAME_AND_ADDRESS = ("navn", *LINES, "postnr", "land")
MAX_KIND_FINDINGS = 5
"""Most findings on KIDs of another kind: a list that mixes kinds has thousands, all alike."""
MAX_SHARED_KID_FINDINGS = 20
"""Most findings on a KID that another receiver has.

A list where several owe by one KID and no property shows it has thousands, which would hide other findings.
"""
_SEPARATOR = "\x1f"


def receiver_and_property(values: Mapping[str, str]) -> str:
    """Return the text that makes two letters the same, from normalised values.

    It holds fnr: hash it or index it keyed, never log it. Property: gnr/bnr/festenr/seksjonsnr, or filnavn
    and kid in lists without property.
    """
    thing = PROPERTY if values.get("gnr") or values.get("bnr") else OTHER_SUBJECT
    return _SEPARATOR.join([_receiver(values), *[values.get(n, "") for n in thing]])


def _receiver(values: Mapping[str, str]) -> str:
    """Return who a row is for: fnr, orgnr, or name and address."""
    if number := values.get("fnr") or values.get("orgnr"):
        return number
    return _SEPARATOR.join(values.get(n, "").casefold() for n in NAME_AND_ADDRESS)


def _property(values: Mapping[str, str]) -> int:
    """Return a hash of the row's property; 0 if it names none."""
    if not (values.get("gnr") and values.get("bnr")):
        return 0
    return hash(_SEPARATOR.join(values.get(n, "") for n in PROPERTY))


def receiver_hash(values: Mapping[str, str]) -> int:
    """Return a 64-bit hash of the receiver, from normalised values."""
    return int.from_bytes(hashlib.blake2b(_receiver(values).encode(), digest_size=8).digest(), "big")


class Duplicates:
    """Remembers rows as hashes only, about 430 bytes each, so a list of any length streams through.

    64 bits, keyed anew in each process: one false alarm among 200 000 rows once in a billion lists.
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
        """Return the findings against earlier rows; the first of equal rows never gets one."""
        found = self._twice(rad, values)
        if kid := values.get("kid"):
            found += [
                *self._anothers_kid(rad, kid, values),
                *self._kid_length(rad, kid),
                *self._kid_kind(rad, kid),
            ]
        return found

    def _anothers_kid(self, rad: Rad, kid: str, values: Mapping[str, str]) -> list[Funn]:
        """Find a KID that another receiver has too, as after filling a cell down: one pays what the other
        owes.

        One receiver may pay for several properties by one KID, and co-owners may owe by one: a filled-down
        cell continues to another's property.
        """
        if self._of_anothers == MAX_SHARED_KID_FINDINGS:
            return []
        payer, owned = hash(_receiver(values)), _property(values)
        first, of, row = self._payers.setdefault(hash(kid), (payer, owned, rad.rad))
        if first == payer or (owned and owned == of) or not is_kid(kid):
            return []
        self._of_anothers += 1
        return [_repeat_finding(rad, "kid", Funnkode.DUBLETT_KID, row)]

    def _kid_length(self, rad: Rad, kid: str) -> list[Funn]:
        """Report each new KID length once: a KID that lost its leading zeros is still valid.

        Stored rows are not checked again, so if the short ones come first a long one is reported.
        """
        if len(kid) in self._kid_lengths or not is_kid(kid):
            return []
        others = bool(self._kid_lengths)
        self._kid_lengths.add(len(kid))
        return [funn(rad, "kid", Funnkode.KID_LENGDE, Alvorlighet.ADVARSEL)] if others else []

    def _kid_kind(self, rad: Rad, kid: str) -> list[Funn]:
        """Report a KID whose check digit is of another kind than all before; one typing error in eleven gives
        such.

        If the odd one comes first the others are reported.
        """
        if self._of_another_kind == MAX_KIND_FINDINGS:
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
            return [_repeat_finding(rad, id_field(values), Funnkode.DUBLETT_MOTTAKER, letter)]
        if named != rad.rad:
            return [_repeat_finding(rad, "eksternref", Funnkode.DUBLETT_EKSTERNREF, named)]
        return []


def _repeat_finding(rad: Rad, felt: str, kode: Funnkode, first: int) -> Funn:
    return Funn(rad.rad, rad.linje, felt, kode, Alvorlighet.ADVARSEL, dublett_av=first)
