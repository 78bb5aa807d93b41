"""Length limits where KS' contracts differ: v3 states them, v1, v2 and SOAP leave them open (svarut.md 1.2,
1.4).

Open lengths are limited by us, far above any use, so that they can be shown and stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from fiks.svarut.rules import Opphav


@dataclass(frozen=True, slots=True)
class Grenser:
    """Limits in characters. `tekst`: a link's text and lead text, a dokumentType, an avgivendeSystemAktor.

    For extra metadata: their number (`antall`), and the length of a name and of a value.
    """

    tekst: int
    antall: int
    navn: int
    verdi: int


V3 = Grenser(tekst=100, antall=20, navn=100, verdi=500)
ELDRE = Grenser(tekst=1_000, antall=1_000, navn=1_000, verdi=10_000)


def limits_of(opphav: Opphav) -> Grenser:
    """The limits of the interface the letter came by; the house's own letters keep v3's."""
    return ELDRE if opphav in (Opphav.V1, Opphav.V2, Opphav.SOAP) else V3
