"""Used fields: which fields a template prints, and what it says about dates.

A field counts as printed when it occurs in the text or a title, not when it only guards a condition.
"""

from __future__ import annotations

from fiks.utsending.brev.bundled_templates import NAVN, bundled_template
from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.language.inline import TAG, parse_tag
from fiks.utsending.brev.language.tree import Merke


def prints_field(mal: Brevmal, *names: str) -> bool:
    """Return whether letters of this template print any of these fields, in either malform."""
    return any(text_prints_field(text, *names) for text in template_texts(mal))


def template_texts(mal: Brevmal) -> tuple[str, ...]:
    """Return the template's sources and titles, without missing ones."""
    return tuple(text for text in (mal.kilde_nb, mal.kilde_nn, mal.tittel_nb, mal.tittel_nn) if text)


def text_prints_field(text: str, *names: str) -> bool:
    """Return whether the text prints any of these fields."""
    found = (parse_tag(match[1]) for match in TAG.finditer(text))
    return any(
        tag is not None and tag[0] is Merke.FELT and tag[1].partition("|")[0].strip() in names
        for tag in found
    )


DATED, DEADLINE = "sendt", "klagefrist"


def states_deadline(mal: Brevmal) -> bool:
    """Return whether letters of this template print the last day to complain."""
    return prints_field(mal, DEADLINE)


def states_date_in_own_words(mal: Brevmal) -> bool:
    """Return whether the template prints the letter's date in another sentence than our own templates do.

    Our sentence says that a letter may have left some days later; another sentence may claim that it left
    that day.
    """
    ours = {
        line for name in NAVN for text in template_texts(bundled_template(name)) for line in text.splitlines()
    }
    lines = (line for text in template_texts(mal) for line in text.splitlines())
    return any(text_prints_field(line, DATED) for line in lines if line not in ours)
