"""Which fields a template prints: those in its text and its titles, not those that only decide what is shown."""

from __future__ import annotations

from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.inline import TAG, parse_tag
from fiks.utsending.brev.language import Merke


def prints(mal: Brevmal, *names: str) -> bool:
    """Whether its letters print any of these fields, in either malform."""
    return any(text_prints(text, *names) for text in texts_of(mal))


def texts_of(mal: Brevmal) -> tuple[str, ...]:
    """Its sources and titles, those there are."""
    return tuple(text for text in (mal.kilde_nb, mal.kilde_nn, mal.tittel_nb, mal.tittel_nn) if text)


def text_prints(text: str, *names: str) -> bool:
    """Whether any of these fields is printed in the text."""
    found = (parse_tag(match[1]) for match in TAG.finditer(text))
    return any(
        tag is not None and tag[0] is Merke.FELT and tag[1].partition("|")[0].strip() in names
        for tag in found
    )
