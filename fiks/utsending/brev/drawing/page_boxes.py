"""Page boxes at the top of a letter: none may overlap another or the envelope's window.

Receivers are kept short by the list rules; a long sender is written in a smaller size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fiks.utsending.brev.errors import RenderFeil

SENDER_SIZES = (
    "",
    """.avsender { font-size: 7.5pt; line-height: 1.25 } .avsender strong { font-size: 10pt }
    .avsender.utenlogo { width: 105mm }""",
    """.avsender { font-size: 6.5pt; line-height: 1.2 } .avsender strong { font-size: 9pt }
    .avsender.utenlogo { width: 105mm }""",
    """.avsender { font-size: 6.5pt; line-height: 1.15 } .avsender strong { font-size: 8pt }
    .avsender.utenlogo { width: 105mm } .avsender br ~ br::before { content: " · "; white-space: normal }""",
)
"""CSS for the sender, largest first: as in brev.css, then smaller; the last one as running text."""
CONTACT_SIZES = (
    "",
    ".kontakt { font-size: 7pt; line-height: 1.3 }",
    ".kontakt { font-size: 6.5pt; line-height: 1.2 }",
)


@dataclass(frozen=True, slots=True)
class Boks:
    """A box at the top of a letter: greatest height of its lines in mm, error code if higher, CSS by size."""

    hoyde: float
    kode: str
    storrelser: tuple[str, ...] = ("",)


BOXES = {
    "mottaker": Boks(40.0, "ADRESSE_UTENFOR_VINDU"),
    "avsender": Boks(25.0, "AVSENDER_I_VINDUET", SENDER_SIZES),
    "kontakt": Boks(31.0, "KONTAKT_FOR_LANG", CONTACT_SIZES),
}
"""The receiver ends at the window's lower edge, the sender above the window, contact above date and
reference.
"""
SHORT_FOOT, LONG_FOOT = 110, 300
"""Letters that fit in the footer on one line, and at normal size on several; a capital counts 1.4."""
_SENDER = re.compile(r'<p class="avsender.*?</p><p class="kontakt">.*?</p>', re.DOTALL)
_MM = 96 / 25.4


def sender_html(html: str) -> str:
    """Return the sender and contact part of a letter's HTML; empty if there is none."""
    found = _SENDER.search(html)
    return found[0] if found else ""


def foot_size(foot: str) -> str:
    """Return CSS for the footer besides brev.css.

    A long one is wrapped, so that it ends before the page number; a very long one is also smaller, so that it
    ends on the page.
    """
    letters = len(foot) + 0.4 * sum(map(str.isupper, foot))
    if letters <= SHORT_FOOT:
        return ""
    return "; white-space: normal" + ("; font-size: 6pt" if letters > LONG_FOOT else "")


def has_room(name: str, document: Any) -> bool:
    """Return whether this box of a laid-out document keeps within its greatest height."""
    return _heights(document).get(name, 0.0) <= BOXES[name].hoyde


def check_boxes(document: Any) -> None:
    """Raise RenderFeil if a box is too high: ADRESSE_UTENFOR_VINDU, AVSENDER_I_VINDUET, KONTAKT_FOR_LANG."""
    for name, height in _heights(document).items():
        if height > BOXES[name].hoyde:
            raise RenderFeil(BOXES[name].kode)


def _heights(document: Any) -> dict[str, float]:
    """Return the height in mm of the lines of each box on the first page."""
    found: dict[str, float] = {}
    for box in document.pages[0]._page_box.descendants(placeholders=True):
        element, lines = getattr(box, "element", None), getattr(box, "children", ())
        name = "" if element is None else element.get("class", "").partition(" ")[0]
        if lines and name in BOXES and name not in found:
            found[name] = (max(line.position_y + line.height for line in lines) - box.position_y) / _MM
    return found
