"""The steps of a mailing whose rows have files of their own, as tests take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.environment import current
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.filer import upload
from fiks.utsending.filer.upload import Mottatt
from fiks.utsending.models import Opplasting
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from testmiljo.folders import LILLEVIK
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, rows_of
from tests.integration.utsending.kommuner import Kommune
from workers.lanes import do_portion

PER_RAD = LILLEVIK / "per_rad"
LETTERS = {path.name: path.read_bytes() for path in sorted(PER_RAD.glob("*.pdf"))}
LETTER = LETTERS["0001.pdf"]


def begin_per_rad(kommune: Kommune, **facts: object) -> UUID:
    """A mailing of this kind with nothing in it."""
    return begin(kommune, **({"art": Art.ETT_DOKUMENT_PER_RAD} | facts))


def add(kommune: Kommune, utsending_id: UUID, filer: Mapping[str, bytes], *, flere: bool = False) -> Mottatt:
    sent = [(name, [content]) for name, content in filer.items()]
    return upload.add_files(utsending_id, sent, flere=flere, actor=kommune.aktor("saksbehandler"))


def add_list(kommune: Kommune, utsending_id: UUID, path: Path = PER_RAD / "liste.xlsx") -> None:
    uploads.upload(
        utsending_id, "LISTE", path.name, [path.read_bytes()], actor=kommune.aktor("saksbehandler")
    )


def list_file(folder: Path, rows: Iterable[tuple[str, str]], **extra: str) -> Path:
    """A list of rows (navn, filnavn), each with the address it needs, and the same `extra` columns in all."""
    path = folder / "liste.csv"
    head = ["navn", "filnavn", "adresselinje1", "postnr", "poststed", *extra]
    lines = [[navn, filnavn, "Storgata 1", "4262", "AVALDSNES", *extra.values()] for navn, filnavn in rows]
    path.write_text("\r\n".join(";".join(line) for line in [head, *lines]) + "\r\n", encoding="utf-8")
    return path


def work_off(process: QuickProcess) -> None:
    """Let the worker unpack, look and read all there is."""
    session().rollback()
    while do_portion("liste", process) or do_portion("render", process):
        pass
    session().rollback()


def files_of(utsending_id: UUID) -> dict[str, Brevfil]:
    session().rollback()
    chosen = select(Brevfil).where(Brevfil.utsending_id == utsending_id).order_by(Brevfil.nr)
    return {fil.vist_navn: fil for fil in session().scalars(chosen)}


def sent_by(utsending_id: UUID) -> dict[int, list[str]]:
    """The names of the files each row sends, in order."""
    session().rollback()
    found = session().execute(
        select(Radfil.radnr, Brevfil.vist_navn)
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .where(Radfil.utsending_id == utsending_id)
        .order_by(Radfil.radnr, Radfil.nr)
    )
    rows: dict[int, list[str]] = {}
    for radnr, navn in found:
        rows.setdefault(radnr, []).append(navn)
    return rows


def codes(utsending_id: UUID) -> dict[int, list[str]]:
    """What is found wrong with each row's files and title."""
    return {
        row.radnr: [f["kode"] for f in row.funn if f["felt"] in ("filnavn", "tittel")]
        for row in rows_of(utsending_id)
    }


def upload_of(utsending_id: UUID, art: str) -> Opplasting | None:
    session().rollback()
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
    return session().scalars(chosen).one_or_none()


def stored() -> set[str]:
    """Every object in the store, by name."""
    store = current().store
    return {found.navn for day in store.days() for found in store.made_on(day)}
