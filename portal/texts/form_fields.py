"""Description of a form field, used by every room's forms."""

from __future__ import annotations

from typing import NamedTuple


class Feltbeskrivelse(NamedTuple):
    """A field of a form: its name, label and help.

    `linjer` above 0 makes it a text of several lines, `avkryssing` a box to tick, and `valg` (value, text, what it
    means) one choice of several. `lengst` above 0 is how many signs can be typed.
    """

    navn: str
    etikett: str
    beskrivelse: str = ""
    tastatur: str = ""
    kort: bool = False
    linjer: int = 0
    avkryssing: bool = False
    valg: tuple[tuple[str, str, str], ...] = ()
    lengst: int = 0
