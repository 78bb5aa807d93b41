"""What a template says of days: the letter's own date, which is not the day each letter leaves, and the deadline."""

from __future__ import annotations

from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.printed import prints, text_prints, texts_of
from fiks.utsending.brev.ready import NAVN, ready_template

DATED, DEADLINE = "sendt", "klagefrist"


def states_deadline(mal: Brevmal) -> bool:
    """Whether its letters print the last day to complain."""
    return prints(mal, DEADLINE)


def states_date_in_own_words(mal: Brevmal) -> bool:
    """Whether its letters print their date in another sentence than the ready templates do.

    Theirs says that a letter may have left some days later; another may say that it left that day.
    """
    ours = {line for name in NAVN for text in texts_of(ready_template(name)) for line in text.splitlines()}
    lines = (line for text in texts_of(mal) for line in text.splitlines())
    return any(text_prints(line, DATED) for line in lines if line not in ours)
