"""The boxes at the top of a letter, and that none of them grows over another or into the envelope's window.

Receivers are kept short by who writes them; a sender that is long is written smaller.
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
"""How the sender is written: as brev.css says, and ever smaller where that is too high; at last all in running text."""
CONTACT_SIZES = (
    "",
    ".kontakt { font-size: 7pt; line-height: 1.3 }",
    ".kontakt { font-size: 6.5pt; line-height: 1.2 }",
)


@dataclass(frozen=True, slots=True)
class Boks:
    """A box at the top of a letter that must end somewhere: how high its lines may be together, in mm, what it is
    called if they are higher, and how it is written so that they are not."""

    hoyde: float
    kode: str
    storrelser: tuple[str, ...] = ("",)


BOXES = {
    "mottaker": Boks(40.0, "ADRESSE_UTENFOR_VINDU"),
    "avsender": Boks(25.0, "AVSENDER_I_VINDUET", SENDER_SIZES),
    "kontakt": Boks(31.0, "KONTAKT_FOR_LANG", CONTACT_SIZES),
}
"""The receiver ends with the envelope's window, the sender above it, and how to reach them above date and reference."""
SHORT_FOOT, LONG_FOOT = 110, 300
"""How many letters there is room for at the foot in one line, and in its lines at their size; a capital is 1.4."""
_SENDER = re.compile(r'<p class="avsender.*?</p><p class="kontakt">.*?</p>', re.DOTALL)
_MM = 96 / 25.4


def sender_in(html: str) -> str:
    """The sender in a letter's HTML, with how to reach them; nothing if there is none."""
    found = _SENDER.search(html)
    return found[0] if found else ""


def foot_size(foot: str) -> str:
    """How the line at the foot is written, besides what brev.css says: a long one in several lines, so that it ends
    before the page number, and a very long one smaller, so that it ends on the page."""
    letters = len(foot) + 0.4 * sum(map(str.isupper, foot))
    if letters <= SHORT_FOOT:
        return ""
    return "; white-space: normal" + ("; font-size: 6pt" if letters > LONG_FOOT else "")


def has_room(name: str, document: Any) -> bool:
    """Whether this box of a document that WeasyPrint laid out ends where it must."""
    return _heights(document).get(name, 0.0) <= BOXES[name].hoyde


def check_boxes(document: Any) -> None:
    """Raise RenderFeil for a letter with a box that does not end where it must: ADRESSE_UTENFOR_VINDU,
    AVSENDER_I_VINDUET, KONTAKT_FOR_LANG."""
    for name, height in _heights(document).items():
        if height > BOXES[name].hoyde:
            raise RenderFeil(BOXES[name].kode)


def _heights(document: Any) -> dict[str, float]:
    """How high, in mm, the lines of each of the boxes are together that stand on the first page."""
    found: dict[str, float] = {}
    for box in document.pages[0]._page_box.descendants(placeholders=True):
        element, lines = getattr(box, "element", None), getattr(box, "children", ())
        name = "" if element is None else element.get("class", "").partition(" ")[0]
        if lines and name in BOXES and name not in found:
            found[name] = (max(line.position_y + line.height for line in lines) - box.position_y) / _MM
    return found
