"""A page of a big PDF that no child could read is no empty page: nobody's letter is cut into another's for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest

from fiks.core.db import session
from fiks.core.isolate import Barn, BarnUtilgjengelig, Grenser
from fiks.pdf.cut import large_file
from fiks.utsending.jobs import backoff
from fiks.utsending.jobs import queue as pieces
from fiks.utsending.samlet import queries, service, trial
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett
from fiks.utsending.samlet.workers import cut
from fiks.utsending.sealed_values import row_values
from portal.texts import tekst
from testmiljo.samlet import make_uneven_pdf
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import (
    SAMLET,
    begin_with,
    expected,
    known_areas,
    letters_of,
    pieces_of,
    read_letters,
    set_up,
    two_pages,
    upload_of,
    work,
)
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.unit.samlet.files import changed

pytestmark = [pytest.mark.usefixtures("at_noon", "outside"), pytest.mark.slow]
PAGES = (1, 3, 2, 4)
FIRST = 5
"""Letters of so many pages; the third begins on this one."""
ALWAYS = 1_000
BY_TEXT = Oppsett(Kuttmate.TEKST, None, "Side 1 av", known_areas())
SENDER, REFERENCE = Omrade(Feltnavn.MERKE, 1, 40, 14, 80, 6.5), Omrade(Feltnavn.MERKE, 1, 154, 59.6, 36, 2.6)
"""Where following pages have nothing."""
BY_WHAT_IS_THERE = Oppsett(Kuttmate.FYLT, None, "", (*known_areas(), SENDER))
BY_WHAT_IS_NEW = Oppsett(Kuttmate.ENDRET, None, "", (*known_areas(), REFERENCE))
ON_PAGES = pytest.mark.parametrize(
    "oppsett", [BY_TEXT, BY_WHAT_IS_THERE, BY_WHAT_IS_NEW], ids=["text", "filled", "changed"]
)


class Machine:
    """The machine that children run on: whom it kills, and whether it has new ones to give."""

    def __init__(self) -> None:
        self.gone = False
        self._times, self._function, self._number, self._goes = 0, "", 0, False

    def kills(self, function: str, number: int = 0, times: int = ALWAYS, *, goes: bool = False) -> None:
        """Kill so many children that are asked for this of this page, or of the letter that begins on it (0: of any).

        `goes`: and have no others then.
        """
        self._times, self._function, self._number, self._goes = times, function, number, goes

    def heals(self) -> None:
        self.gone, self._times = False, 0

    def takes(self, name: str, wanted: Any) -> bool:
        """Whether it takes the child that is asked for this."""
        things = wanted if isinstance(wanted, list) else []
        numbers = [thing[0] if isinstance(thing, list) else thing for thing in things]
        meant = name.endswith(f":{self._function}") and self._number in (0, *numbers)
        if meant and self._times:
            self._times -= 1
            self.gone = self._goes
            return True
        return False


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()

    class Child(Barn):
        def __init__(self, grenser: Grenser, files: tuple[int, ...] = ()) -> None:
            if made.gone:
                raise BarnUtilgjengelig("BARN_STARTER_IKKE")
            super().__init__(grenser, files)

        def call(self, name: str, *args: Any) -> Any:
            if made.takes(name, args[1]):
                self.process.kill()
            return super().call(name, *args)

    monkeypatch.setattr(large_file, "Barn", Child)
    return made


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


@pytest.fixture
def uneven(kommune: Kommune, process: QuickProcess, tmp_path: Path) -> UUID:
    """Letters of different length, looked through and not yet set up."""
    path = tmp_path / "ulike.pdf"
    make_uneven_pdf(path, PAGES)
    utsending_id = begin_with(kommune, path)
    work(process)
    return utsending_id


def lengths(utsending_id: UUID) -> list[int | None]:
    return [letter.sider for letter in letters_of(utsending_id)]


def given_back(process: QuickProcess) -> None:
    """Work until no child can be had, and give the piece back as a worker does."""
    with pytest.raises(BarnUtilgjengelig):
        work(process)
    session().rollback()
    with process.app.app_context():
        pieces.release_claim(counts=False)


def scanned(pdf: pikepdf.Pdf) -> None:
    """The third letter's first page is a picture of itself."""
    scan = pdf.make_stream(bytes(100), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    scan.Width, scan.Height, scan.BitsPerComponent, scan.ColorSpace = 10, 10, 8, pikepdf.Name.DeviceGray
    page = pdf.pages[FIRST - 1].obj
    page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=scan))
    page["/Contents"] = pdf.make_stream(b"q 500 0 0 700 50 50 cm /I Do Q")


def healed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.heals()
    monkeypatch.setattr(backoff, "_until", {})


@ON_PAGES
def test_a_page_that_cannot_be_read_cuts_nothing_and_is_named(
    kommune: Kommune, process: QuickProcess, uneven: UUID, machine: Machine, oppsett: Oppsett
) -> None:
    machine.kills("text_wire", FIRST)
    set_up(kommune, uneven, process, oppsett)
    assert (letters_of(uneven), rows_of(uneven)) == ([], [])
    state = queries.state(uneven, actor=kommune.aktor("saksbehandler"))
    assert (state.feilkode, state.feilparams) == ("SIDE_KAN_IKKE_LESES", {"side": FIRST})
    assert tekst("SIDE_KAN_IKKE_LESES", side=FIRST).startswith("Side 5 i filen kan ikke leses.")


@ON_PAGES
def test_a_scanned_page_is_told_of_in_the_letter_it_went_into_and_may_be_another_letters_first(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, oppsett: Oppsett
) -> None:
    path = tmp_path / "skannet.pdf"
    make_uneven_pdf(path, PAGES)
    utsending_id = begin_with(kommune, changed(path.read_bytes(), scanned))
    work(process)
    set_up(kommune, utsending_id, process, oppsett)
    told = {letter.nr: [(f["kode"], f["sider"]) for f in letter.funn] for letter in letters_of(utsending_id)}
    assert lengths(utsending_id) == [1, 5, 4]
    assert told == {1: [], 2: [("PDF_SIDE_UTEN_TEKST", [4])], 3: []}


@ON_PAGES
def test_once_it_can_be_read_the_letters_are_cut(
    kommune: Kommune, process: QuickProcess, uneven: UUID, machine: Machine, oppsett: Oppsett
) -> None:
    machine.kills("text_wire", FIRST)
    set_up(kommune, uneven, process, oppsett)
    machine.heals()
    service.cut_again(uneven, actor=kommune.aktor("saksbehandler"))
    work(process)
    assert lengths(uneven) == [*PAGES]


@pytest.mark.parametrize("function", ["text_wire", "cut_wire"])
def test_a_page_or_letter_whose_children_were_killed_by_chance_is_asked_for_once_more(
    kommune: Kommune, process: QuickProcess, uneven: UUID, machine: Machine, function: str
) -> None:
    machine.kills(function, FIRST, times=2)
    set_up(kommune, uneven, process, BY_TEXT)
    assert lengths(uneven) == [*PAGES]
    assert {letter.status for letter in letters_of(uneven)} == {"LEST"}


@pytest.mark.parametrize(
    ("oppsett", "function"),
    [(BY_TEXT, "text_wire"), (BY_TEXT, "cut_wire"), (two_pages(), "text_wire")],
    ids=["looking for first pages", "cutting", "reading"],
)
def test_without_children_the_piece_waits_and_loses_nothing(
    kommune: Kommune,
    process: QuickProcess,
    uneven: UUID,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    oppsett: Oppsett,
    function: str,
) -> None:
    machine.kills(function, FIRST, goes=True)
    service.set_up(uneven, oppsett, actor=kommune.aktor("saksbehandler"))
    given_back(process)
    waiting = [piece for art in ("KUTT", "LES") for piece in pieces_of(uneven, art)][-1]
    assert (waiting.status, waiting.forsok, waiting.feilkode) == ("KLAR", 0, None)
    healed(machine, monkeypatch)
    work(process)
    assert lengths(uneven) == ([*PAGES] if oppsett is BY_TEXT else [2] * 5)
    assert {letter.status for letter in letters_of(uneven)} == {"LEST"}
    assert "SIDE_UTEN_TEKST" not in [found["kode"] for row in rows_of(uneven) for found in row.funn]


def test_the_search_that_goes_on_needs_the_page_it_left_off_at(
    kommune: Kommune,
    process: QuickProcess,
    uneven: UUID,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without what it says, the rest of the letter under way would be another's, or another's a part of it."""
    monkeypatch.setattr(cut, "PAGES_PER_SEARCH", 4)
    machine.kills("text_wire", FIRST, goes=True)
    service.set_up(uneven, BY_WHAT_IS_NEW, actor=kommune.aktor("saksbehandler"))
    given_back(process)
    healed(machine, monkeypatch)
    machine.kills("text_wire", 2)
    work(process)
    state = queries.state(uneven, actor=kommune.aktor("saksbehandler"))
    assert (state.feilkode, state.feilparams, state.brev) == ("SIDE_KAN_IKKE_LESES", {"side": 2}, 0)


def test_an_upload_whose_child_was_killed_once_is_looked_through(
    kommune: Kommune, process: QuickProcess, machine: Machine
) -> None:
    machine.kills("inspect_wire", times=1)
    utsending_id = begin_with(kommune)
    work(process)
    assert (upload_of(utsending_id).status, upload_of(utsending_id).feilkode) == ("LEST", None)


@pytest.mark.parametrize("function", ["inspect_wire", "characters_wire", "picture_wire"])
def test_without_children_an_upload_waits_to_be_looked_through(
    kommune: Kommune,
    process: QuickProcess,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
) -> None:
    machine.kills(function, goes=True)
    utsending_id = begin_with(kommune)
    stored = upload_of(utsending_id).objekt
    given_back(process)
    upload = upload_of(utsending_id)
    assert (upload.status, upload.feilkode, upload.objekt) == ("MOTTATT", None, stored)
    healed(machine, monkeypatch)
    work(process)
    upload = upload_of(utsending_id)
    assert (upload.status, len(upload.form["bilder"]), upload.form["forslag"]["sider"]) == ("LEST", 12, 2)


def test_a_letter_whose_page_cannot_be_read_is_an_error_row_with_nobodys_values(
    kommune: Kommune, process: QuickProcess, machine: Machine
) -> None:
    machine.kills("text_wire", FIRST)
    utsending_id = read_letters(kommune, process)
    rows = rows_of(utsending_id)
    assert [row.radnr for row in rows if row.status == "FEIL"] == [3]
    assert {(f["kode"], f["alvorlighet"]) for f in rows[2].funn} >= {("SIDE_UTEN_TEKST", "feil")}
    names = [letter["navn"] for letter in expected()["brev"]]
    assert [row_values(row).get("navn", "") for row in rows] == [*names[:2], "", *names[3:]]


def no_page(pdf: pikepdf.Pdf) -> None:
    """What should be the third page calls itself something else, and is not opened."""
    pdf.pages[2].obj["/Type"] = pikepdf.Name("/Annet")


def test_a_page_that_cannot_be_opened_is_one_that_cannot_be_read(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = read_letters(kommune, process, changed(SAMLET.read_bytes(), no_page))
    rows = rows_of(utsending_id)
    assert [row.radnr for row in rows if row.status == "FEIL"] == [2]
    set_up(kommune, utsending_id, process, Oppsett(Kuttmate.TEKST, None, "1/2", known_areas()))
    state = queries.state(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert (state.feilkode, state.feilparams) == ("SIDE_KAN_IKKE_LESES", {"side": 3})


def test_letters_are_tried_up_to_a_page_that_could_not_be_looked_at(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_with(kommune, changed(SAMLET.read_bytes(), no_page))
    work(process)
    tried = trial.try_out(utsending_id, two_pages(), actor=kommune.aktor("saksbehandler"))
    assert [letter.side for letter in tried] == [1]
