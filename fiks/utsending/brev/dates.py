"""What a template says about dates: the letter's own date (not the day it leaves) and the deadline."""

from __future__ import annotations

from fiks.utsending.brev.context import Brevmal
from fiks.utsending.brev.printed import prints, text_prints, texts_of
from fiks.utsending.brev.ready import NAVN, ready_template

DATED, DEADLINE = "sendt", "klagefrist"


def states_deadline(mal: Brevmal) -> bool:
    """Return whether letters of this template print the last day to complain."""
    return prints(mal, DEADLINE)


def states_date_in_own_words(mal: Brevmal) -> bool:
    """Return whether the template prints the letter's date in another sentence than our own templates do.

    Our sentence says that a letter may have left some days later; another sentence may claim that it left
    that day.
    """
    ours = {line for name in NAVN for text in texts_of(ready_template(name)) for line in text.splitlines()}
    lines = (line for text in texts_of(mal) for line in text.splitlines())
    return any(text_prints(line, DATED) for line in lines if line not in ours)
