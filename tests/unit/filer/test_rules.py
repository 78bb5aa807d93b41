"""Giro pages, and findings in many files told as one."""

from __future__ import annotations

import pytest

from fiks.pdf.findings import Alvorlighet, Omrade, PdfFunn, PdfKode, Pdfkontroll
from fiks.utsending.filer.rules import (
    Funngruppe,
    Giroside,
    Girovalg,
    giro_from_wire,
    group_from_key,
    groups_of,
)

A, F = Alvorlighet.ADVARSEL, Alvorlighet.FEIL


@pytest.mark.parametrize(
    ("choice", "two", "three"),
    [
        (Girovalg(), (), ()),
        (Girovalg(Giroside.SISTE), (2,), (3,)),
        (Girovalg(Giroside.NUMMER, 3), (), (3,)),
        (Girovalg(Giroside.NUMMER, 1), (1,), (1,)),
    ],
)
def test_the_giro_page_of_a_document_of_two_and_of_three_pages(
    choice: Girovalg, two: tuple[int, ...], three: tuple[int, ...]
) -> None:
    assert choice.pages_of(2) == two
    assert choice.pages_of(3) == three
    assert giro_from_wire(choice.to_wire()) == choice


def test_nothing_chosen_is_no_giro_page() -> None:
    assert giro_from_wire(None).pages_of(3) == ()
    assert giro_from_wire({}).pages_of(3) == ()


def margin(side: int, kant: str, avstand: float) -> Omrade:
    return Omrade(side, 0.0, 0.0, 1.0, 1.0, kant, avstand)


def keys(*funn: PdfFunn) -> list[list[str]]:
    return [[group.nokkel for group in groups] for _, groups in groups_of(Pdfkontroll(2, True, funn))]


def test_a_margin_is_told_by_page_edge_and_whole_millimetres() -> None:
    areas = (
        margin(1, "venstre", 6.0),
        margin(1, "topp", 2.4),
        margin(2, "venstre", 0.0),
        margin(1, "venstre", 6.3),
    )
    assert keys(PdfFunn(PdfKode.PDF_MARG, A, (1, 2), areas)) == [
        ["PDF_MARG:1:topp:1", "PDF_MARG:1:venstre:4", "PDF_MARG:2:venstre:10"]
    ]


def test_the_long_sides_of_a_landscape_page_are_its_top_and_bottom() -> None:
    lying = PdfFunn(PdfKode.PDF_LIGGENDE, A, (1,))
    narrow = PdfFunn(PdfKode.PDF_MARG, A, (1,), (margin(1, "topp", 6.0), margin(1, "venstre", 1.0)))
    assert keys(lying, narrow) == [["PDF_LIGGENDE:1"], ["PDF_MARG:1:topp:4", "PDF_MARG:1:venstre:2"]]


def test_other_findings_are_told_by_page_or_by_file() -> None:
    font, locked = PdfFunn(PdfKode.PDF_FONT_IKKE_INNEBYGD, A, (2, 1)), PdfFunn(PdfKode.PDF_PASSORD, F)
    assert keys(font, locked) == [["PDF_FONT_IKKE_INNEBYGD:1", "PDF_FONT_IKKE_INNEBYGD:2"], ["PDF_PASSORD"]]


@pytest.mark.parametrize(
    "group",
    [Funngruppe("PDF_PASSORD"), Funngruppe("PDF_LIGGENDE", 12), Funngruppe("PDF_MARG", 1, "venstre", 4)],
)
def test_a_group_is_found_again_by_its_key(group: Funngruppe) -> None:
    assert group_from_key(group.nokkel) == group


@pytest.mark.parametrize(
    "key", ["", "'; drop table", "PDF_MARG:x", "PDF_MARG:1:venstre", "pdf", "PDF_MARG:1:venstre:4:5"]
)
def test_what_is_no_key_is_no_group(key: str) -> None:
    assert group_from_key(key) is None
