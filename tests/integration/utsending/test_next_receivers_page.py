"""A big PDF cut in the wrong place: what has another receiver's page in it is not sent, and honest letters are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest

from fiks.utsending.draft import confirm, service
from fiks.utsending.rows import queries
from fiks.utsending.samlet import trial
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett
from fiks.utsending.samlet.workers import read_rows as letter_rows
from fiks.utsending.sealed_values import row_values
from portal.utsending.findings_text import explain_letter_finding
from testmiljo.generator.samlet import Side, Tekst, write_letters
from testmiljo.samlet import make_uneven_pdf
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import (
    SAMLET,
    add_list,
    begin_with,
    expected,
    known_areas,
    letters_of,
    read_letters,
    set_up,
    two_pages,
    work,
)
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.unit.samlet.files import changed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("at_noon", "outside")]

OTHER, AFTER, UNREAD = "ANNEN_MOTTAKER", "NESTE_UTEN_MOTTAKER", "SIDE_ULEST"
MARK = Omrade(Feltnavn.MERKE, 1, 19, 16, 60, 5)
SENDER = ("Lillevik kommune", "Rådhusgata 1", "4274 STOL")


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def first(brev: dict[str, Any], mark: str = "Side 1 av 2", number: str | None = None) -> Side:
    """A letter's first page, as those of samlet.pdf; `mark` stands at the top."""
    return [
        *page((brev["navn"], *brev["adresse"]), brev["id"] if number is None else number),
        Tekst(155, 62, brev["eksternref"], 9),
        *([Tekst(20, 20, mark)] if mark else []),
    ]


def page(address: Sequence[str] = (), number: str | None = None) -> Side:
    """A page with this where first pages have their receiver."""
    lines = [Tekst(20, 52 + 5 * n, line) for n, line in enumerate(address)]
    return [*lines, *([Tekst(155, 57, number, 9)] if number else []), Tekst(20, 130, "Slik betaler du.")]


def written(path: Path, sider: Sequence[Side]) -> Path:
    used = {sign for side in sider for text in side for sign in text.tekst}
    write_letters(path, [sider], tittel="Eiendomsskatt 2027", tegn=used)
    return path


def found(utsending_id: UUID) -> dict[int, list[tuple[str, str, str]]]:
    """What the letters' later pages and neighbours were found to be: code, where and how grave, by letter."""
    return {
        row.radnr: told
        for row in rows_of(utsending_id)
        if (
            told := [
                (f["kode"], f["felt"], f["alvorlighet"])
                for f in row.funn
                if f["kode"] in (OTHER, AFTER, UNREAD)
            ]
        )
    }


def test_a_short_letter_among_those_of_two_pages_does_not_take_the_next_ones_first_page_along(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    path = tmp_path / "ulike.pdf"
    told = make_uneven_pdf(path, (2, 1, 3, 2))
    utsending_id = read_letters(kommune, process, path)
    rows = rows_of(utsending_id)
    assert row_values(rows[1])["navn"] == told[1]["navn"]
    assert found(utsending_id) == {2: [(OTHER, "Side 2", "feil"), (AFTER, None, "feil")]}
    assert {row.radnr for row in rows if row.status == "FEIL"} == {2, 3}
    saks = kommune.aktor("saksbehandler")
    service.park_bad_rows(utsending_id, True, actor=saks, antall=2)
    confirm.confirm_control(utsending_id, actor=saks)
    assert [row.status in ("OK", "ADVARSEL") for row in rows_of(utsending_id)] == [True, False, False, True]


@pytest.mark.parametrize(
    ("oppsett", "mark"),
    [
        (Oppsett(Kuttmate.TEKST, None, "Side 1 av", known_areas()), "Sidel av 2"),
        (Oppsett(Kuttmate.FYLT, None, "", (*known_areas(), MARK)), ""),
        (Oppsett(Kuttmate.ENDRET, None, "", (*known_areas(), MARK)), "Side 1 av 2"),
    ],
    ids=["text", "filled", "changed"],
)
def test_a_first_page_without_its_mark_stops_the_letter_it_went_into(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, oppsett: Oppsett, mark: str
) -> None:
    a, b, c = expected()["brev"][:3]
    pages = [first(a), page(), first(b, mark), page(), first(c, "Side 1 av 2 for sak 3"), page()]
    utsending_id = read_letters(kommune, process, written(tmp_path / "merker.pdf", pages), oppsett)
    assert [letter.sider for letter in letters_of(utsending_id)] == [4, 2]
    assert found(utsending_id) == {1: [(OTHER, "Side 3", "feil")]}
    assert [row.radnr for row in rows_of(utsending_id) if row.status == "FEIL"] == [1]


def test_a_receiver_told_again_on_page_two_and_the_kommunes_own_address_on_page_three_are_fine(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    pages = [
        side
        for b in expected()["brev"]
        for side in (first(b), page((b["navn"], *b["adresse"]), b["id"]), page(SENDER, "360673499"))
    ]
    path = written(tmp_path / "gjentatt.pdf", pages)
    utsending_id = read_letters(kommune, process, path, two_pages(sider=3))
    assert found(utsending_id) == {}


def test_the_first_letters_are_judged_by_all_of_the_file(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few letters have the kommune's own address on page two, and no batch has several of them."""
    monkeypatch.setattr(letter_rows, "BATCH_LETTERS", 2)
    told = expected()["brev"]
    pages = [side for n, b in enumerate(told) for side in (first(b), page(() if n % 2 else SENDER))]
    utsending_id = read_letters(kommune, process, written(tmp_path / "avsender.pdf", pages))
    assert len(told) > 3 * 2
    assert found(utsending_id) == {}


def test_a_label_over_the_letters_own_address_or_over_a_property_is_fine_and_over_another_stops(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    told = expected()["brev"]
    payer = [("Betalt av", b["navn"], *b["adresse"]) for b in told]
    payer[4] = ("Betalt av", "Kari Nordmann", "Storgata 1", "4262 AVALDSNES")
    pages = [
        side
        for n, (b, lines) in enumerate(zip(told, payer, strict=True))
        for side in (first(b), page(lines), page((f"Eiendom 3205-{n}/1/0/0", f"Fjellvegen {n}", "4274 STOL")))
    ]
    utsending_id = read_letters(
        kommune, process, written(tmp_path / "merkelapper.pdf", pages), two_pages(sider=3)
    )
    assert found(utsending_id) == {5: [(OTHER, "Side 2", "feil")]}


def test_the_number_of_another_on_page_two_stops_the_letter(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    a, b, _, d = expected()["brev"][:4]
    pages = [first(a), page(), first(b), page(number=d["id"]), first(d), page(number=d["id"])]
    utsending_id = read_letters(kommune, process, written(tmp_path / "numre.pdf", pages))
    assert found(utsending_id) == {2: [(OTHER, "Side 2", "feil")]}


def test_what_is_told_says_the_page_and_nothing_of_who_it_is(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    a, b = expected()["brev"][:2]
    path = written(tmp_path / "to.pdf", [first(a), first(b)])
    utsending_id = begin_with(kommune, path)
    work(process)
    actor = kommune.aktor("saksbehandler")
    [tried] = trial.try_out(utsending_id, two_pages(), actor=actor)
    assert (OTHER, "Side 2", "feil") in tried.funn
    set_up(kommune, utsending_id, process, two_pages())
    [row] = queries.rows(utsending_id, actor=actor)
    [funn] = [f for f in row.funn if f.kode == OTHER]
    assert funn.verdi == {}
    assert explain_letter_finding(funn).startswith("Side 2 i brevet ")


def test_a_key_of_another_in_the_extra_list_on_page_two_stops_the_letter(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    names, address, _, ref = known_areas()
    keyed = two_pages(omrader=(names, replace(ref, felt=Feltnavn.NOKKEL)))
    told = [b for b in expected()["brev"] if b["id"]][:4]
    key = [Tekst(155, 62, told[3]["eksternref"], 9)]
    own = [Tekst(155, 62, told[1]["eksternref"], 9)]
    pages = [first(told[0]), key, first(told[1]), own, first(told[2]), page()]
    utsending_id = begin_with(kommune, written(tmp_path / "nokler.pdf", pages))
    work(process)
    add_list(
        kommune, utsending_id, ["Fakturanr;Fødselsnr/orgnr", *(f"{b['eksternref']};{b['id']}" for b in told)]
    )
    work(process)
    set_up(kommune, utsending_id, process, keyed)
    assert found(utsending_id) == {1: [(OTHER, "Side 2", "feil")]}


def test_the_letter_before_one_that_begins_with_nobody_is_stopped_when_letters_are_of_fixed_length(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    """The third letter's first page is a scan, so nothing on it can be known; the page after it tells."""
    a, b, _, d = expected()["brev"][:4]
    scan: Side = [Tekst(20, 200, " ")]
    pages = [first(a), page(), first(b), scan, page(), page(), first(d), page()]
    utsending_id = read_letters(kommune, process, written(tmp_path / "nabo.pdf", pages))
    assert found(utsending_id) == {2: [(AFTER, None, "feil")]}
    assert [row.radnr for row in rows_of(utsending_id) if row.status == "FEIL"] == [2, 3]


def test_the_known_file_has_no_stranger_in_it(kommune: Kommune, process: QuickProcess) -> None:
    utsending_id = read_letters(kommune, process)
    assert found(utsending_id) == {}
    tried = trial.try_out(utsending_id, two_pages(), actor=kommune.aktor("saksbehandler"))
    assert not {kode for letter in tried for kode, _, _ in letter.funn} & {OTHER, AFTER}


def test_a_later_page_that_cannot_be_opened_may_be_anothers_and_stops_its_letter(
    kommune: Kommune, process: QuickProcess
) -> None:
    def no_page(pdf: pikepdf.Pdf) -> None:
        pdf.pages[3].obj["/Type"] = pikepdf.Name("/Annet")

    utsending_id = read_letters(kommune, process, changed(SAMLET.read_bytes(), no_page))
    assert found(utsending_id) == {2: [(UNREAD, "Side 2", "feil")]}
