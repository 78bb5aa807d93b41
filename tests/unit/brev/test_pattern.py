"""A paragraph's lines come out as if no other letter had been drawn before, however many were."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product

import pytest

from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.language.fill import Utfylt
from fiks.utsending.brev.stamping import press as stamping_press
from fiks.utsending.brev.stamping import weasyprint_layout
from fiks.utsending.brev.stamping.layout import LaidOutLetter
from fiks.utsending.brev.stamping.paragraph import DrawnParagraph, ParagraphPress
from fiks.utsending.brev.stamping.plan import tier_of
from fiks.utsending.brev.stamping.press import Press
from fiks.utsending.brev.stamping.shaping import PlanMiss
from tests.unit.brev.letters import FONTS, mailing, row, template
from tests.unit.brev.strange import people
from tests.unit.brev.test_stamping import rambling

BREAKS = partial(weasyprint_layout.line_break_positions, language="nb")
SHORT, LONG = "Vi skriver til deg om ", " i året som kommer, og det året som kommer etter det igjen."


@pytest.fixture(scope="module")
def press() -> Press:
    return Press(render.engine(FONTS))


def laid_out(press: Press, source: str, rows: Sequence[dict[str, str]]) -> tuple[LaidOutLetter, list[Utfylt]]:
    """A template's text as the first row lays it out, and the letters of all rows that are of the same form."""
    sheets = list(map(stamping_press._sheet_maker(template(source), mailing()), rows))
    tier = max(tier_of(sheet.letter.values) for sheet in sheets)
    laid = press._lay_out(sheets[0], tier, (sheets[0].foot, tier, sheets[0].letter.fixed))
    alike = [sheet.letter for sheet in sheets if sheet.letter.fixed == sheets[0].letter.fixed]
    assert len(alike) > len(rows) // 2
    return laid, alike


def paragraphs(laid: LaidOutLetter) -> Iterator[tuple[ParagraphPress, ParagraphPress]]:
    """Each paragraph twice: one that remembers, and one to be asked without."""
    for paragraph in laid.paragraphs:
        if len(paragraph.runs) > 1:
            yield ParagraphPress(paragraph, BREAKS), ParagraphPress(paragraph, BREAKS)


def anew(block: ParagraphPress, values: Sequence[str]) -> DrawnParagraph | None:
    try:
        return block.anew(values)
    except PlanMiss:
        return None


def compare(laid: LaidOutLetter, letters: Sequence[Utfylt]) -> tuple[int, int]:
    """(How many paragraphs came out as before, how many did not), each compared with one that remembers nothing."""
    known = new = 0
    for mine, fresh in paragraphs(laid):
        for letter in letters:
            expected = anew(fresh, letter.values)
            found = mine._as_before(letter.values)
            if found is None:
                new += 1
                anew(mine, letter.values)
                continue
            known += 1
            assert expected is not None
            assert (found.lines, found.signature) == (expected.lines, expected.signature)
    return known, new


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(n, marks=pytest.mark.full) for n in range(4, 40))]
)
def test_lines_come_out_as_if_they_were_broken_anew(press: Press, seed: int) -> None:
    choice = random.Random(seed)
    alike = {"medeiere": "Åse Li", "fnr": "06918941795", "orgnr": ""}
    rows = [data | alike | {"kid": data["kid"] or "1"} for data in people(60, seed)]
    known, new = compare(*laid_out(press, rambling(choice), rows))
    assert known > 500
    assert new > 50


WORDS_AROUND = [
    "{x} og {x}, **{x}**{long} Svar {x}.",
    "{x}mot **{x}**mot({x}) e-{x}, nr.{x} {x}/{x}",
    "**{x}**({x}mot{x}) {x}",
    "mot({x}).{long}",
    "{x} er 4 ‰ av {x}, **{x} ‰** {x} ‰.{long}",
    "e-{x}.{long}",
    "{x}mot(((poststed))).{long}",
]


@pytest.mark.slow
@pytest.mark.parametrize("around", WORDS_AROUND)
def test_a_value_that_grows_by_a_sign_at_a_time_moves_the_lines_where_they_are_moved(
    press: Press, around: str
) -> None:
    """Across the width of a page, so that everything that can have no room comes to stand at the edge."""
    known = new = 0
    for field, before in product(("kid", "takst|belop", "navn", "eksternref"), range(0, 60, 6)):
        name = field.partition("|")[0]
        rows = [row(**{name: value}) for value in grown(name)]
        random.Random(field).shuffle(rows)
        source = f"{SHORT * 3}{'x' * before} {around.format(x=f'(({field}))', long=LONG)}{LONG}"
        found = compare(*laid_out(press, source, rows))
        known, new = known + found[0], new + found[1]
    assert known > 80
    assert new > 80


def grown(name: str) -> list[str]:
    choice = random.Random(name)
    digits = [str(choice.randint(1, 9)) + "1470258369" * 3 for _ in range(3)]
    if name == "takst":
        return [one[:n] for n in range(1, 15) for one in digits]
    if name == "kid":
        return [one[:n] for n in range(1, 31) for one in digits]
    if name == "eksternref":
        return odd_ends(choice)
    text = "Ida Kråkebærlia-Østenstad av Lillevik i Nord og Sør"
    return [text[:n].strip() for n in range(1, len(text))]


def odd_ends(choice: random.Random) -> list[str]:
    """Before and after some of which a line may end, and one that is taller than the others."""
    return [
        choice.choice("A2(")
        + "".join(choice.choices("123", k=n // 6 % 5 + n // 60 * 5))
        + choice.choice("1a-‰")
        for n in range(120)
    ]


def test_a_line_ends_after_a_slash_and_not_after_a_digit_before_what_has_no_room(press: Press) -> None:
    choice = random.Random(5)
    ends = [*"////", *choice.choices("/1", k=40)]
    rows = [row(eksternref="A" + "".join(choice.choices("1234567", k=9)) + end) for end in ends]
    counted = [0, 0]
    for before in range(8, 30):
        source = f"{SHORT * 3}{'x' * before} ((eksternref))mot(((poststed))).{LONG}"
        found = compare(*laid_out(press, source, rows))
        counted = [a + b for a, b in zip(counted, found, strict=True)]
    assert min(counted) > 80


@pytest.mark.parametrize("value", [" Kari", "Kari ", "Kari\nLi", ""])
def test_a_value_that_may_end_a_line_by_itself_is_looked_into(press: Press, value: str) -> None:
    laid, letters = laid_out(press, f"Til ((kid)) nå.{LONG}", [row(kid="1")])
    [(block, _)] = paragraphs(laid)
    block.anew(letters[0].values)
    values = list(letters[0].values)
    assert block._as_before(values) is not None
    values[values.index("1")] = value
    assert block._as_before(values) is None


def test_few_ways_are_remembered(press: Press) -> None:
    rows = [row(navn="Navn " * n) for n in range(1, 40)]
    laid, letters = laid_out(press, f"Til ((navn)). {LONG * 2} Hilsen ((navn)).{LONG}", rows)
    for block, _ in paragraphs(laid):
        for letter in letters:
            block.drawn(letter.values)
        assert 1 < len(block.patterns) <= 6
