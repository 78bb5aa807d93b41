"""The sender at the top of a letter: above the envelope's window, whatever was set up."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest

from fiks.utsending.brev import Avsender, RenderFeil, bundled_template
from fiks.utsending.brev.drawing import render
from fiks.utsending.brev.stamping import press as stamping_press
from fiks.utsending.brev.stamping.comparison import same_letter
from tests.unit.brev.letters import FONTS, box_of, lillevik, mailing, row, template, text_of

WINDOW_TOP_MM, ADDRESS_TOP_MM = 45.0, 52.0
LONG_NAME = (
    "Lillevik kommune, kommunalområde for helse, omsorg, velferd, oppvekst, teknisk, plan og byggesak nå"
)
LONG_LINE = "Avdeling for forvaltning og koordinering av alle tjenester i kommunen."
SHOUTED = "VERDENS LENGSTE ADRESSELINJE MED BARE STORE BOKSTAVER I HVERT ENESTE OR"


def long_sender(**changes: object) -> Avsender:
    return lillevik(**{"navn": LONG_NAME, "adresselinjer": (LONG_LINE,) * 3, **changes})


def draw(avsender: Avsender, source: str = "Hei ((navn))", **changes: str) -> bytes:
    return render.render(template(source), row(**changes), mailing(avsender), fonts=FONTS)


def bottom_of_sender(pdf: bytes) -> float:
    """How far down the first page, in mm, what stands above the receiver's address reaches."""
    mm = 25.4 / 72
    with pypdfium2.PdfDocument(pdf) as document:
        sheet = document[0]
        height, text = sheet.get_height(), sheet.get_textpage()
        boxes = [text.get_rect(n) for n in range(text.count_rects())]
    return max(
        (height - bottom) * mm
        for left, bottom, _, _ in boxes
        if left * mm < 100 and (height - bottom) * mm < 60
    )


@pytest.fixture
def away() -> dict[str, str]:
    """A receiver that leaves the first lines of the window to whoever prints there."""
    return dict.fromkeys(
        ("navn", "adresselinje1", "adresselinje2", "adresselinje3", "postnr", "poststed"), ""
    )


@pytest.mark.parametrize("logo", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"navn": LONG_NAME[:60]},
        {"navn": "SJØ" * 33},
        {"adresselinjer": (SHOUTED[:70],) * 3, "poststed": SHOUTED[:70]},
        {"navn": SHOUTED[:60], "adresselinjer": (SHOUTED[:70],) * 3},
        {"adresselinjer": ("A" * 70,) * 3},
    ],
)
def test_a_sender_of_three_full_lines_ends_above_the_window(
    changes: dict[str, object], logo: bool, away: dict[str, str]
) -> None:
    sender = long_sender(**changes, **({} if logo else {"logo": None}))
    pdf = draw(sender, "Hei", **away)

    assert bottom_of_sender(pdf) < WINDOW_TOP_MM


def test_all_of_a_long_sender_can_be_read(away: dict[str, str]) -> None:
    said = " ".join(text_of(draw(long_sender(), "Hei", **away)).split())

    assert LONG_NAME in said
    assert said.count(LONG_LINE) >= 3
    assert "4262 AVALDSNES" in said


def test_the_receiver_stands_where_it_stood_under_a_long_sender() -> None:
    long, short = draw(long_sender(), navn="Ola Nordmann"), draw(lillevik(), navn="Ola Nordmann")

    assert box_of(long, "Ola Nordmann") == box_of(short, "Ola Nordmann")
    assert box_of(long, "Ola Nordmann")[1] > ADDRESS_TOP_MM


def test_a_sender_with_room_enough_is_written_as_large_as_ever() -> None:
    """11 points for the name, 8.5 for the lines: with a line height of 1.4, the fourth line ends 18 mm down."""
    bottom = box_of(draw(lillevik(adresselinjer=("Bryggeplassen 1", "Postboks 1"))), "4262")[3]

    assert 36.5 < bottom < 37.5


@pytest.mark.parametrize("changes", [{}, {"adresselinjer": (SHOUTED[:70],) * 3, "logo": None}])
def test_a_stamped_letter_of_a_long_sender_is_the_one_that_is_laid_out(changes: dict[str, object]) -> None:
    press, mal = stamping_press.Press(render.engine(FONTS)), replace(template("Hei ((navn))"), hurtig=True)
    sender = mailing(long_sender(**changes))
    first, second = (press.letter(mal, row(navn=name), sender) for name in ("Ola Nordmann", "Kari Nordmann"))

    assert first.stemplet and second.stemplet and not second.ny
    assert same_letter(second.pdf, render.render(mal, row(navn="Kari Nordmann"), sender, fonts=FONTS))


def test_a_long_sender_is_written_alike_whatever_was_drawn_before() -> None:
    fresh = render.Engine(FONTS)
    press = stamping_press.Press(fresh)
    for avsender in (lillevik(), long_sender(logo=None), long_sender()):
        drawn = press.letter(template("Hei"), row(), mailing(avsender)).pdf

    assert drawn == draw(long_sender(), "Hei")


@pytest.mark.parametrize(
    ("changes", "kode"),
    [
        ({"navn": LONG_NAME * 2, "adresselinjer": (LONG_LINE * 3,) * 3}, "AVSENDER_I_VINDUET"),
        ({"navn": "W" * 60, "adresselinjer": ("W" * 70,) * 3}, "AVSENDER_I_VINDUET"),
        ({"apningstid": "Etter avtale. " * 50}, "KONTAKT_FOR_LANG"),
    ],
)
@pytest.mark.parametrize("hurtig", [True, False])
def test_a_sender_that_has_no_room_in_any_size_makes_no_letter(
    changes: dict[str, object], kode: str, hurtig: bool
) -> None:
    press, mal = stamping_press.Press(render.engine(FONTS)), replace(template("Hei ((navn))"), hurtig=hurtig)
    with pytest.raises(RenderFeil) as refused:
        press.letter(mal, row(), mailing(lillevik(**changes)))

    assert refused.value.kode == kode


def test_how_to_reach_the_sender_ends_above_the_date() -> None:
    hours = "Mandag til fredag kl. 9–15, torsdag til kl. 17.30, i juli og i romjulen kl. 10–14. " * 2
    email = "postmottak.for.eiendomsskatt.og.kommunale.avgifter@lillevik.kommune.example"
    pdf = draw(lillevik(apningstid=hours.strip(), epost=email), "Hei")

    assert box_of(pdf, "lillevik.kommune.example")[3] < box_of(pdf, "Dato")[1]


@pytest.mark.parametrize("lines", [1, 3])
def test_the_foot_of_a_long_sender_ends_before_the_page_number_and_on_the_page(lines: int) -> None:
    pdf = draw(long_sender(adresselinjer=(LONG_LINE,) * lines), "Hei")
    mm = 25.4 / 72
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        boxes = [text.get_rect(n) for n in range(text.count_rects())]
        foot = [box for box in boxes if box[3] * mm < 22 and box[0] * mm < 100]
        said = " ".join(document[0].get_textpage().get_text_range().split())

    assert max(right for _, _, right, _ in foot) * mm < 161
    assert min(bottom for _, bottom, _, _ in foot) * mm > 4
    assert f"{LONG_NAME} · {LONG_LINE} · " in said


def test_a_fagsystems_country_code_stands_as_a_name_in_the_window() -> None:
    letter = text_of(draw(lillevik(), "Hei", postnr="111 22", poststed="Stockholm", land="SE"))

    assert "Stockholm\nSVERIGE\n" in letter.replace("\u00a0", " ")


def test_the_cover_sheet_of_a_long_sender_ends_above_the_window(away: dict[str, str]) -> None:
    pdf = render.render(bundled_template("forside"), row(**away), mailing(long_sender()), fonts=FONTS)

    assert bottom_of_sender(pdf) < WINDOW_TOP_MM
