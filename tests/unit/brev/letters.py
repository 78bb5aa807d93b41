"""What the tests of letters share: a kommune, a mailing, rows of the given list, and where the fonts are."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pypdfium2

from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, vet_svg
from testmiljo.folders import LILLEVIK

ROOT = Path(__file__).resolve().parents[3]
FONTS = ROOT / "portal" / "static" / "vendor" / "fonts"
NBSP = "\u00a0"


def lillevik(**changes: object) -> Avsender:
    avsender = Avsender(
        navn="Lillevik kommune",
        orgnr="311990039",
        kommunenr="9901",
        adresselinjer=("Bryggeplassen 1",),
        postnr="4262",
        poststed="AVALDSNES",
        epost="eiendomsskatt@lillevik.kommune.example",
        telefon="00 00 00 00",
        apningstid="Mandag–fredag kl. 9–15",
        nett="lillevik.kommune.example",
        logo=vet_svg((LILLEVIK / "logo.svg").read_bytes()),
    )
    return replace(avsender, **changes)


def mailing(avsender: Avsender | None = None, **changes: object) -> Brevkontekst:
    kontekst = Brevkontekst(
        avsender=avsender or lillevik(),
        tittel="Eiendomsskatt 2027",
        sendt=date(2027, 2, 22),
        kunngjort=date(2027, 3, 1),
    )
    return replace(kontekst, **changes)


def template(source: str, nn: str | None = None) -> Brevmal:
    return Brevmal(source, nn, "((tittel))")


@cache
def given_rows() -> tuple[dict[str, str], ...]:
    with (LILLEVIK / "eiendomsskatt.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file, delimiter=";"))


def given(ref: str) -> dict[str, str]:
    return dict(next(row for row in given_rows() if row["eksternref"] == f"LIL-2027-{ref}"))


def row(**changes: str) -> dict[str, str]:
    return {**given("000166"), **changes}


def text_of(pdf: bytes, page: int | None = None) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = range(len(document)) if page is None else [page - 1]
        text = "\n".join(document[n].get_textpage().get_text_bounded() for n in pages)
    return text.replace("\r\n", "\n")


def words_of(pdf: bytes, page: int | None = None) -> str:
    """The text with every run of white space as one space, no-break spaces too."""
    return " ".join(text_of(pdf, page).split())


def box_of(pdf: bytes, text: str, page: int = 1) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) in mm from the upper left corner of where a text stands on a page."""
    with pypdfium2.PdfDocument(pdf) as document:
        sheet = document[page - 1]
        height = sheet.get_height()
        textpage = sheet.get_textpage()
        index, count = textpage.search(text, match_case=True).get_next()
        boxes = [
            textpage.get_charbox(n)
            for n in range(index, index + count)
            if textpage.get_text_range(n, 1).strip()
        ]
    left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
    mm = 25.4 / 72
    return left * mm, (height - top) * mm, right * mm, (height - bottom) * mm
