"""5 000 finished letters, one for each row: uploaded as a zip with their list, checked, tied to the rows, and made.

Measured on the real stack in processes of its own, from the portal's form to letters that wait to be approved.
"""

from __future__ import annotations

import csv
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.measure import Watch
from benchmarks.report import Figure, Report
from benchmarks.running import platform
from benchmarks.visitor import Visitor
from fiks.core import clock
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.utsending.draft import service
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.rules import Art, Utsendingstatus
from testmiljo import mailing
from testmiljo.demo import LILLEVIK, Kommune, set_up
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.stack import Stack

FOLDER = VAR / "benchmarks"
LETTERS, QUICK_LETTERS = 5_000, 200
WEB_MIB, CHILD_MIB = 300.0, 512.0
CHILD = "isolate_child"
LIST, ZIP = "liste.csv", "brev.zip"


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` on 200 letters."""
    letters = QUICK_LETTERS if quick else LETTERS
    folder = make_folder(FOLDER / f"lister-{letters}", letters)
    _make_files(folder)
    with platform(FOLDER / "perrad") as (stack, app):
        kommune = set_up(app, stack, folder)[0]
        stack.start_product()
        with app.app_context():
            return Report(
                f"{letters} letters, a file for each row", _measure(stack, kommune, folder, letters)
            )


def _make_files(folder: Path) -> None:
    """The list with a column of file names, and a zip with a PDF of each name, no two alike."""
    pdf = (LILLEVIK / "brev_samme.pdf").read_bytes()
    with (folder / "eiendomsskatt.csv").open(encoding="utf-8-sig", newline="") as source:
        head, *rows = csv.reader(source, delimiter=";")
    with (folder / LIST).open("w", encoding="utf-8-sig", newline="") as made:
        lines = csv.writer(made, delimiter=";")
        lines.writerow([*head, "filnavn"])
        lines.writerows([*row, _name(n)] for n, row in enumerate(rows, 1))
    with zipfile.ZipFile(folder / ZIP, "w", zipfile.ZIP_STORED) as archive:
        for n in range(1, len(rows) + 1):
            archive.writestr(_name(n), pdf + b"%% brev %d\n" % n)


def _name(n: int) -> str:
    return f"{n:05}.pdf"


def _measure(stack: Stack, kommune: Kommune, folder: Path, letters: int) -> list[Figure]:
    pid = next(p.pid for p in kommune.people if p.rolle == "Saksbehandler")
    utsending_id = _draft(kommune)
    visitor = Visitor(stack.base_url)
    visitor.log_in(pid)
    page = f"/utsendinger/{utsending_id}"
    taken: dict[str, float] = {}
    groups = {name: child.pid for name, child in stack.children.items()}
    with Watch(groups, lambda command: "child" if CHILD in command else None) as watch:
        taken["zip"] = visitor.upload(f"{page}/brev", folder / ZIP, action=f"{page}/brev/zip", felt="zip")
        with _timed(taken, "files"):
            mailing.wait_for("the files are checked", lambda: _unread(utsending_id) == (letters, 0))
        visitor.upload(f"{page}/mottakere", folder / LIST)
        with _timed(taken, "list"):
            mailing.wait_for("the list is read", _is_read(utsending_id))
        right = _right(utsending_id)
        with _timed(taken, "letters"):
            mailing.control_and_produce(kommune.seeded, utsending_id)
            mailing.wait_for(
                "the letters", lambda: mailing.status(utsending_id) is Utsendingstatus.TIL_GODKJENNING
            )
    size = (folder / ZIP).stat().st_size / 2**20
    return [
        Figure("the zip", size, "MB"),
        Figure("upload", taken["zip"], "s"),
        Figure("unpacked and checked", letters / taken["files"], "files/s"),
        Figure("list read, tied, controlled", taken["list"], "s"),
        Figure("rows with exactly their own file", right, "rows", letters, at_least=True),
        Figure("cover sheets made and hashed", letters / taken["letters"], "letters/s"),
        Figure("portal, most memory", watch.peak("portal"), "MiB", WEB_MIB),
        Figure("worker, most memory", watch.peak("pdf"), "MiB"),
        Figure("child, most memory", watch.peak("child"), "MiB", CHILD_MIB),
    ]


@contextmanager
def _timed(taken: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    taken[what] = time.monotonic() - began


def _draft(kommune: Kommune) -> UUID:
    """A draft that waits for its files and its list."""
    seeded = kommune.seeded
    facts = service.Fakta(
        tittel="Eiendomsskatt 2027",
        art=Art.ETT_DOKUMENT_PER_RAD,
        brevdato=clock.now().astimezone(OSLO).date(),
    )
    maker = mailing.actor(seeded, "Saksbehandler")
    return service.create_utsending(seeded.kontoer["Eiendomsskatt"], facts, actor=maker)


def _unread(utsending_id: UUID) -> tuple[int, int]:
    """(files there are, files nobody has looked into)."""
    session().rollback()
    counted = select(func.count(), func.count().filter(Brevfil.status == "MOTTATT")).where(
        Brevfil.utsending_id == utsending_id
    )
    there, unread = session().execute(counted).one()
    return there, unread


def _is_read(utsending_id: UUID) -> Callable[[], bool]:
    def read() -> bool:
        status, code = mailing.list_state(utsending_id)
        if status == "FEILET":
            raise RuntimeError(f"the list was refused: {code}")
        return status == "LEST"

    return read


def _right(utsending_id: UUID) -> int:
    """Rows that send one file: the one of their own number."""
    session().rollback()
    sent = (
        session()
        .execute(
            select(Radfil.radnr, Brevfil.vist_navn, Brevfil.status)
            .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
            .where(Radfil.utsending_id == utsending_id)
        )
        .all()
    )
    first = min((row.radnr for row in sent), default=0)
    right = {
        row.radnr for row in sent if row.vist_navn == _name(row.radnr - first + 1) and row.status == "LEST"
    }
    return len(right) - (len(sent) - len({row.radnr for row in sent}))
