"""Big PDFs for «Én stor PDF»: the letters of a generated list in one file, and what a right reading of them finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fiks.core.values.address import country_line
from testmiljo.generator.rows import Fabrikk
from testmiljo.generator.samlet import Side, Tekst, write_letters
from testmiljo.lists import LEAST_ROWS, LILLEVIK, SEED

OMRADER: Mapping[str, tuple[float, float, float, float]] = {
    "navn": (19.0, 48.2, 100.0, 5.0),
    "adresse": (19.0, 53.2, 100.0, 27.0),
    "id": (154.0, 53.2, 36.0, 5.0),
    "ref": (154.0, 58.2, 36.0, 5.0),
}
"""Where a letter's first page has its texts, in mm: left, top, width, height."""

_LINE = (
    "Kommunen regner ut eiendomsskatten av takst, bunnfradrag og skattesats. Du kan klage innen seks uker."
)


def make_big_pdf(
    path: Path, letters: int, pages: int = 2, *, seed: int = SEED, merket: bool = False
) -> list[dict[str, Any]]:
    """Write `letters` letters of `pages` pages each to `path`; returns what should be read from each."""
    return make_uneven_pdf(path, [pages] * letters, seed=seed, merket=merket)


def make_uneven_pdf(
    path: Path, pages: Sequence[int], *, seed: int = SEED, merket: bool = False
) -> list[dict[str, Any]]:
    """As `make_big_pdf`, with so many pages in each letter."""
    made = Fabrikk(LILLEVIK, seed).liste(max(len(pages), LEAST_ROWS))[: len(pages)]
    rows = [row for row, _ in made]
    used = {sign for row in rows for line in (row["navn"], *address_lines(row)) for sign in line}
    written = (_letter(row, count) for row, count in zip(rows, pages, strict=True))
    write_letters(path, written, tittel="Eiendomsskatt 2027", tegn=used, merket=merket)
    return [_expected(row) for row in rows]


def _expected(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "navn": row["navn"],
        "adresse": address_lines(row),
        "id": row["fnr"] or row["orgnr"] or None,
        "ref": row["eksternref"],
    }


def address_lines(row: Mapping[str, Any]) -> list[str]:
    """The lines under the name, as printed."""
    lines = [
        *(row[f"adresselinje{n}"] for n in (1, 2, 3)),
        f"{row['postnr']} {row['poststed']}".strip(),
        country_line(str(row["land"])),
    ]
    return [line for line in lines if line]


def _letter(row: Mapping[str, Any], pages: int) -> Sequence[Side]:
    return [_first(row, pages), *(_next(n, pages) for n in range(2, pages + 1))]


def _first(row: Mapping[str, Any], pages: int) -> Side:
    facts = (
        ("Dato", "22.02.2027"),
        ("Org.nr." if row["orgnr"] else "Fødselsnr.", row["fnr"] or row["orgnr"]),
        ("Vår ref.", row["eksternref"]),
        ("KID", row["kid"]),
    )
    return [
        Tekst(42, 20, LILLEVIK.navn, 15),
        Tekst(20, 52, row["navn"], 10.5),
        *(Tekst(20, 57 + 5 * n, line, 10.5) for n, line in enumerate(address_lines(row))),
        *(Tekst(130, 52 + 5 * n, name, 9) for n, (name, _) in enumerate(facts)),
        *(Tekst(155, 52 + 5 * n, value, 9) for n, (_, value) in enumerate(facts) if value),
        Tekst(20, 100, "Eiendomsskatt 2027 – skatteseddel", 14),
        Tekst(20, 112, f"Takst {row['takst']} kr, skatt for året {row['skatt_aar']} kr"),
        *_body(120),
        Tekst(175, 285, f"Side 1 av {pages}", 8),
    ]


def _next(number: int, pages: int) -> Side:
    return [
        Tekst(20, 25, "Klage, offentlig ettersyn og betaling", 14),
        *_body(40),
        Tekst(175, 285, f"Side {number} av {pages}", 8),
    ]


def _body(top: float) -> Iterator[Tekst]:
    return (Tekst(20, top + 6 * n, _LINE, 9) for n in range(int((270 - top) / 6)))
