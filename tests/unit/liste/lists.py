"""Factories for rows, files and register answers of the list tests. Everything is invented."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Virksomhet,
)
from fiks.utsending.liste.columns import KOLONNER
from fiks.utsending.liste.export import EXAMPLE
from fiks.utsending.liste.findings import Funn, Rad
from fiks.utsending.liste.rules.fast_path import FastPath
from fiks.utsending.liste.rules.row import check_row
from testmiljo.folders import LILLEVIK

FNR = EXAMPLE["fnr"]
FNR_WITH_ZERO = "04880256101"
ORGNR = "225840792"


def expected() -> dict[str, Any]:
    return json.loads((LILLEVIK / "expected.json").read_text("utf-8"))


def row(numbers: Sequence[str] = (), number: int = 2, **changes: str) -> Rad:
    """The example row with some values changed; `numbers` are the fields whose cell was a number."""
    values = {kolonne.felt: EXAMPLE.get(kolonne.felt, "") for kolonne in KOLONNER} | changes
    return Rad(number, number, values, frozenset(numbers))


def findings(numbers: Sequence[str] = (), **changes: str) -> list[tuple[str | None, str, str]]:
    """(field, code, severity) of what the example row gets when some values are changed."""
    return [(f.felt, f.kode.value, f.alvorlighet.value) for f in found(row(numbers, **changes))]


def only(numbers: Sequence[str] = (), **changes: str) -> Funn:
    """The single finding of the example row with some values changed."""
    (finding,) = found(row(numbers, **changes))
    return finding


def found(rad: Rad) -> list[Funn]:
    """What every rule finds in a row; with anything found it must not look right at a glance."""
    findings = check_row(rad)
    assert not findings or FastPath(list(rad.verdier)).values(rad) is None
    return findings


def text_file(folder: Path, content: str | bytes, name: str = "liste.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def workbook(folder: Path, rows: Sequence[Sequence[object]], name: str = "liste.xlsx") -> Path:
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(list(cells))
    path = folder / name
    book.save(path)
    return path


def edited_workbook(
    folder: Path, edit: Callable[[str, bytes], bytes], extra: Sequence[tuple[str, bytes]] = ()
) -> Path:
    """A small right workbook whose parts have been through `edit(name, content)`, with `extra` parts added."""
    raw = io.BytesIO()
    book = openpyxl.Workbook()
    for cells in (("navn", "fnr"), ("OLA NORDMANN", FNR)):
        book.active.append(cells)
    book.save(raw)
    path = folder / "liste.xlsx"
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, edit(name, source.read(name)))
        for name, content in extra:
            target.writestr(name, content)
    return path


def with_cells(cells: bytes) -> Callable[[str, bytes], bytes]:
    """An edit that adds raw row XML to the sheet."""

    def edit(name: str, content: bytes) -> bytes:
        return content.replace(b"</sheetData>", cells + b"</sheetData>") if "sheet1" in name else content

    return edit


def person(
    fnr: str = FNR,
    name: tuple[str, str | None, str] = ("RETTFERDIG", None, "TYTTEBÆR"),
    status: Personstatus = Personstatus.BOSATT,
    protection: Adressebeskyttelse = Adressebeskyttelse.UGRADERT,
) -> Person:
    return Person(fnr, name[0], name[1], name[2], status, protection)


def contact(fnr: str = FNR, **changes: Any) -> Kontaktinformasjon:
    return Kontaktinformasjon(**{"fnr": fnr, "registrert": True, "postkasse": "DIGIPOST", **changes})


def unit(name: str = "TAPPER MÅKE AS", status: Enhetstatus = Enhetstatus.FUNNET) -> Virksomhet:
    return Virksomhet(ORGNR, name, status, "AS")


class FakeRegister:
    """Answers from dictionaries and remembers how it was asked."""

    def __init__(
        self, *people: Person, contacts: Sequence[Kontaktinformasjon] = (), units: Sequence[Virksomhet] = ()
    ):
        self.people = {p.fnr: p for p in people}
        self.contacts = {c.fnr: c for c in contacts}
        self.units = {u.orgnr: u for u in units}
        self.asked: list[int] = []

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        self.asked.append(len(fnrs))
        return {n: self.people[n] for n in fnrs if n in self.people}

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        return {n: self.contacts[n] for n in fnrs if n in self.contacts}

    def virksomheter(self, orgnrs: Sequence[str], /) -> dict[str, Virksomhet]:
        return {n: self.units[n] for n in orgnrs if n in self.units}
