"""A letter whose address can never be drawn is refused when it is looked at, and none that print or a channel takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest

from config.paths import FONTS
from fiks.core.db import session
from fiks.core.errors import FiksError, Utilgjengelig
from fiks.core.isolate import BarnFeil
from fiks.core.values.address import Adresse
from fiks.pdf import Pdfleser
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.mottak import CATALOGUE, Svaradresse
from fiks.svarut.mottak.inspection import inspect_letter
from fiks.svarut.rules import Opphav, Status
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.letters.cover_sheet import draw_cover
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus
from tests.integration.printers import FakePrinter
from tests.integration.svarut.letters import codes, letter
from tests.integration.svarut.submitted import take_in
from tests.integration.worlds import World
from tests.submissions import ADDRESS, ORGNR, submission
from workers.covers import LETTER_FAULTS, Forsideprover
from workers.lanes import do_portion

LONG_NAME = "Kari Nordmann " * 21
LONG_LINES = replace(ADDRESS, adresselinje1="x" * 70, adresselinje2="y" * 70, adresselinje3="z" * 70)
ANSWERS = Svaradresse(Adresse("Testvik kommune " * 60, postnr="4260", poststed="TORVASTAD"), ORGNR)


@pytest.fixture(scope="module")
def printer() -> Iterator[Brevtrykker]:
    """Draws letters in a real child."""
    made = Brevtrykker(FONTS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


def loaded(letter_id: UUID) -> Brev:
    brev = load_letters([letter_id])[letter_id]
    session().rollback()
    return brev


@pytest.mark.parametrize(
    ("changes", "kode"),
    [
        ({"navn": LONG_NAME}, "ADRESSE_UTENFOR_VINDU"),
        ({"navn": "x" * 300}, "ADRESSE_UTENFOR_VINDU"),
        ({"navn": "W" * 60, "adresse": LONG_LINES}, "ADRESSE_UTENFOR_VINDU"),
        ({"navn": "Kari \ue0ff"}, "TEGN_UTEN_SKRIFT"),
        ({"navn": "Kari \U0010fffe"}, "TEGN_UTEN_SKRIFT"),
        ({"adresse": replace(ADDRESS, adresselinje2="c/o \U0001f384")}, "TEGN_UTEN_SKRIFT"),
        ({"svar_sendes_til": ANSWERS}, "AVSENDER_I_VINDUET"),
    ],
)
@pytest.mark.parametrize("opphav", [Opphav.V2, Opphav.SOAP])
def test_a_letter_that_can_never_be_printed_is_refused_with_the_reason(
    hus: Hus,
    world: World,
    reader: Pdfleser,
    printer: Brevtrykker,
    changes: dict[str, Any],
    kode: str,
    opphav: Opphav,
) -> None:
    letter_id = take_in(hus, submission(opphav=opphav, **changes))
    with pytest.raises(FiksError) as undrawn:
        draw_cover(loaded(letter_id), printer)
    assert LETTER_FAULTS[undrawn.value.kode] == kode
    assert inspect_letter(world.registers.heeding, reader, Forsideprover(printer)) == 1
    assert (letter(letter_id).status, codes(letter_id)[-1]) == (Status.AVVIST, kode)
    assert kode in CATALOGUE


@pytest.mark.parametrize(
    "changes",
    [
        {"navn": "Kari Nordmann " * 14},
        {"navn": "i" * 500},
        {"navn": "Testperson Fjelltur", "adresse": replace(ADDRESS, adresselinje1="x" * 210)},
        {"tittel": "Æ Ø Å «–» Ž Łódź العربية " * 20, "navn": "Ирина Ž"},
        {"navn": LONG_NAME, "kun_digital": True},
        {"svar_sendes_til": replace(ANSWERS, adresse=replace(ANSWERS.adresse, navn="Testvik kommune"))},
    ],
)
def test_what_print_takes_is_taken_in(
    hus: Hus, world: World, reader: Pdfleser, printer: Brevtrykker, changes: dict[str, Any]
) -> None:
    letter_id = take_in(hus, submission(**changes))
    brev = loaded(letter_id)
    try:
        drawn = bool(draw_cover(brev, printer))
    except FiksError:
        drawn = False
    assert drawn or not brev.can_be_printed, "else it says nothing of the trial"
    assert inspect_letter(world.registers.heeding, reader, Forsideprover(printer)) == 1
    assert letter(letter_id).status == Status.AKSEPTERT


@pytest.mark.parametrize(
    "tittel", ["God jul \U0001f384", "\uf0b7 Skatt", "漢字 2026", "Skatt \U0010fffe", "\u00ad"]
)
def test_a_title_that_no_font_can_draw_goes_digitally(
    hus: Hus, world: World, reader: Pdfleser, printer: Brevtrykker, tittel: str
) -> None:
    letter_id = take_in(hus, submission(tittel=tittel))
    with pytest.raises(FiksError):
        draw_cover(loaded(letter_id), printer)
    assert inspect_letter(world.registers.heeding, reader, Forsideprover(printer)) == 1
    assert letter(letter_id).status == Status.AKSEPTERT
    assert loaded(letter_id).can_be_printed


class Failing(FakePrinter):
    """Whoever asks it to draw is told this."""

    def __init__(self, error: FiksError) -> None:
        super().__init__()
        self.error = error

    def letter(self, *args: object) -> bytes:  # type: ignore[override]
        raise self.error


@pytest.mark.parametrize(
    "error",
    [BarnFeil("BARN_DREPT", signal=9), Utilgjengelig("SKRIFT_MANGLER"), FiksError("KONTAKT_FOR_LANG")],
)
def test_what_says_nothing_of_the_letter_keeps_it_from_nothing(
    hus: Hus, world: World, reader: Pdfleser, error: FiksError, caplog: pytest.LogCaptureFixture
) -> None:
    letter_id = take_in(hus)
    prover = Forsideprover(cast(Any, Failing(error)))
    assert inspect_letter(world.registers.heeding, reader, prover) == 1
    assert letter(letter_id).status == Status.AKSEPTERT
    assert "cover_not_tried" in caplog.messages


def test_what_the_house_itself_sends_goes_digitally_then(hus: Hus, world: World, reader: Pdfleser) -> None:
    letter_id = take_in(hus, submission(opphav=Opphav.SIGNERING))
    prover = Forsideprover(cast(Any, Failing(FiksError("TEGN_UGYLDIG"))))
    assert inspect_letter(world.registers.heeding, reader, prover) == 1
    assert letter(letter_id).status == Status.AKSEPTERT
    assert "KAN_IKKE_SKRIVES_UT" in codes(letter_id)
    assert not loaded(letter_id).can_be_printed


def test_the_lane_tries_the_sheet(hus: Hus, world: World, process: QuickProcess) -> None:
    process.outside = world
    process.put(QuickProcess.printer, cast(Any, Failing(FiksError("ADRESSE_UTENFOR_VINDU"))))
    letter_id = take_in(hus)
    assert do_portion("mottak", process) == 1
    session().rollback()
    assert letter(letter_id).status == Status.AVVIST
