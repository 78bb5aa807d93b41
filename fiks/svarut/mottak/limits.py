"""How long what a fagsystem writes may be where KS' contracts differ: that of v3 says it, those of v1, v2 and SOAP
leave it open (svarut.md 1.2, 1.4).

What is open is bounded by us, far above what anybody has use for, so that it can be shown and kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from fiks.svarut.rules import Opphav


@dataclass(frozen=True, slots=True)
class Grenser:
    """`tekst`: signs in the text of a link or before it, in a dokumentType and in an avgivendeSystemAktor. Of extra
    metadata how many there may be (`antall`), and the signs of a name and of a value.
    """

    tekst: int
    antall: int
    navn: int
    verdi: int


V3 = Grenser(tekst=100, antall=20, navn=100, verdi=500)
ELDRE = Grenser(tekst=1_000, antall=1_000, navn=1_000, verdi=10_000)


def limits_of(opphav: Opphav) -> Grenser:
    """Those of the interface the letter came by; what the house writes itself keeps to v3's."""
    return ELDRE if opphav in (Opphav.V1, Opphav.V2, Opphav.SOAP) else V3
