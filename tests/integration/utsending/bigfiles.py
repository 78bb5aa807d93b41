"""Mailings of one big PDF as tests take them: uploaded, set up, cut and read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.models import Arbeidsdel, Opplasting
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from fiks.utsending.samlet import service
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett
from testmiljo.folders import LILLEVIK
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import Kommune
from workers.lanes import do_portion

SAMLET = LILLEVIK / "samlet.pdf"


def expected() -> dict[str, Any]:
    """What samlet_forventet.json says."""
    content: dict[str, Any] = json.loads((LILLEVIK / "samlet_forventet.json").read_text("utf-8"))
    return content


def known_areas() -> tuple[Omrade, ...]:
    """The areas of samlet_forventet.json."""
    return tuple(Omrade(Feltnavn(felt), 1, *box) for felt, box in expected()["omrader"].items())


def two_pages(**changes: Any) -> Oppsett:
    """Letters of two pages, read by the known areas."""
    return replace(Oppsett(Kuttmate.SIDER, 2, "", known_areas()), **changes)


def begin_with(kommune: Kommune, pdf: Path | bytes = SAMLET, **facts: Any) -> UUID:
    """A mailing of this big PDF, not yet looked through."""
    utsending_id = begin(kommune, art=Art.EN_STOR_PDF, **facts)
    data = pdf if isinstance(pdf, bytes) else pdf.read_bytes()
    uploads.upload(utsending_id, "SAMLET", "samlet.pdf", [data], actor=kommune.aktor("saksbehandler"))
    return utsending_id


def add_list(kommune: Kommune, utsending_id: UUID, rows: Iterable[str], name: str = "tillegg.csv") -> None:
    """Upload the extra list."""
    text = "\r\n".join(rows).encode()
    uploads.upload(utsending_id, "TILLEGGSLISTE", name, [text], actor=kommune.aktor("saksbehandler"))


def work(process: QuickProcess) -> None:
    """Let the worker do all that waits in its lane."""
    session().rollback()
    while do_portion("liste", process) or do_portion("render", process):
        pass
    session().rollback()


def set_up(kommune: Kommune, utsending_id: UUID, process: QuickProcess, oppsett: Oppsett) -> None:
    """Say how the file is cut and read, and let the worker do it."""
    service.set_up(utsending_id, oppsett, actor=kommune.aktor("saksbehandler"))
    work(process)


def read_letters(
    kommune: Kommune, process: QuickProcess, pdf: Path | bytes = SAMLET, oppsett: Oppsett | None = None
) -> UUID:
    """A mailing whose letters are cut and read."""
    utsending_id = begin_with(kommune, pdf)
    work(process)
    set_up(kommune, utsending_id, process, oppsett or two_pages())
    return utsending_id


def upload_of(utsending_id: UUID, art: str = "SAMLET") -> Opplasting:
    session().rollback()
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
    return session().scalars(chosen).one()


def letters_of(utsending_id: UUID) -> list[Brevfil]:
    session().rollback()
    chosen = select(Brevfil).where(Brevfil.utsending_id == utsending_id).order_by(Brevfil.nr)
    return list(session().scalars(chosen))


def pieces_of(utsending_id: UUID, art: str = "KUTT") -> list[Arbeidsdel]:
    session().rollback()
    chosen = select(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == art)
    return list(session().scalars(chosen.order_by(Arbeidsdel.nr)))


def links_of(utsending_id: UUID) -> list[Radfil]:
    session().rollback()
    chosen = select(Radfil).where(Radfil.utsending_id == utsending_id).order_by(Radfil.radnr)
    return list(session().scalars(chosen))
