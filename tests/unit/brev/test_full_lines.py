"""A line that is just full is broken where WeasyPrint breaks it, or the letter is laid out."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from weasyprint.formatting_structure.boxes import TextBox
from weasyprint.text.line_break import split_first_line

from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.stamping import press as stamping_press
from fiks.utsending.brev.stamping import weasyprint_layout
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.line_breaks import first_line
from fiks.utsending.brev.stamping.press import Press
from fiks.utsending.brev.stamping.shaping import UNITS, Face, PlanMiss
from fiks.utsending.brev.stamping.weasyprint_fonts import Faces
from tests.unit.brev import letters
from tests.unit.brev.letters import FONTS, NBSP, mailing, row

BREAKS = partial(weasyprint_layout.line_break_positions, language="nb")
WORDS = ["AV", "To", "P.", "T.", "og,", "etc.", "e-post", "A/S", "v/", "(Li)", "«ja»", "100 %", f"1{NBSP}000"]
WORDS += ["‰", f"x{NBSP}", "Š", "mer…", "7-T", "f"]


@pytest.fixture(scope="module")
def styled() -> tuple[Faces, Any]:
    """The fonts with all Latin signs, and the style of a letter's text."""
    faces, sheet = Faces(), stamping_press._sheet_maker(letters.template("Hei ((navn))"), mailing())(row())
    engine = render.engine(FONTS)
    with engine.laid_out(sheet.letter.numbered(), sheet.foot, sheet.assets) as document:
        inside = document.pages[0]._page_box.descendants()
        style = next(box.style for box in inside if isinstance(box, TextBox))
        faces.seed(document, style, 1)
    return faces, style


def taken_by_weasyprint(text: str, style: Any, width: float) -> tuple[str, int, int | None]:
    """As `first_line` tells it."""
    context, raw = SimpleNamespace(dictionaries={}), text.encode()
    _, length, rest, taken, *_ = split_first_line(text, style, context, width, 0)
    return raw[:length].decode(), round(taken * UNITS), rest and len(raw[:rest].decode())


def just_full(choice: random.Random, face: Face, text: str) -> float:
    """A width in pixels about which it is hard to say whether one more word has room."""
    stop = choice.choice(BREAKS(text))
    alone, within = face.shape(text[:stop].rstrip(" ")).width, face.bare(text, (stop,))[0]
    near = [alone, within, face.shape(text[:stop]).width, choice.randint(*sorted((alone, within)))]
    return (choice.choice(near) + choice.choice([0, 0, 1, -1, choice.randint(-300, 300)])) / UNITS


@pytest.mark.parametrize("weight", [400, 600])
def test_a_line_that_is_just_full_takes_what_weasyprint_takes(styled: tuple[Faces, Any], weight: int) -> None:
    (faces, plain), choice, compared = styled, random.Random(weight), 0
    for _ in range(1_500):
        style = plain.copy()
        style["font_weight"], style["font_size"] = weight, choice.choice([12 + 2 / 3, 13 + 1 / 3, 10.5])
        face = faces.face(style, 1)
        text = " ".join(choice.choice(WORDS) for _ in range(choice.randint(3, 22)))
        width = just_full(choice, face, text)
        try:
            ours = first_line(face, text, width, BREAKS)
        except PlanMiss:
            continue
        if ours[1] <= width * UNITS:  # else it is no line, and what is done then is for the paragraph to say
            compared += 1
            assert ours == taken_by_weasyprint(text, style, width), (text, width)
    assert compared > 1_000


CELL = "| A | B | C |\n| --- | -- | ---: |\n| **((merknad))** | ((eksternref)) | 1 |"
HALF = "| A | B |\n| --- | --- |\n| **((merknad))** | x |"
INSIDE = "Vi skriver til ((kid)) om **((merknad))** nå."
FULL = [
    (
        CELL,
        f"e-post «ja» {NBSP} e-post {NBSP} T. § 14 § 14 og To ½ x To e-post A/S P. A/S {NBSP} ‰ f T. T. og 1 000 ½ T. "
        "e-post T.",
    ),
    (
        HALF,
        "Nordmann etc. eier, AS nr. Nordmann Anne Haugen Co. AS etc. Bakke dr. Inc. Ltd. AS etc. sr. Haugen dr. Kari",
    ),
    (
        INSIDE,
        "eier, Li sr. eier, v/ Nordmann etc. AS og ANS bor, Co. 12. v/ Haugen Inc. bor, selger, Berg Li Ltd. ANS",
    ),
    (
        INSIDE,
        "Kari bor, AS dr. sr. selger, Ole DA v/ DA dr. Nordmann Inc. Bakke DA Berg Anne Co. Berg Nordmann 12.",
    ),
]


@pytest.mark.parametrize(("source", "full"), FULL)
def test_a_line_with_room_only_while_a_space_follows_its_full_stop_is_laid_out(
    source: str, full: str
) -> None:
    """Whether the plan was made for it or for another letter."""
    mal = replace(letters.template(source), hurtig=True)
    other, data = row(merknad=full.replace(".", "x"), kid="123456"), row(merknad=full, kid="123456")
    for order in ([data], [other, data]):
        press = Press(render.engine(FONTS))
        done = [press.letter(mal, one, mailing()) for one in order]
        assert (done[-1].stemplet, done[-1].avvik) == (False, False)
        assert done[0].stemplet == (order[0] is other)
        assert same_letter(done[-1].pdf, render.render(mal, data, mailing(), fonts=FONTS))
