"""The synthetic people who work in the demo's kommuner, and the numbers they log in with."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon.rules import P


@dataclass(frozen=True, slots=True)
class Ansatt:
    """One test user: `rettigheter` are held on the kontoer, `pa_organisasjon` on the organisation."""

    pid: str
    navn: str
    rolle: str
    rettigheter: tuple[P, ...] = ()
    pa_organisasjon: tuple[P, ...] = ()


def synthetic_fnr(day: int, month: int, year: int, start: int = 100) -> str:
    """A valid synthetic number (month + 80) of that birthday; the same arguments give the same number."""
    for individual in range(start, 1000):
        for control in range(100):
            number = f"{day:02}{month + 80:02}{year:02}{individual:03}{control:02}"
            if is_fnr(number):
                return number
    raise ValueError("no number left on that day")


ROLES: tuple[tuple[str, tuple[P, ...], tuple[P, ...]], ...] = (
    ("Saksbehandler", (P.SENDE, P.LESE, P.STOPPE), ()),
    ("Godkjenner", (P.GODKJENNE, P.LESE, P.STOPPE), ()),
    ("Saksbehandler og godkjenner", (P.SENDE, P.GODKJENNE, P.LESE), (P.REGISTER_OPPSLAG,)),
    ("Leser", (P.LESE,), ()),
    ("Skjermede saker", (P.LESE, P.SENDE, P.SE_SPERRET), ()),
    ("Administrator", (), (P.ADMIN,)),
    ("Revisor", (), (P.AUDIT_LES, P.ORG_LES)),
    ("Uten rettigheter", (), ()),
)
NAMES: tuple[tuple[str, ...], ...] = (
    (
        "Kari Fjellstad",
        "Ola Havnes",
        "Máret Sundby",
        "Ingrid Myrvold",
        "Even Skogheim",
        "Astrid Nordli",
        "Jonas Bekkelund",
        "Siri Tangen",
    ),
    (
        "Turid Strand",
        "Nils Brekke",
        "Ánte Holmen",
        "Liv Åsheim",
        "Pål Østvik",
        "Randi Lunde",
        "Tor Eide",
        "Gro Vågen",
    ),
)


def staff(kommune_index: int) -> list[Ansatt]:
    """The staff of kommune number `kommune_index` (0 or 1); numbers differ between kommuner."""
    return [
        Ansatt(synthetic_fnr(1 + place, 1 + kommune_index, 80 + kommune_index), navn, rolle, konto, org)
        for place, (navn, (rolle, konto, org)) in enumerate(zip(NAMES[kommune_index], ROLES, strict=True))
    ]


HEIMDAL_ADMINISTRATOR = Ansatt(
    synthetic_fnr(3, 3, 82), "Berit Haugland", "Første administrator", pa_organisasjon=(P.ADMIN,)
)
"""Of Heimdal renovasjon IKS, which has not been set up."""

OPERATOR = Ansatt(synthetic_fnr(4, 4, 83), "Runar Solberg", "Driftsoperatør")
"""Runs the platform (ROT.ADMINISTRER), and works in no organisation."""


def as_register(people: list[Ansatt]) -> dict[str, object]:
    """The staff as the simulated registers know them, so that a test letter can reach them."""
    return {person.pid: _register_entry(person) for person in people}


def _register_entry(person: Ansatt) -> dict[str, object]:
    first, _, last = person.navn.partition(" ")
    return {
        "folkeregister": {
            "navn": {"fornavn": first, "mellomnavn": None, "etternavn": last},
            "status": "bosatt",
            "doedsdato": None,
            "adressebeskyttelse": "ugradert",
            "bostedsadresse": {"adresselinje1": "Rådhusgata 1", "postnr": "4262", "poststed": "AVALDSNES"},
            "postadresse": None,
            "postadresseIUtlandet": None,
            "kontaktinformasjonForDoedsbo": None,
        },
        "krr": {
            "status": "AKTIV",
            "reservert": False,
            "passiv": False,
            "postkasse": None,
            "epost": "ansatt@example.com",
            "mobil": None,
            "sistBekreftet": "2026-09-01",
            "spraak": "nb",
        },
        "altinn": {"lesing": "ALDRI"},
    }
