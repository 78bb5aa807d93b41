"""The state diagrams in docs are those of the code."""

from __future__ import annotations

from fiks.svarut.rules import LEVERINGSOVERGANGER, OVERGANGER
from fiks.svarut.signing.rules import SIGNERINGSOVERGANGER
from fiks.utsending.rules import OVERGANGER as UTSENDINGSOVERGANGER
from testmiljo.states import PAGE, page


def test_the_page_is_drawn_from_the_present_tables() -> None:
    assert PAGE.read_text("utf-8") == page(), "run ./run python -m testmiljo.states"


def test_every_legal_change_is_an_arrow() -> None:
    drawn = page()
    tables = (OVERGANGER, LEVERINGSOVERGANGER, UTSENDINGSOVERGANGER, SIGNERINGSOVERGANGER)

    assert [
        (fra, til)
        for table in tables
        for fra, tils in table.items()
        for til in tils
        if f"    {fra} --> {til}\n" not in drawn
    ] == []
