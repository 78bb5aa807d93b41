"""What keeps letters from being stamped is told with its line; the rest of a template may be stamped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.utsending.brev import FERDIGE_MALER, Brevmal, bundled_template, stamping_obstacles
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.press import Press
from tests.unit.brev.letters import FONTS, mailing, row

NARROW = "| - | ------------------------ |\n| ((navn)) | x |"
SLOW = [
    ("Brev\n\nTil ((navn))\nse → siden", (4, "MAL_TREG_TEGN", "→")),
    ("Til ((navn)) -> siden", (1, "MAL_TREG_SATT_SAMMEN", "->")),
    ("Til ((navn)), 2 x 3", (1, "MAL_TREG_SATT_SAMMEN", "2 x 3")),
    (NARROW, (1, "MAL_TREG_SMAL_KOLONNE", "1")),
    ("Til ((navn)) –> siden", (1, "MAL_TREG_SATT_SAMMEN", "–>")),
    ("Til ((navn)) <– siden", (1, "MAL_TREG_SATT_SAMMEN", "<–")),
    ("Til\u200b((navn))", (1, "MAL_TREG_TEGN", "U+200B")),
    ("Til ((navn))\n\nVi sees.\nHilsen \u02bcn", (4, "MAL_TREG_TEGN", "\u02bc")),
    ("Brev\n\n" + "| ((takst|belop)) " * 10 + "|", (3, "MAL_TREG_SMAL_KOLONNE", "1")),
    (f"| ------ {'| --- ' * 6}|\n| ((navn)) {'| ((kid)) ' * 6}|", (1, "MAL_TREG_SMAL_KOLONNE", "2")),
    (
        f"| Nr. {'| Forfall ' * 9}|\n| {'--- | ' * 10}\n| 1 {'| ((forfall1|dato)) ' * 9}|",
        (2, "MAL_TREG_SMAL_KOLONNE", "2"),
    ),
]
KEPT = [
    "Hei\t((navn))\n\n2\t((navn))",
    "Satsen er 4 ‰ av grunnlaget, ((navn)).",
    "| A | B |\n| ((takst|belop)) | ((kid)) |",
]


@pytest.mark.parametrize("navn", FERDIGE_MALER)
def test_the_ready_templates_keep_every_promise(navn: str) -> None:
    assert stamping_obstacles(bundled_template(navn)) == {}


@pytest.mark.parametrize(("source", "place"), SLOW)
def test_a_broken_promise_is_told_with_its_line(source: str, place: tuple[int, str, str]) -> None:
    [found] = stamping_obstacles(Brevmal(source))["kilde_nb"]

    assert (found.linje, found.kode, found.verdi) == place


@pytest.mark.parametrize("source", KEPT)
def test_what_keeps_every_promise_is_stamped(source: str) -> None:
    done = Press(render.engine(FONTS)).letter(Brevmal(source, hurtig=True), row(), mailing())

    assert stamping_obstacles(Brevmal(source)) == {}
    assert done.stemplet
    assert same_letter(done.pdf, render.render(Brevmal(source), row(), mailing(), fonts=FONTS))


@pytest.mark.parametrize("source", [source for source, _ in SLOW[:1] + SLOW[3:]])
def test_a_template_with_a_broken_promise_is_drawn_all_the_same(source: str) -> None:
    done = Press(render.engine(FONTS)).letter(Brevmal(source, hurtig=True), row(), mailing())

    assert not done.stemplet
    assert done.pdf == render.render(Brevmal(source), row(), mailing(), fonts=FONTS)


def test_what_stands_apart_from_fields_may_be_anything() -> None:
    assert stamping_obstacles(Brevmal("Se → siden -> her 😀\n\nTavlen er 50x70 cm.\n\nTil ((navn))")) == {}


def test_the_nynorsk_text_is_looked_at_too() -> None:
    assert list(stamping_obstacles(Brevmal("Hei ((navn))", "Hei ((navn)) →"))) == ["kilde_nn"]


def test_many_conditions_are_told_at_the_one_too_many() -> None:
    lines = "\n".join(f"((hvis felt{n})) a ((slutt))" for n in range(13))
    [found] = stamping_obstacles(Brevmal(lines))["kilde_nb"]

    assert (found.linje, found.kode) == (13, "MAL_TREG_VALG")
    assert stamping_obstacles(replace(Brevmal(lines), kilde_nb="\n".join(lines.split("\n")[:12]))) == {}
