"""Files made to hurt, as bytes, with the name they are sent under and the code they must be refused with."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from testmiljo.folders import LILLEVIK
from tests.unit.brev import naughty
from tests.unit.filer.zips import PDF, Entry, link, locked, make_zip, named
from tests.unit.liste.lists import edited_workbook, with_cells, workbook

GIGABYTE = 1024**3
EMPTY_LIST = b"navn;fnr;adresselinje1;postnr;poststed\r\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@dataclass(frozen=True)
class Fil:
    """`art` LISTE, DOKUMENT, SAMLET (one big PDF) or ZIP (of a document for each row); `lag` makes the content; `kode`
    is the refusal's.
    """

    art: str
    navn: str
    kode: str
    lag: Callable[[Path], bytes]


def given(name: str) -> Callable[[Path], bytes]:
    return lambda _: (LILLEVIK / name).read_bytes()


def plain(content: bytes) -> Callable[[Path], bytes]:
    return lambda _: content


def gigabyte_cell(folder: Path) -> bytes:
    """A workbook of about a megabyte whose only cell is a gigabyte of text."""
    raw = io.BytesIO()
    source = edited_workbook(folder, lambda _, content: content)
    with (
        zipfile.ZipFile(source) as small,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as big,
    ):
        for name in small.namelist():
            if "sheet1" not in name:
                big.writestr(name, small.read(name))
                continue
            head, tail = small.read(name).split(b"</sheetData>")
            with big.open(name, "w", force_zip64=True) as part:
                part.write(head + b'<row r="3"><c r="A3" t="inlineStr"><is><t>')
                block = b"O" * (16 * 1024 * 1024)
                for _ in range(GIGABYTE // len(block)):
                    part.write(block)
                part.write(b"</t></is></c></row></sheetData>" + tail)
    return raw.getvalue()


def zip_bomb(folder: Path) -> bytes:
    return edited_workbook(
        folder, lambda _, c: c, extra=[("xl/media/bilde.bin", b"\0" * 60_000_000)]
    ).read_bytes()


def formulas(folder: Path) -> bytes:
    return workbook(folder, [("navn", "fnr"), ("OLA", "=A2")]).read_bytes()


def cached_formula(folder: Path) -> bytes:
    cell = b'<row r="3"><c r="A3" t="str"><f>WEBSERVICE("http://x")</f><v>OLA</v></c></row>'
    return edited_workbook(folder, with_cells(cell)).read_bytes()


def zipped(*entries: Entry) -> Callable[[Path], bytes]:
    return lambda folder: make_zip(folder, entries).read_bytes()


def locked_zip(folder: Path) -> bytes:
    return locked(make_zip(folder, [("brev.pdf", PDF)])).read_bytes()


def zip_of_zeros(folder: Path) -> bytes:
    """Twenty kilobytes that unpack to twenty megabytes."""
    return make_zip(folder, [("bombe.pdf", PDF + bytes(20_000_000))]).read_bytes()


def ring_of_pages() -> bytes:
    """Pages of which one is its own ancestor."""

    def change(pdf: pikepdf.Pdf) -> None:
        pages = pdf.Root["/Pages"]
        pages["/Kids"].append(pages)

    return naughty.pdf(change, pages=4)


HOSTILE = (
    Fil("LISTE", "ikke_en.pdf", "FILTYPE_UKJENT", given("ikke_en.pdf")),
    Fil("LISTE", "liste.exe", "FILTYPE_UKJENT", plain(EMPTY_LIST)),
    Fil("LISTE", "liste.xlsm", "FILTYPE_UKJENT", plain(EMPTY_LIST)),
    Fil("LISTE", "liste", "FILTYPE_UKJENT", plain(EMPTY_LIST)),
    Fil("LISTE", "tom.csv", "FIL_TOM", plain(b"")),
    Fil("LISTE", "liste.csv", "INNHOLD_PASSER_IKKE", given("brev_samme.pdf")),
    Fil("LISTE", "liste.xlsx", "INNHOLD_PASSER_IKKE", plain(EMPTY_LIST)),
    Fil("LISTE", "passord.xlsx", "FIL_PASSORD", plain(OLE + "EncryptedPackage".encode("utf-16-le"))),
    Fil("LISTE", "bombe.xlsx", "FIL_ZIPBOMBE", zip_bomb),
    Fil("LISTE", "stor.xlsx", "FIL_ZIPBOMBE", gigabyte_cell),
    Fil("LISTE", "formler.xlsx", "FORMELCELLE", formulas),
    Fil("LISTE", "formel.xlsx", "FORMELCELLE", cached_formula),
    Fil("DOKUMENT", "brev.csv", "PDF_FILTYPE", given("brev_samme.pdf")),
    Fil("DOKUMENT", "ikke_en.pdf", "PDF_UGYLDIG", given("ikke_en.pdf")),
    Fil("DOKUMENT", "brev_passord.pdf", "PDF_PASSORD", given("brev_passord.pdf")),
    Fil("DOKUMENT", "liste.pdf", "PDF_UGYLDIG", zip_bomb),
    Fil("SAMLET", "brev.csv", "PDF_FILTYPE", given("brev_samme.pdf")),
    Fil("SAMLET", "ikke_en.pdf", "PDF_UGYLDIG", given("ikke_en.pdf")),
    Fil("SAMLET", "tom.pdf", "FIL_TOM", plain(b"")),
    Fil("SAMLET", "brev_passord.pdf", "PDF_PASSORD", given("brev_passord.pdf")),
    Fil("SAMLET", "liste.pdf", "PDF_UGYLDIG", zip_bomb),
    Fil("SAMLET", "skript.pdf", "PDF_JAVASCRIPT", plain(naughty.pdf(naughty.javascript, pages=4))),
    Fil("SAMLET", "fil_inni.pdf", "PDF_INNEBYGD_FIL", plain(naughty.pdf(naughty.embedded_file, pages=4))),
    Fil("SAMLET", "ring.pdf", "PDF_UGYLDIG", plain(ring_of_pages())),
    Fil("ZIP", "ikke_en.zip", "ZIP_UGYLDIG", given("brev_samme.pdf")),
    Fil("ZIP", "passord.zip", "ZIP_PASSORD", locked_zip),
    Fil("ZIP", "bombe.zip", "ZIP_BOMBE", zip_of_zeros),
    Fil("ZIP", "opp.zip", "ZIP_STI", zipped(("god.pdf", PDF), (named("../../etc/passwd.pdf"), PDF))),
    Fil("ZIP", "lenke.zip", "ZIP_LENKE", zipped(("god.pdf", PDF), (link("brev.pdf"), b"/etc/passwd"))),
    Fil("ZIP", "dobbel.zip", "ZIP_NAVN_DOBBELT", zipped(("a/brev.pdf", PDF), ("b/brev.pdf", PDF))),
    Fil("ZIP", "tom.zip", "ZIP_TOM", zipped()),
)

NAMES = (
    "../../../../etc/passwd.csv",
    "..\\..\\windows\\win.csv",
    "/etc/cron.d/x.csv",
    "CON.csv",
    "a%0d%0aSet-Cookie: x=1.csv",
    "\u202evsc.exe.csv",
    "<script>alert(1)</script>.csv",
    "{{ 7 * 7 }}.csv",
    "x" * 300 + ".csv",
    "17912099997.csv",
)
"""Names somebody might send; the last is a personal number."""
