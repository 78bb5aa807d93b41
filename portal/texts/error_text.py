"""The form of a text about something that is wrong: what is said, why, and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Feiltekst(NamedTuple):
    """`melding` is answered, with its values filled in; `arsak` and `tiltak` stand in the lists of codes."""

    melding: str
    arsak: str
    tiltak: str


RETT = "Rett opplysningen i fagsystemet, og send på nytt."
LEVERANDOR = "Leverandøren av fagsystemet må rette det."
