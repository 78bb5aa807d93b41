"""Texts and how long they are on the air: what the rules and the page's own script must both say."""

from __future__ import annotations

from fiks.sms.rules import Koding

GSM, UCS = Koding.GSM7, Koding.UCS2
MEASURED: list[tuple[str, Koding, int, int, int]] = [
    ("", GSM, 0, 0, 160),
    ("a" * 160, GSM, 160, 1, 160),
    ("a" * 161, GSM, 161, 2, 153),
    ("a" * 306, GSM, 306, 2, 153),
    ("a" * 307, GSM, 307, 3, 153),
    ("æøåÆØÅ" * 26, GSM, 156, 1, 160),
    ("€" * 80, GSM, 160, 1, 160),
    ("€" * 81, GSM, 162, 2, 153),
    ("^{}\\[~]|€", GSM, 18, 1, 160),
    ("«" * 70, UCS, 70, 1, 70),
    ("«" * 71, UCS, 71, 2, 67),
    ("«" * 134, UCS, 134, 2, 67),
    ("«" * 135, UCS, 135, 3, 67),
    ("«" + "a" * 69, UCS, 70, 1, 70),
    ("«€", UCS, 2, 1, 70),
    ("😀" * 35, UCS, 70, 1, 70),
    ("😀" * 36, UCS, 72, 2, 67),
]
"""Text, alphabet, units, parts and the room in each part."""
