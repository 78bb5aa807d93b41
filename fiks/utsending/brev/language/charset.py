"""Character sets that stamped letters may contain."""

from __future__ import annotations

from string import ascii_letters, digits

from fiks.utsending.brev.language.formats import MINUS, NBSP

_NORWEGIAN = "ÆØÅæøåÀÉÈÊÓÒÔÜÄÖÁáàéèêóòôüäö"
_MARKS = f" !\"%&'()+,-./:;=?@_–’«»·§×{MINUS}{NBSP}"
COMMON = frozenset(ascii_letters + digits + _NORWEGIAN + _MARKS)
"""Characters that nearly every letter needs; the embedded fonts of such letters hold only these."""

LATIN = (
    COMMON
    | frozenset(map(chr, range(0x20, 0x7F)))
    | frozenset("—‘“”…€")
    | frozenset(map(chr, range(0xA0, 0x180)))
    | frozenset(map(chr, range(0x1EA0, 0x1EFA)))
    | frozenset("ƏəƠơƯưȘșȚțẀẁẂẃẄẅẞ")
) - {"\u00ad", "\u0149", "\u013f", "\u0140", "\u017f"}
"""Characters for letters with foreign names.

No soft hyphen, and no character that HarfBuzz may decompose.
"""

SPACES = frozenset({" ", NBSP})

LOOKALIKES = frozenset({"\u02bc"})
"""Characters whose Inter glyph also draws a character of LATIN (here ’).

A stamped letter with one would be extracted as the other.
"""

PROMILLE = "‰"
"""Drawn from another, taller font, because Inter lacks it."""

ALWAYS_ALLOWED = frozenset({PROMILLE, "\n"})
"""Characters allowed in values besides their fonts' own. A newline ends a line and is never drawn."""
