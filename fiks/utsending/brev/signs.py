"""The signs that stamped letters may hold beside their values, and in them."""

from __future__ import annotations

from string import ascii_letters, digits

from fiks.utsending.brev.formats import MINUS, NBSP

_NORWEGIAN = "ÆØÅæøåÀÉÈÊÓÒÔÜÄÖÁáàéèêóòôüäö"
_MARKS = f" !\"%&'()+,-./:;=?@_–’«»·§×{MINUS}{NBSP}"
COMMON = frozenset(ascii_letters + digits + _NORWEGIAN + _MARKS)
"""What nearly every letter gets by with; their fonts hold these signs and no others."""

LATIN = (
    COMMON
    | frozenset(map(chr, range(0x20, 0x7F)))
    | frozenset("—‘“”…€")
    | frozenset(map(chr, range(0xA0, 0x180)))
    | frozenset(map(chr, range(0x1EA0, 0x1EFA)))
    | frozenset("ƏəƠơƯưȘșȚțẀẁẂẃẄẅẞ")
) - {"\u00ad", "\u0149", "\u013f", "\u0140", "\u017f"}
"""What a letter with names from elsewhere gets; no soft hyphen, and no sign that HarfBuzz may take apart."""

SPACES = frozenset({" ", NBSP})

LOOKALIKES = frozenset({"\u02bc"})
"""Signs that Inter has one glyph for together with one of LATIN: here ’. A stamped letter would be read otherwise."""

PROMILLE = "‰"
"""From another font than the rest, since Inter has none; taller than it."""

BESIDE = frozenset({PROMILLE, "\n"})
"""What values may hold beside the signs of their fonts; a new line ends a line and is never drawn."""
