"""Letters as they arrived: what the print house decrypted, and what the digital mailbox was given, as pictures."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from uuid import UUID

import pikepdf
import pypdfium2
import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.pdf.check import check_pdf
from fiks.pdf.page_images import WINDOW_MM, ink_box, page_png
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Forsendelse, Levering
from testmiljo import mailing
from testmiljo.printhouse_store import Store
from tests.e2e.platform import SECONDS, Plattform
from tests.unit.brev import glyphs
from tests.unit.brev.letters import box_of, words_of

pytestmark = pytest.mark.slow

LOOKALIKES = "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅČĐŊŠŦŽabcdefghijklmnopqrstuvwxyzæøåčđŋšŧž"
PRINTED, MAILED = (3, 4, 5, 8), (2, 6, 7)
Arrived = dict[int, bytes]


@pytest.fixture(scope="module")
def printed(plattform: Plattform, sent: UUID) -> Iterator[Arrived]:
    """Row number to the clear PDF, out of the print house's own books."""
    house = Store(plattform.stack.folder / "verden" / "printhus.sqlite", 1000)
    wanted = {row: reference for row, reference, _ in handed_over(plattform, sent, "PRINT")}
    mailing.wait_for(
        "the print house has read its packages", lambda: is_read(house, wanted.values()), SECONDS
    )
    yield {row: house.letter(reference) for row, reference in wanted.items()}
    house.close()


def is_read(house: Store, references: Iterable[str]) -> bool:
    """Whether the print house has looked into its folder: it has a package from when it has its name there."""
    return {str(order["referanse"]) for order in house.received()}.issuperset(references)


@pytest.fixture(scope="module")
def mailed(plattform: Plattform, sent: UUID) -> Arrived:
    """Row number to the PDF that was given to the mailbox: ours, if it is what the mailbox says it got."""
    got = {line["referanse"]: line["sha256"] for line in plattform.stack.sim.received("dpi")["rader"]}
    arrived: Arrived = {}
    with plattform.house():
        for row, reference, letter in handed_over(plattform, sent, "DPI"):
            pdf = read_checked(load_letters([letter])[letter].dokumenter[0])
            assert hashlib.sha256(pdf).hexdigest() == got[reference]
            arrived[row] = pdf
    return arrived


def handed_over(plattform: Plattform, utsending_id: UUID, kanal: str) -> list[tuple[int, str, UUID]]:
    with plattform.house():
        found = session().execute(
            select(Forsendelse.radnr, Levering.id, Forsendelse.id)
            .join(Levering, Levering.forsendelse_id == Forsendelse.id)
            .where(Forsendelse.utsending_id == utsending_id, Levering.kanal == kanal)
        )
        return [(radnr, str(levering), letter) for radnr, levering, letter in found if radnr is not None]


@pytest.fixture(scope="module")
def rows(short_list: Path) -> dict[int, dict[str, str]]:
    """What stands in the list, by row number."""
    with short_list.open(encoding="utf-8-sig", newline="") as file:
        return dict(enumerate(csv.DictReader(file, delimiter=";"), 2))


@pytest.fixture(scope="module")
def arrived(printed: Arrived, mailed: Arrived, keep: Callable[[str, bytes], None]) -> Arrived:
    """All letters; their first pages are kept for people to look at."""
    everything = printed | mailed
    for row, pdf in everything.items():
        keep(f"brev-rad-{row}.png", page_png(pdf, 1, 96, vindu=True))
    return everything


def test_each_letter_arrived_in_the_channel_that_was_foreseen(printed: Arrived, mailed: Arrived) -> None:
    assert tuple(sorted(printed)) == PRINTED
    assert tuple(sorted(mailed)) == MAILED


@pytest.mark.parametrize("row", [*PRINTED, *MAILED])
def test_the_name_is_drawn_letter_for_letter(
    arrived: Arrived, rows: dict[int, dict[str, str]], row: int
) -> None:
    name = rows[row]["navn"]
    shapes = glyphs.drawn(arrived[row], name)
    candidates = "".join(c for c in LOOKALIKES if name != name.upper() or c.isupper()) + "Á"
    assert "".join(glyphs.nearest(shape, candidates) for shape in shapes) == name.replace(" ", "")


@pytest.mark.parametrize("row", PRINTED)
def test_the_address_is_inside_the_window_and_nothing_else_is(
    printed: Arrived, rows: dict[int, dict[str, str]], row: int
) -> None:
    x, y, width, height = WINDOW_MM
    with pypdfium2.PdfDocument(printed[row]) as document:
        drawn = ink_box(document[0], x - 5, y - 5, x + width + 5, y + height + 5)
    assert drawn is not None
    assert (drawn[0] > x, drawn[1] > y, drawn[2] < x + width, drawn[3] < y + height) == (True,) * 4
    for part in (rows[row]["navn"].split()[0], rows[row]["poststed"]):
        left, top, right, bottom = box_of(printed[row], part)
        assert drawn[0] - 1 < left < right < drawn[2] + 1
        assert drawn[1] - 1 < top < bottom < drawn[3] + 1


@pytest.mark.parametrize("row", [*PRINTED, *MAILED])
def test_every_page_says_which_it_is_and_every_font_is_inside(arrived: Arrived, row: int) -> None:
    checked = check_pdf(arrived[row])
    assert checked.fonter_innebygd
    assert checked.funn == ()
    with pikepdf.open(io.BytesIO(arrived[row])) as document:
        pages = len(document.pages)
    assert pages > 1
    for page in range(1, pages + 1):
        assert f"Side {page} av {pages}" in words_of(arrived[row], page)


@pytest.mark.parametrize("row", MAILED)
def test_what_is_read_on_a_screen_is_tagged_and_archivable(mailed: Arrived, row: int) -> None:
    with pikepdf.open(io.BytesIO(mailed[row])) as document:
        assert document.Root.MarkInfo.Marked
        assert b'pdfaid:part="3"' in bytes(document.Root.Metadata.read_bytes())


def test_the_letter_abroad_names_the_country(printed: Arrived) -> None:
    assert "TYSKLAND" in words_of(printed[5], 1).upper() or "GERMANY" in words_of(printed[5], 1).upper()
