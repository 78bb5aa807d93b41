"""The form of an error text: message, cause, remedy."""

from __future__ import annotations

from typing import NamedTuple


class Feiltekst(NamedTuple):
    """`melding` is answered, with its values filled in; `arsak` and `tiltak` stand in the lists of codes."""

    melding: str
    arsak: str
    tiltak: str


RETT = "Rett opplysningen i fagsystemet, og send på nytt."
LEVERANDOR = "Leverandøren av fagsystemet må rette det."
