"""F34: a mailing's files while workers are killed in the middle of them, and an unpacking cut off at every commit."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.utsending.draft import service
from fiks.utsending.draft.service import Fakta
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.filer import upload
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsendingsrad
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art, Delart, Delstatus
from fiks.utsending.stored_objects import unused_objects
from testmiljo import mailing
from tests.fault.conftest import Chance
from tests.fault.crew import SWEEPER, Crew, dramatiq
from tests.fault.cut import Cut, CutOff
from tests.fault.platform import Platform
from tests.integration.utsending.kommuner import today
from tests.unit.brev import naughty
from workers.lanes import do_portion

pytestmark = pytest.mark.slow

FILES, PAGES, KILLS = 60, 30, 2
LOOKERS: dict[str, list[str | Path]] = {
    "liste": dramatiq("liste", 1),
    "pdf-1": dramatiq("render", 1),
    "pdf-2": dramatiq("render", 1),
    "sveip": SWEEPER,
}


def begin(platform: Platform) -> UUID:
    fakta = Fakta(tittel="Brev", art=Art.ETT_DOKUMENT_PER_RAD, brevdato=today())
    konto_id = platform.seeded.kontoer["Eiendomsskatt"]
    return service.create_utsending(konto_id, fakta, actor=mailing.actor(platform.seeded, "Saksbehandler"))


def name(nr: int) -> str:
    return f"brev {nr:03}.pdf"


def give_list(platform: Platform, utsending_id: UUID, rows: int) -> None:
    lines = [f"Kari {nr};{name(nr)};Storgata 1;4262;AVALDSNES" for nr in range(rows)]
    content = "\r\n".join(["navn;filnavn;adresselinje1;postnr;poststed", *lines]).encode()
    maker = mailing.actor(platform.seeded, "Saksbehandler")
    uploads.upload(utsending_id, "LISTE", "liste.csv", [content], actor=maker)


def give_files(platform: Platform, utsending_id: UUID, rows: range, pages: int) -> None:
    pdf = naughty.pdf(pages=pages)
    maker = mailing.actor(platform.seeded, "Saksbehandler")
    sent = [(name(nr), [pdf, str(nr).encode()]) for nr in rows]
    upload.add_files(utsending_id, sent, actor=maker)


def tied(utsending_id: UUID) -> dict[int, str]:
    """Row number to the name of its one file."""
    session().rollback()
    found = session().execute(
        select(Radfil.radnr, Brevfil.vist_navn)
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .where(Radfil.utsending_id == utsending_id)
    )
    return {row[0]: row[1] for row in found}


def pieces(utsending_id: UUID, art: Delart, status: Delstatus) -> int:
    session().rollback()
    counted = select(func.count()).where(
        Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == art, Arbeidsdel.status == status
    )
    return session().execute(counted).scalar_one()


def states(utsending_id: UUID) -> set[tuple[str, int | None]]:
    session().rollback()
    found = session().execute(
        select(Brevfil.status, Brevfil.sider).where(Brevfil.utsending_id == utsending_id)
    )
    return {(row[0], row[1]) for row in found}


def busy(utsending_id: UUID) -> bool:
    return pieces(utsending_id, Delart.FIL, Delstatus.TATT) > 0


def test_f34_killing_workers_in_the_middle_of_files_leaves_every_file_looked_into_and_tied(
    platform: Platform, chance: Chance
) -> None:
    utsending_id = begin(platform)
    give_list(platform, utsending_id, FILES)
    share, cut_off = FILES // KILLS, 0
    with Crew(platform.stack, LOOKERS) as crew:
        for n in range(KILLS):
            give_files(platform, utsending_id, range(n * share, (n + 1) * share), PAGES)
            platform.wait("somebody looks into files", lambda: busy(utsending_id))
            time.sleep(chance.random.uniform(0, 0.2))
            crew.kill("pdf-1")
            crew.kill("pdf-2")
            cut_off += busy(utsending_id)
        platform.wait("the list is tied", lambda: len(tied(utsending_id)) == FILES)
        platform.wait("nothing is left", lambda: not pieces(utsending_id, Delart.LES, Delstatus.TATT))
    assert len(crew.killed) == 2 * KILLS
    assert cut_off, f"FAULT_SEED={chance.seed}: nobody was in the middle of a file: nothing was tried"
    assert states(utsending_id) == {("LEST", PAGES)}, f"FAULT_SEED={chance.seed}"
    assert tied(utsending_id) == {nr + 2: name(nr) for nr in range(FILES)}
    assert pieces(utsending_id, Delart.FIL, Delstatus.FEILET) == 0
    rows = select(Utsendingsrad.status, func.count()).where(Utsendingsrad.utsending_id == utsending_id)
    assert {row[0]: row[1] for row in session().execute(rows.group_by(Utsendingsrad.status))} == {"OK": FILES}


def zip_of(files: int) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for nr in range(files):
            archive.writestr(f"brev/{name(nr)}", naughty.pdf() + str(nr).encode())
    return raw.getvalue()


def test_f34_an_unpacking_cut_off_at_any_of_its_commits_ends_with_all_files_once(platform: Platform) -> None:
    maker = mailing.actor(platform.seeded, "Saksbehandler")
    at, hit = 0, True
    while hit:
        at += 1
        utsending_id = begin(platform)
        give_list(platform, utsending_id, 3)
        platform.work("liste")
        upload.add_zip(utsending_id, "brev.zip", [zip_of(3)], actor=maker)
        cut = Cut(at)
        with cut.ready():
            work_until_cut(platform)
        hit = cut.hit
        queue.recover_pieces()
        platform.work("liste", "render", "liste")
        assert tied(utsending_id) == {nr + 2: name(nr) for nr in range(3)}, f"cut off at commit {at}"
        assert states(utsending_id) == {("LEST", 1)}
        left = select(func.count()).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "ZIP")
        assert session().execute(left).scalar_one() == 0
        objects = list(session().scalars(select(Brevfil.objekt).where(Brevfil.utsending_id == utsending_id)))
        assert len(objects) == 3 and unused_objects(objects) == []
    assert at > 5, "unpacking, looking and reading commit more often than that"


def work_until_cut(platform: Platform) -> None:
    try:
        while do_portion("liste", platform.process) or do_portion("render", platform.process):
            pass
    except CutOff:
        session().rollback()
        platform.process.owner.release()
