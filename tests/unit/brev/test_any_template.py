"""Stamped letters are those WeasyPrint lays out, in any order, whatever a template says and where its pages break."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from fiks.utsending.brev import Brevmal, Trykk
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.press import Press
from tests.unit.brev import letters
from tests.unit.brev.letters import FONTS, mailing
from tests.unit.brev.strange import people

EVERYDAY, FULL, LETTERS = 4, 60, 3
WORDS = [
    "i",
    "og",
    "eiendomsskatt",
    "§-14",
    "e-post",
    "4 ‰ av",
    "1 000",
    "a/b",
    "12–15",
    "kommunestyret",
    "«ja»",
    "Šimić",
    "‰",
]
FIELDS = ["navn", "eiendomsadresse", "kid", "poststed", "belop_termin|belop", "takst|belop", "sats|promille"]
CHOICES = ["((hvis tom))a ((slutt))", "((hvis merknad)) om ((merknad))((ellers)) uten ((slutt))"]
REMARKS = [
    "",
    "‰",
    "5 ‰",
    "Š",
    "Lộc ‰ ",
    "se vedlegg 2",
    "en lengre merknad som kan gå over linjen, og ‰ til slutt",
]
FIXED = "Fast tekst som er lang nok. " * 20


def stretch(choice: random.Random, words: int) -> str:
    """So many words, fields and inline conditions, perhaps in bold."""
    kinds = choice.choices((WORDS, [f"(({field}))" for field in FIELDS], CHOICES), (12, 6, 1), k=words)
    text = "".join(choice.choice(kind) + choice.choice(["", ", ", *"    "]) for kind in kinds).strip()
    return f"**{text}**" if choice.random() < 0.2 else text


def table(choice: random.Random) -> str:
    heads = ["", "| Hva | Hvor mye |\n", f"| {stretch(choice, 1)} | {stretch(choice, 2)} |\n"]
    rows = (f"| {stretch(choice, 2)} | {stretch(choice, 1)} |" for _ in range(choice.randint(2, 25)))
    return f"{choice.choice(heads)}| --- | --: |\n" + "\n".join(rows)


def block(choice: random.Random) -> str:
    kind = choice.random()
    if kind < 0.3:
        return table(choice)
    if kind < 0.5:
        return "\n".join(f"- {stretch(choice, choice.randint(2, 14))}" for _ in range(3))
    if kind < 0.6:
        return f"# {stretch(choice, 4)}"
    before, after = (choice.choice([FIXED, stretch(choice, 20)]) for _ in range(2))
    return f"{before} ((navn)) {after}"


def some_template(choice: random.Random) -> Brevmal:
    source = "\n\n".join(block(choice) for _ in range(choice.randint(3, 6)))
    return replace(letters.template(source), hurtig=True)


def some_rows(choice: random.Random, seed: int) -> Iterator[dict[str, str]]:
    """Rows that differ in their lines, their signs and where their pages break."""
    for row in people(LETTERS, seed):
        choice.shuffle(amounts := ["111,00", "999,00", "12345678,00"])
        yield row | {
            "eiendomsadresse": choice.choice(
                [row["eiendomsadresse"], "Veien ved sjøen " * choice.randint(1, 12)]
            ),
            "merknad": choice.choice(REMARKS),
            "belop_termin": amounts[0],
            "takst": amounts[1],
            "sats": choice.choice(["3,1", "4", "0,25"]),
            "kid": row["kid"] or "1",
            "tom": "",
            "malform": "",
        }


def drawn(mal: Brevmal, rows: Sequence[dict[str, str]], order: Sequence[int]) -> dict[int, Trykk]:
    press = Press(render.engine(FONTS))
    return {n: press.letter(mal, rows[n], mailing()) for n in order}


@pytest.mark.parametrize(
    "seed", [*range(EVERYDAY), *(pytest.param(n, marks=pytest.mark.full) for n in range(EVERYDAY, FULL))]
)
def test_a_stamped_letter_is_as_it_is_laid_out_and_the_same_bytes_in_any_order(seed: int) -> None:
    choice = random.Random(seed)
    mal, rows = some_template(choice), list(some_rows(choice, seed))
    forth, back = drawn(mal, rows, range(LETTERS)), drawn(mal, rows, range(LETTERS)[::-1])

    for n, row in enumerate(rows):
        assert not forth[n].avvik
        assert forth[n].pdf == back[n].pdf
        if forth[n].stemplet:
            assert same_letter(forth[n].pdf, render.render(mal, row, mailing(), fonts=FONTS))
