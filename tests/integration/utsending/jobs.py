"""The steps of a job as tests take them: begin with a list, let the workers read and make, send everything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config.broker import LANES
from fiks.core import clock
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from fiks.utsending.sealed_values import row_values
from testmiljo.folders import LILLEVIK
from testmiljo.seed import ready_templates
from tests.integration.databases import QuickProcess
from tests.integration.utsending.kommuner import Kommune
from workers.cli import drain
from workers.lanes import do_portion


def begin(kommune: Kommune, *files: str | Path, **facts: object) -> UUID:
    """A mailing of tax notes with this list uploaded, not yet read."""
    maker = kommune.aktor("saksbehandler")
    today = clock.now().astimezone(OSLO).date()
    fakta: dict[str, Any] = {
        "tittel": "Eiendomsskatt 2027",
        "art": Art.FLETTEBREV,
        "brevdato": today,
        "kunngjoringsdato": today + timedelta(days=7),
    }
    utsending_id = draft_service.create_utsending(
        kommune.konto_id, draft_service.Fakta(**(fakta | facts)), actor=maker
    )
    draft_service.choose_template(utsending_id, ready_templates(), actor=maker)
    for file in files:
        path = LILLEVIK / file
        uploads.upload(utsending_id, "LISTE", path.name, [path.read_bytes()], actor=maker)
    return utsending_id


def few_rows(tmp_path: Path, antall: int) -> Path:
    """The first rows of Lillevik's list as a file."""
    lines = (LILLEVIK / "eiendomsskatt.csv").read_bytes().split(b"\r\n")
    path = tmp_path / "liste.csv"
    path.write_bytes(b"\r\n".join(lines[: antall + 1]) + b"\r\n")
    return path


def read(utsending_id: UUID, process: QuickProcess) -> Opplasting:
    """Let the worker read what waits; the list's upload afterwards."""
    session().rollback()
    while do_portion("liste", process):
        pass
    session().rollback()
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
    return session().scalars(chosen).one()


def rows_of(utsending_id: UUID) -> list[Utsendingsrad]:
    session().rollback()
    chosen = select(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id)
    return list(session().scalars(chosen.order_by(Utsendingsrad.radnr)))


def status(utsending_id: UUID) -> str:
    session().rollback()
    return session().execute(select(Utsending.status).where(Utsending.id == utsending_id)).scalar_one()


def produce(kommune: Kommune, utsending_id: UUID, process: QuickProcess) -> None:
    """Confirm the control and let the workers make the letters."""
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    while do_portion("render", process):
        pass


def name_in(utsending_id: UUID, radnr: int) -> str:
    from_values = row_values(session().get_one(Utsendingsrad, (utsending_id, radnr)))
    return from_values["navn"]


def send_everything(kommune: Kommune, utsending_id: UUID, process: QuickProcess) -> None:
    digest = session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest
    assert digest is not None
    service.approve(utsending_id, digest, actor=kommune.aktor("godkjenner"))
    service.release(utsending_id, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    drain(process, list(LANES))
