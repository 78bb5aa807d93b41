"""A stamped letter's text is read as that of the letter WeasyPrint lays out, whatever its fixed text says."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import replace

import pytest
from fontTools.ttLib import TTFont, woff2

from fiks.utsending.brev import Avsender, Brevmal, Trykk
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.language.charset import LATIN, LOOKALIKES
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.press import Press
from tests.unit.brev import letters
from tests.unit.brev.letters import FONTS, lillevik, mailing, row, words_of

PLAIN = "Hei ((navn))"
SENDERS = [
    lillevik(apningstid="Mandag, 2 x 3 timer"),
    lillevik(telefon="22x33"),
    lillevik(navn="Lillevik 3x1 kommune"),
]


def template(source: str) -> Brevmal:
    return replace(letters.template(source), hurtig=True)


def drawn(source: str, sender: Avsender | None = None, navn: str = "Kari") -> tuple[Trykk, bytes]:
    """A letter from the press, and as it is laid out."""
    data, kontekst = row(navn=navn), mailing(sender)
    done = Press(render.engine(FONTS)).letter(template(source), data, kontekst)
    return done, render.render(template(source), data, kontekst, fonts=FONTS)


@pytest.mark.parametrize("navn", ["Kari", "3×4", "A×"])
@pytest.mark.parametrize(
    "fixed", ["Tavlen er 50x70 cm.", "# Tre rom, 3 x 4 meter", "Areal: 3 × 4, eller 3x4.", "1\u202f000 kr"]
)
def test_text_without_fields_is_read_alike(fixed: str, navn: str) -> None:
    done, plain = drawn(f"{PLAIN}\n\n{fixed}", navn=navn)

    assert done.stemplet
    assert same_letter(done.pdf, plain)


@pytest.mark.parametrize("sender", SENDERS)
def test_the_sender_is_read_alike(sender: Avsender) -> None:
    done, plain = drawn(PLAIN, sender)

    assert done.stemplet
    assert same_letter(done.pdf, plain)


def test_a_times_sign_is_read_as_one_also_after_an_x_that_is_drawn_so() -> None:
    done, plain = drawn(f"{PLAIN}\n\nRom 3 x 4.\n\nTakst × sats, 7×7.")

    assert done.stemplet
    for pdf in (done.pdf, plain):
        assert "Rom 3 × 4. Takst × sats, 7×7." in words_of(pdf)


@pytest.mark.parametrize(
    ("fixed", "sender"),
    [
        ("Rom \u02bcn", None),
        ("Vi sees.", lillevik(apningstid="Kl. 9 \u02bcn")),
        ("Vi sees.", lillevik(navn="Lillevik\u02bcn")),
        ("Om x\u0323\u03a9.", None),
        ("Som en e\u0301n.", None),
    ],
)
def test_what_would_be_read_otherwise_is_laid_out_and_nothing_is_amiss(
    fixed: str, sender: Avsender | None, caplog: pytest.LogCaptureFixture
) -> None:
    done, plain = drawn(f"{PLAIN}\n\n{fixed}", sender)

    assert (done.stemplet, done.avvik) == (False, False)
    assert done.pdf == plain
    assert not caplog.records


def test_a_shape_that_would_be_read_otherwise_is_tried_once() -> None:
    press = Press(render.engine(FONTS))
    for navn in ("Kari", "Ola"):
        assert not press.letter(template(f"{PLAIN}\n\nRom \u02bcn"), row(navn=navn), mailing()).stemplet
    assert press.compiled == 1


def test_the_signs_that_inter_draws_as_others_are_those_we_know() -> None:
    shared: set[str] = set()
    for name in render.FONT_FILES:
        out = io.BytesIO()
        woff2.decompress(io.BytesIO((FONTS / name).read_bytes()), out)
        signs = defaultdict(set)
        for code, glyph in TTFont(out).getBestCmap().items():
            signs[glyph].add(chr(code))
        shared |= set().union(*(found - LATIN for found in signs.values() if found & LATIN))
    assert shared == LOOKALIKES
