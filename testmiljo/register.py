"""The registers of a test kommune, read from its `register.json`, with the look-ups the row control asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Registeradresse,
    Virksomhet,
)

_ADDRESSES = ("postadresse", "postadresseIUtlandet", "bostedsadresse")


class Filregister:
    """Folkeregisteret, Enhetsregisteret and KRR as one file holds them; same methods as the clients over the wire."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._people: dict[str, Any] = content["personer"]
        self._units: dict[str, Any] = content["organisasjoner"]

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        """The persons found, by fnr."""
        return {n: _person(n, self._people[n]["folkeregister"]) for n in fnrs if n in self._people}

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        """What KRR says, by fnr; persons unknown to KRR have `registrert` False."""
        return {n: _contact(n, self._people[n]["krr"]) for n in fnrs if n in self._people}

    def virksomheter(self, orgnrs: Sequence[str], /) -> dict[str, Virksomhet]:
        """The units found, deleted ones too, by orgnr."""
        return {n: _unit(n, self._units[n]["enhetsregisteret"]) for n in orgnrs if n in self._units}


def load_register(folder: Path) -> Filregister:
    """The registers of the kommune in `folder`. Raises OSError or KeyError when its `register.json` is not one."""
    return Filregister(json.loads((folder / "register.json").read_text("utf-8")))


def _person(fnr: str, entry: Mapping[str, Any]) -> Person:
    name = entry["navn"]
    address = next((entry[kind] for kind in _ADDRESSES if entry.get(kind)), None)
    return Person(
        fnr=fnr,
        fornavn=name["fornavn"],
        mellomnavn=name.get("mellomnavn"),
        etternavn=name["etternavn"],
        status=Personstatus(entry["status"]),
        adressebeskyttelse=Adressebeskyttelse(entry["adressebeskyttelse"]),
        adresse=_address(address) if address else None,
    )


def _contact(fnr: str, entry: Mapping[str, Any]) -> Kontaktinformasjon:
    return Kontaktinformasjon(
        fnr=fnr,
        registrert=entry["status"] == "AKTIV",
        reservert=bool(entry.get("reservert")),
        passiv=bool(entry.get("passiv")),
        postkasse=entry.get("postkasse"),
        epost=entry.get("epost"),
        mobil=entry.get("mobil"),
        spraak=entry.get("spraak"),
    )


def _unit(orgnr: str, entry: Mapping[str, Any]) -> Virksomhet:
    address = entry.get("forretningsadresse")
    return Virksomhet(
        orgnr=orgnr,
        navn=entry["navn"],
        status=Enhetstatus(entry["status"]),
        organisasjonsform=entry.get("organisasjonsform"),
        adresse=_address(address) if address else None,
    )


def _address(entry: Mapping[str, Any]) -> Registeradresse:
    lines = tuple(entry[n] for n in ("adresselinje1", "adresselinje2", "adresselinje3") if entry.get(n))
    return Registeradresse(lines, entry.get("postnr", ""), entry.get("poststed", ""), entry.get("land"))
