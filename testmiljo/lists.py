"""`--rows N`: a folder of the same shape as a kommune's, with N generated rows and the registers that know them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from testmiljo.generator.expected import forventet, register
from testmiljo.generator.filer import csv_tekst, skriv, skriv_json, som_tekst
from testmiljo.generator.kommune import Kommune
from testmiljo.generator.rows import Fabrikk
from testmiljo.generator.words import KOLONNER

SEED = 9901
LEAST_ROWS = 60

LILLEVIK = Kommune(
    navn="Lillevik kommune",
    slug="lillevik",
    nr="9901",
    orgnr="311990039",
    kontonummer="99990212348",
    postadresse=("Bryggeplassen 1", "4262"),
    lokale=("4260", "4262", "4265", "4270", "4274", "5427", "5430"),
    promille=Decimal("3.1"),
    bunnfradrag=600_000,
    terminer=4,
    en_termin_under=1000,
    forfall=(date(2027, 3, 31), date(2027, 6, 30), date(2027, 9, 30), date(2027, 11, 30)),
    ref="LIL",
)


def make_folder(folder: Path, rows: int, seed: int = SEED) -> Path:
    """Write eiendomsskatt.csv and register.json with `rows` rows (at least 60) into `folder` and return it."""
    factory = Fabrikk(LILLEVIK, seed)
    made = factory.liste(max(rows, LEAST_ROWS))
    lines = [list(KOLONNER)] + [list(som_tekst(row).values()) for row, _ in made]
    skriv(folder / "eiendomsskatt.csv", csv_tekst(lines), "utf-8-sig")
    skriv_json(folder / "register.json", register(factory, {"eiendomsskatt": forventet(factory, made)}), None)
    return folder
