"""A key that is away, a child without a processor, a damaged object: what was uploaded is not thrown away for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import obstore
import pytest
from sqlalchemy import select

from fiks.core.crypto.encryption import NokkelUkjent
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.isolate import BarnFeil
from fiks.pdf import Pdfkontroll, check_pdf
from fiks.utsending.filer import giro
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.filer.workers import check as workers_check
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.receivers import pdf_import, uploads
from fiks.utsending.rules import Art, Delart
from tests.integration.databases import QuickProcess
from tests.integration.keys import no_data_keys
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import Kommune
from tests.integration.utsending.perrad.jobs import (
    LETTER,
    LETTERS,
    add,
    begin_per_rad,
    files_of,
    stored,
    upload_of,
    work_off,
)
from tests.unit.brev import naughty

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
TOO_MUCH = ("FEILET", "PDF_FOR_KOMPLISERT")


class Tired:
    """A check whose child dies the first `times` times that it is asked."""

    def __init__(self, times: int) -> None:
        self.left = times

    def _work(self) -> None:
        self.left -= 1
        if self.left >= 0:
            raise BarnFeil("BARN_TIDSAVBRUDD")

    def check(self, data: bytes, *, tosidig: bool) -> Pdfkontroll:
        self._work()
        return Pdfkontroll(1, True)

    def giro(self, data: bytes, giro_sider: object, *, tosidig: bool) -> Pdfkontroll:
        self._work()
        return Pdfkontroll(1, True)


def look(process: QuickProcess, kontrollor: workers_check.Kontrollor) -> None:
    part = queue.claim_piece([Delart.FIL], process.owner.ensure())
    assert part is not None
    workers_check.check_part(part, kontrollor)


def found(utsending_id: UUID) -> dict[str, tuple[str, str | None]]:
    return {name: (fil.status, fil.feilkode) for name, fil in files_of(utsending_id).items()}


def objects_of(utsending_id: UUID) -> dict[str, str | None]:
    """Where each file lies, if its object is there."""
    there = stored()
    return {name: fil.objekt if fil.objekt in there else None for name, fil in files_of(utsending_id).items()}


def test_a_file_whose_key_is_away_is_looked_into_when_it_is_back(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"brev.pdf": LETTER})
    before = objects_of(utsending_id)
    with no_data_keys():
        with pytest.raises(NokkelUkjent):
            work_off(process)
        with process.app.app_context():
            queue.release_claim()
    assert (found(utsending_id), objects_of(utsending_id)) == ({"brev.pdf": ("MOTTATT", None)}, before)
    work_off(process)
    assert found(utsending_id) == {"brev.pdf": ("LEST", None)}


def test_a_file_whose_child_dies_once_is_looked_into_by_a_new_one(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"brev.pdf": LETTER})
    look(process, Tired(1))
    assert found(utsending_id) == {"brev.pdf": ("LEST", None)}


def test_a_file_that_no_child_could_look_into_is_refused_and_kept_until_another_comes_or_it_is_asked_for_again(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER, "b.pdf": LETTERS["0002.pdf"]})
    before = objects_of(utsending_id)
    look(process, Tired(2))
    assert found(utsending_id) == {"a.pdf": TOO_MUCH, "b.pdf": ("LEST", None)}
    assert objects_of(utsending_id) == before
    giro.set_giro(utsending_id, Girovalg(Giroside.SISTE), actor=kommune.aktor("saksbehandler"))
    look(process, Tired(2))
    add(kommune, utsending_id, {"a.pdf": LETTERS["0003.pdf"]})
    assert before["a.pdf"] not in stored()
    giro.set_giro(utsending_id, Girovalg(Giroside.INGEN), actor=kommune.aktor("saksbehandler"))
    look(process, Tired(0))
    assert set(found(utsending_id).values()) == {("LEST", None)}


def test_a_damaged_file_is_refused_with_its_place_and_its_neighbours_are_not(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER, "b.pdf": LETTERS["0002.pdf"]})
    before = objects_of(utsending_id)
    obstore.put(current().store._engine, str(before["a.pdf"]), b"", use_multipart=False)
    work_off(process)
    assert found(utsending_id) == {"a.pdf": ("FEILET", "DOKUMENT_ODELAGT"), "b.pdf": ("LEST", None)}
    assert objects_of(utsending_id) == before
    assert add(kommune, utsending_id, {"a.pdf": LETTER}).nye == 1
    work_off(process)
    assert set(found(utsending_id).values()) == {("LEST", None)}


def failing(times: int) -> Callable[..., Pdfkontroll]:
    """`check_pdf`, whose child dies the first times."""
    left = iter(range(times))

    def check(data: bytes, **kwargs: Any) -> Pdfkontroll:
        if next(left, None) is not None:
            raise BarnFeil("BARN_TIDSAVBRUDD")
        return check_pdf(data, **kwargs)

    return check


@pytest.mark.parametrize(("times", "becomes"), [(1, ("LEST", None)), (2, TOO_MUCH)])
def test_the_document_that_goes_to_all_is_kept_though_no_child_could_look_into_it_and_read_when_asked_again(
    kommune: Kommune,
    process: QuickProcess,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    becomes: tuple[str, str | None],
) -> None:
    # Which children die is no matter of the file here.
    monkeypatch.setattr(pdf_import, "check_pdf", failing(times))
    utsending_id, maker = begin(kommune, art=Art.SAMME_DOKUMENT), kommune.aktor("saksbehandler")
    uploads.upload(utsending_id, "DOKUMENT", "brev.pdf", [LETTER], actor=maker)
    work_off(process)
    read = upload_of(utsending_id, "DOKUMENT")
    assert read is not None and (read.status, read.feilkode) == becomes
    assert read.objekt in stored() and read.nokkel is not None
    uploads.read_again(utsending_id, actor=maker)
    work_off(process)
    again = upload_of(utsending_id, "DOKUMENT")
    assert again is not None and (again.status, again.feilkode) == ("LEST", None)


def test_a_document_that_was_looked_into_and_cannot_be_sent_is_not_kept(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin(kommune, art=Art.SAMME_DOKUMENT)
    before = stored()
    bad = naughty.pdf(naughty.javascript)
    uploads.upload(utsending_id, "DOKUMENT", "brev.pdf", [bad], actor=kommune.aktor("saksbehandler"))
    work_off(process)
    read = upload_of(utsending_id, "DOKUMENT")
    assert read is not None and (read.status, read.objekt, read.nokkel) == ("FEILET", None, None)
    assert stored() == before
    pieces = select(Arbeidsdel.status).where(Arbeidsdel.utsending_id == utsending_id)
    assert session().scalars(pieces).all() == ["FERDIG"]
