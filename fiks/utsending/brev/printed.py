"""Used fields: which fields a template prints, and what it says about dates.

A field counts as printed when it occurs in the text or a title, not when it only guards a condition.
"""

from __future__ import annotations

from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.inline import TAG, parse_tag
from fiks.utsending.brev.language import Merke


def prints(mal: Brevmal, *names: str) -> bool:
    """Return whether letters of this template print any of these fields, in either malform."""
    return any(text_prints(text, *names) for text in texts_of(mal))


def texts_of(mal: Brevmal) -> tuple[str, ...]:
    """Return the template's sources and titles, without missing ones."""
    return tuple(text for text in (mal.kilde_nb, mal.kilde_nn, mal.tittel_nb, mal.tittel_nn) if text)


def text_prints(text: str, *names: str) -> bool:
    """Return whether the text prints any of these fields."""
    found = (parse_tag(match[1]) for match in TAG.finditer(text))
    return any(
        tag is not None and tag[0] is Merke.FELT and tag[1].partition("|")[0].strip() in names
        for tag in found
    )
