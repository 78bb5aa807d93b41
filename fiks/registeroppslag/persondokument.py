"""Translates a person document of Folkeregisteret into a Person: status, address protection, and postal
address.

Every property is a list of rows, or a single row; only those in force count. Source: Skatteetaten's
persondokument (folkeregister.md 6, `persondokument-felter.json`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from babel import Locale
from babel.core import get_global

from fiks.registeroppslag.rules import Adressebeskyttelse, Person, Personstatus, Registeradresse, strictest

Row = dict[str, Any]

_STATUS: Mapping[str, Personstatus] = {status.value: status for status in Personstatus}
_GRADERING = {
    "ugradert": Adressebeskyttelse.UGRADERT,
    "klientadresse": Adressebeskyttelse.FORTROLIG,
    "fortrolig": Adressebeskyttelse.FORTROLIG,
}
_GRADED = ("postadresse", "postadresseIUtlandet", "bostedsadresse", "oppholdsadresse", "deltBosted")
_POST_GOES_TO = ("postadresse", "postadresseIUtlandet", "bostedsadresse", "oppholdsadresse")
_NORGE = ("NO", "NOR")


def read_person(number: str, document: Row) -> Person:
    """Return the person of a document, under the number asked about.

    Raises KeyError, TypeError or AttributeError when the document is malformed, for example when an address
    has no grading.
    """
    name = _first(document, "navn")
    status = _STATUS.get(_first(document, "status").get("status", ""), Personstatus.UKJENT)
    dead = next(_in_force(document, "doedsfall"), None) is not None
    return Person(
        fnr=number,
        fornavn=name.get("fornavn") or "",
        mellomnavn=name.get("mellomnavn"),
        etternavn=name.get("etternavn") or "",
        status=Personstatus.DOED if dead else status,
        adressebeskyttelse=_protection(document),
        adresse=_address(document),
    )


def numbers_of(document: Row) -> list[str]:
    """Return every number the person has or has had: a person who gets a fødselsnummer keeps the d-number,
    marked opphoert.
    """
    return [row["foedselsEllerDNummer"] for row in _rows(document, "identifikasjonsnummer")]


def country(code: str) -> str:
    """Return the Norwegian name of an ISO 3166 country code of two or three letters; an unknown code itself."""
    two = (get_global("territory_aliases").get(code) or [code])[0]
    return str(Locale("nb").territories.get(two, code))


def _rows(document: Row, part: str) -> Sequence[Row]:
    """Return a property's rows. A property with at most one value (doedsfall) may come as a single row."""
    given = document.get(part)
    return [given] if isinstance(given, dict) else given or []


def _in_force(document: Row, part: str) -> Iterator[Row]:
    """Yield the rows in force among a property's rows."""
    return (row for row in _rows(document, part) if row.get("erGjeldende") is not False)


def _first(document: Row, part: str) -> Row:
    return next(_in_force(document, part), {})


def _protection(document: Row) -> Adressebeskyttelse:
    """Return the strictest grading in force of the person and of all their addresses, also those without
    post.
    """
    grades = [row["graderingsnivaa"] for row in _in_force(document, "adressebeskyttelse")]
    grades += [row["adressegradering"] for part in _GRADED for row in _in_force(document, part)]
    # A grading we do not know is handled as the strictest.
    return strictest(_GRADERING.get(grade.lower(), Adressebeskyttelse.STRENGT_FORTROLIG) for grade in grades)


def _address(document: Row) -> Registeradresse | None:
    """Return the postal address: the estate's contact, else postal address, address abroad, home, and last
    the place of stay.

    The first that holds anything wins: a home may be unknown (ukjentBosted).
    """
    estates = map(_estate, _in_force(document, "kontaktinformasjonForDoedsbo"))
    own = (_address_of_row(row) for part in _POST_GOES_TO for row in _in_force(document, part))
    return next(filter(None, chain(estates, own)), None)


def _address_of_row(row: Row) -> Registeradresse | None:
    """Return the address of a row, whichever of the known shapes it has."""
    found = (read(row[shape]) for shape, read in _SHAPES.items() if row.get(shape))
    return next(filter(None, found), None)


def _address_or_none(
    lines: Sequence[str | None], postnr: str | None, poststed: str | None, landkode: str | None = None
) -> Registeradresse | None:
    """Return an address, or None when all its parts are empty."""
    given = tuple(line for line in lines if line)
    if not (given or postnr or poststed):
        return None
    land = country(landkode) if landkode and landkode not in _NORGE else None
    return Registeradresse(given, postnr or "", poststed or "", land)


def _domestic(lines: Sequence[str | None], holder: Row) -> Registeradresse | None:
    place = holder.get("poststed") or {}
    return _address_or_none(lines, place.get("postnummer"), place.get("poststedsnavn"))


def _street(street: Row) -> Registeradresse | None:
    number = street.get("adressenummer") or {}
    house = f"{number.get('husnummer') or ''}{number.get('husbokstav') or ''}"
    line = f"{street.get('adressenavn') or ''} {house}".strip()
    return _domestic([street.get("coAdressenavn"), street.get("adressetilleggsnavn"), line], street)


def _matrikkel(address: Row) -> Registeradresse | None:
    """Return an address without a street: the farm's name, and its number in Matrikkelen."""
    number = address.get("matrikkelnummer") or {}
    parts = (
        ("Gnr.", number.get("gaardsnummer")),
        ("bnr.", number.get("bruksnummer")),
        ("festenr.", number.get("festenummer")),
        ("undernr.", address.get("undernummer")),
    )
    line = ", ".join(f"{word} {value}" for word, value in parts if value)
    return _domestic([address.get("coAdressenavn"), address.get("adressetilleggsnavn"), line], address)


def _box(address: Row) -> Registeradresse | None:
    return _domestic([address.get("postbokseier"), _numbered("Postboks", address.get("postboks"))], address)


def _free(address: Row) -> Registeradresse | None:
    return _domestic(address.get("adresselinje") or [], address)


def _abroad(address: Row) -> Registeradresse | None:
    """Return an address abroad, its parts distributed over the three lines a letter has room for."""
    house = [address.get(part) for part in ("adressenavn", "bygning", "etasjenummer", "boenhet")]
    box = _numbered("P.O. Box", address.get("postboks"))
    district = [box, address.get("distriktsnavn"), address.get("region")]
    lines = [address.get("coAdressenavn"), ", ".join(filter(None, house)), ", ".join(filter(None, district))]
    return _address_or_none(
        lines, address.get("postkode"), address.get("byEllerStedsnavn"), address.get("landkode")
    )


def _abroad_free(address: Row) -> Registeradresse | None:
    lines = address.get("adresselinje") or []
    return _address_or_none(
        lines, address.get("postkode"), address.get("byEllerStedsnavn"), address.get("landkode")
    )


_SHAPES: Mapping[str, Callable[[Row], Registeradresse | None]] = {
    "vegadresse": _street,
    "matrikkeladresse": _matrikkel,
    "postboksadresse": _box,
    "postadresseIFrittFormat": _free,
    "utenlandskAdresse": _abroad,
    "utenlandskAdresseIFrittFormat": _abroad_free,
}


def _numbered(word: str, number: str | None) -> str | None:
    """Return a post box with its word, unless the registered value already has one."""
    return f"{word} {number}" if number and number[0].isdigit() else number


def _estate(contact: Row) -> Registeradresse | None:
    address = contact.get("adresse") or {}
    lines = address.get("adresselinje") or [address.get(f"adresselinje{n}") for n in (1, 2, 3)]
    place = (address.get("postnummer"), address.get("poststedsnavn"), address.get("landkode"))
    found, who = _address_or_none(lines, *place), _estate_contact(contact)
    return replace(found, adresselinjer=(f"c/o {who}", *found.adresselinjer)) if found and who else found


def _estate_contact(contact: Row) -> str:
    """Return the addressee of the estate: a person, an advokat with or without a firm, or an organisation."""
    for kind in ("person", "advokat", "organisasjon"):
        holder: Row = contact.get(kind) or {}
        name = holder.get("personnavn") or holder.get("kontaktpersonnavn") or {}
        person = " ".join(filter(None, map(name.get, ("fornavn", "mellomnavn", "etternavn"))))
        if who := " v/".join(filter(None, (holder.get("organisasjonsnavn"), person))):
            return who
    return ""
