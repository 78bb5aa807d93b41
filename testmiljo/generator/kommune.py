"""The kommune a list is made for, and how its receivers are spread over what can happen to a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Kommune:
    """What the rows of one kommune have in common. Money in kroner."""

    navn: str
    slug: str
    nr: str
    orgnr: str
    kontonummer: str
    postadresse: tuple[str, str]  # street, postnr
    lokale: tuple[str, ...]  # postnr of most receivers
    promille: Decimal
    bunnfradrag: int  # per boenhet
    terminer: int
    en_termin_under: int  # yearly tax below this is invoiced once
    forfall: tuple[date, ...]
    ref: str
    skatteaar: int = 2027
    brevdato: date = date(2027, 2, 22)

    @property
    def konteringskode(self) -> str:
        return f"EISK-{self.skatteaar}"


KRR_VEKT = {
    "DIGIPOST": 50,
    "EBOKS": 34,
    "ALTINN_LESER": 38,
    "ALTINN_ALDRI": 18,
    "RESERVERT": 12,
    "RESERVERT_POSTKASSE": 2,
    "IKKE_REGISTRERT": 18,
    "PASSIV": 10,
    "PASSIV_POSTKASSE": 2,
}
"""Of 184 persons."""

ORG_VEKT = {
    "SVARINN_ALLE": 6,
    "SVARINN_TYPE": 2,
    "SVARINN_HOYESTE": 1,
    "SVARINN_INAKTIV": 1,
    "ALTINN_LESER": 10,
    "ALTINN_ALDRI": 6,
    "SLETTET": 2,
}
"""Of 28 organisations."""


def fordel(n: int, vekt: dict[str, int]) -> list[str]:
    """n class names in the given proportions (largest remainder), exact when n is the sum of the weights."""
    total = sum(vekt.values())
    antall = {navn: n * v // total for navn, v in vekt.items()}
    for navn in sorted(vekt, key=lambda k: -(n * vekt[k] % total))[: n - sum(antall.values())]:
        antall[navn] += 1
    return [navn for navn, a in antall.items() for _ in range(a)]
