"""What a template says of days: the letter's own date, which is not the day each letter leaves, and the deadline."""

from __future__ import annotations

from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.inline import TAG, parse_tag
from fiks.utsending.brev.language import Merke
from fiks.utsending.brev.ready import NAVN, ready_template

DATED, DEADLINE = "sendt", "klagefrist"


def states_deadline(mal: Brevmal) -> bool:
    """Whether its letters print the last day to complain."""
    return any(_prints(text, DEADLINE) for text in _texts(mal))


def states_date_in_own_words(mal: Brevmal) -> bool:
    """Whether its letters print their date in another sentence than the ready templates do.

    Theirs says that a letter may have left some days later; another may say that it left that day.
    """
    ours = {line for name in NAVN for text in _texts(ready_template(name)) for line in text.splitlines()}
    lines = (line for text in _texts(mal) for line in text.splitlines())
    return any(_prints(line, DATED) for line in lines if line not in ours)


def _texts(mal: Brevmal) -> tuple[str, ...]:
    return tuple(text for text in (mal.kilde_nb, mal.kilde_nn, mal.tittel_nb, mal.tittel_nn) if text)


def _prints(text: str, name: str) -> bool:
    found = (parse_tag(match[1]) for match in TAG.finditer(text))
    return any(
        tag is not None and tag[0] is Merke.FELT and tag[1].partition("|")[0].strip() == name for tag in found
    )
