"""The check of uploaded PDFs: the given files, one fault at a time, and files made to harm."""

from __future__ import annotations

import json
import resource
from typing import Any

import pytest

from fiks.core.isolate import BarnFeil
from fiks.pdf import Alvorlighet, Pdfkontroll
from fiks.pdf import check_pdf as check_in_child
from fiks.pdf.check import check_pdf
from fiks.pdf.findings import from_wire, to_wire
from testmiljo.folders import LILLEVIK
from tests.unit.brev import naughty

EXPECTED: dict[str, dict[str, Any]] = json.loads((LILLEVIK / "expected.json").read_text("utf-8"))["pdf"]
A4_LYING = (naughty.A4[1], naughty.A4[0])


def codes(kontroll: Pdfkontroll) -> list[tuple[str, str, tuple[int, ...] | None]]:
    return [(f.kode, f.alvorlighet, f.sider) for f in kontroll.funn]


@pytest.mark.parametrize("name", EXPECTED)
def test_sv12_45_a_given_file_has_exactly_the_findings_it_was_made_for(name: str) -> None:
    expected = EXPECTED[name]

    kontroll = check_pdf((LILLEVIK / name).read_bytes(), giro_sider=expected.get("giroarkSider", ()))

    wanted = [
        (f["kode"], f["alvorlighet"], tuple(f["sider"]) if f["sider"] else None) for f in expected["funn"]
    ]
    assert codes(kontroll) == wanted
    assert kontroll.fonter_innebygd == expected.get("fonterInnebygd")
    if "passord" not in expected:
        assert kontroll.sider == expected["sider"]
    assert kontroll.kan_sendes == all(f["alvorlighet"] != "feil" for f in expected["funn"])


def test_a_margin_finding_tells_where_and_how_near_in_mm() -> None:
    funn = check_pdf((LILLEVIK / "brev_feil_marg.pdf").read_bytes()).funn[0]
    by_edge = {area.kant: area for area in funn.omrader}
    expected = EXPECTED["brev_feil_marg.pdf"]["margerSide2"]

    assert all(area.side == 2 for area in funn.omrader)
    assert abs(by_edge["venstre"].avstand - expected["venstre_mm"]) < 0.5
    assert abs(by_edge["topp"].avstand - expected["topp_mm"]) < 0.5


@pytest.mark.parametrize(
    ("rectangle", "edge", "gap"),
    [
        ((8, 100, 20, 20), "venstre", 8.0),
        ((190, 100, 14, 20), "hoyre", 6.0),
        ((100, 280, 20, 15), "topp", 2.0),
        ((100, 1, 20, 20), "bunn", 1.0),
    ],
)
def test_each_edge_is_measured(rectangle: tuple[float, float, float, float], edge: str, gap: float) -> None:
    funn = check_pdf(naughty.pdf(naughty.box(1, *rectangle))).funn

    assert [(f.kode, [a.kant for a in f.omrader]) for f in funn] == [("PDF_MARG", [edge])]
    assert abs(funn[0].omrader[0].avstand - gap) <= 0.3


def test_ten_mm_at_the_long_sides_and_three_at_the_short_ones_are_enough() -> None:
    assert check_pdf(naughty.pdf(naughty.box(1, 10, 3, 190, 291))).funn == ()


def test_on_a_lying_page_the_long_sides_are_above_and_below() -> None:
    good = check_pdf(naughty.pdf(naughty.box(1, 3, 10, 291, 190), size=A4_LYING))
    bad = check_pdf(naughty.pdf(naughty.box(1, 3, 5, 291, 195), size=A4_LYING))

    assert codes(good) == [("PDF_LIGGENDE", "advarsel", (1,))]
    assert [a.kant for a in bad.funn[1].omrader] == ["bunn"]


def test_a_page_of_another_size_is_named() -> None:
    assert codes(check_pdf(naughty.pdf(size=(612, 792)))) == [("PDF_STORRELSE", "advarsel", (1,))]


def test_a_page_as_large_as_a_wall_cannot_be_sent() -> None:
    assert codes(check_pdf(naughty.pdf(size=(14_000, 14_000)))) == [("PDF_STORRELSE", "feil", (1,))]


def test_too_many_pages_cannot_be_sent() -> None:
    kontroll = check_pdf(naughty.pdf(pages=4), max_sider=3)

    assert (kontroll.sider, codes(kontroll)) == (4, [("PDF_FOR_MANGE_SIDER", "feil", None)])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (naughty.javascript, "PDF_JAVASCRIPT"),
        (naughty.hidden_javascript, "PDF_JAVASCRIPT"),
        (naughty.launch, "PDF_HANDLING"),
        (naughty.embedded_file, "PDF_INNEBYGD_FIL"),
    ],
)
def test_content_that_acts_by_itself_cannot_be_sent(change: Any, code: str) -> None:
    kontroll = check_pdf(naughty.pdf(change))

    assert codes(kontroll) == [(code, "feil", None)]
    assert not kontroll.kan_sendes


def test_an_ordinary_link_is_no_finding() -> None:
    assert check_pdf(naughty.pdf(naughty.web_link)).funn == ()


def test_a_giro_page_that_does_not_exist_cannot_be_sent() -> None:
    assert codes(check_pdf(naughty.pdf(), giro_sider=[2])) == [("PDF_GIRO_SIDE", "feil", (2,))]


def test_sv12_45_the_back_of_a_giro_page_must_be_bare_when_printed_on_both_sides() -> None:
    full_back = naughty.pdf(naughty.box(2, 50, 50, 50, 50), pages=2)

    assert codes(check_pdf(full_back, giro_sider=[1])) == [("PDF_GIRO_BAKSIDE", "advarsel", (1,))]
    assert codes(check_pdf(full_back, giro_sider=[2])) == [("PDF_GIRO_BAKSIDE", "advarsel", (2,))]
    assert check_pdf(full_back, giro_sider=[1], tosidig=False).funn == ()
    assert check_pdf(naughty.pdf(pages=2), giro_sider=[1]).funn == ()


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"%PDF-1.7\n%%EOF", b"<html>", b"%PDF-1.4\n" + b"\x00" * 5_000]
)
def test_what_is_no_pdf_is_told_so(data: bytes) -> None:
    assert codes(check_pdf(data)) == [("PDF_UGYLDIG", "feil", None)]


def test_a_file_cut_in_the_middle_is_told_so() -> None:
    whole = (LILLEVIK / "brev_samme.pdf").read_bytes()

    assert codes(check_pdf(whole[: len(whole) // 3])) == [("PDF_UGYLDIG", "feil", None)]


@pytest.mark.parametrize("change", [naughty.form_in_itself, naughty.parents_in_a_ring])
def test_objects_that_hold_themselves_end(change: Any) -> None:
    assert check_pdf(naughty.pdf(change)).sider in (1, None)


@pytest.mark.parametrize("change", [naughty.pixel_flood, naughty.stream_bomb])
def test_a_bomb_ends_in_a_code_within_ten_seconds_of_a_processor_and_we_go_on(change: Any) -> None:
    bomb = naughty.pdf(change)
    before = used_by_children()

    try:
        kontroll = check_in_child(bomb)
    except BarnFeil as error:
        assert error.kode in {"BARN_DREPT", "BARN_TIDSAVBRUDD", "BARN_MINNE"}
    else:
        assert kontroll.sider in (1, None)

    assert used_by_children() - before < 14
    assert check_in_child(naughty.pdf()).funn == ()


def used_by_children() -> float:
    """Seconds of a processor that children which have ended used: how long they got to wait for it is not theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_findings_survive_the_pipe_and_a_json_column() -> None:
    kontroll = check_pdf((LILLEVIK / "brev_feil_marg.pdf").read_bytes())

    assert from_wire(json.loads(json.dumps(to_wire(kontroll)))) == kontroll
    assert check_in_child((LILLEVIK / "brev_feil_marg.pdf").read_bytes()) == kontroll
    assert kontroll.funn[0].alvorlighet is Alvorlighet.ADVARSEL
