"""No letter is left out that nobody chose to leave out: bad rows of a list, and letters that cannot be drawn."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.production import rendering
from fiks.utsending.production import service as production_service
from fiks.utsending.rules import MAX_PART_ATTEMPTS, Delart, Delstatus, Radstatus, Utsendingstatus
from fiks.utsending.templates.service import Brevmal, save_template
from tests.integration.databases import Database, QuickProcess
from tests.integration.printers import FakePrinter
from tests.integration.utsending.jobs import begin, few_rows, name_in, read, rows_of, status
from tests.integration.utsending.kommuner import Kommune, make_kommune
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus
RANGES = 12
"""Rows of two ranges of a template that is laid out letter by letter."""


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def controlled(kommune: Kommune, process: QuickProcess, path: Path) -> UUID:
    """A mailing whose letters are drawn in ranges of ten."""
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, path)
    read(utsending_id, process)
    save_template(utsending_id, "Langsom mal", Brevmal("Til ((navn)) →"), actor=maker)
    confirm.confirm_control(utsending_id, actor=maker)
    return utsending_id


def refuse(process: QuickProcess, utsending_id: UUID, *numbers: int) -> None:
    """Let the letters of these rows be such as cannot be drawn."""
    names = frozenset(name_in(utsending_id, radnr) for radnr in numbers)
    process.put(QuickProcess.printer, FakePrinter(names))


def lose(database: Database, antall: int = MAX_PART_ATTEMPTS) -> None:
    """The next range is claimed so many times by somebody who dies."""
    for _ in range(antall):
        lost = Owner(database.app_url)
        assert queue.claim_piece([Delart.RENDER], lost.number) is not None
        lost.release()
        assert queue.recover_pieces() == 1


def bad_rows(utsending_id: UUID) -> dict[int, str]:
    return {row.radnr: row.status for row in rows_of(utsending_id) if row.status not in ("OK", "ADVARSEL")}


def mark(utsending_id: UUID, radnr: int, as_status: Radstatus) -> None:
    with transaction() as tx:
        one = (Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr)
        tx.execute(update(Utsendingsrad).where(*one).values(status=as_status))


def test_a_letter_that_cannot_be_made_is_told_also_when_another_range_is_lost(
    kommune: Kommune, process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = controlled(kommune, process, few_rows(tmp_path, RANGES))
    production_service.start_production(utsending_id, actor=maker)
    refuse(process, utsending_id, 5)
    assert do_portion("render", process) == 1
    lose(database)

    assert production_service.end_all_productions() == 1

    assert status(utsending_id) == U.UTKAST
    last = select(Utsendingshendelse.detaljer).where(Utsendingshendelse.utsending_id == utsending_id)
    told = session().scalars(last.order_by(Utsendingshendelse.lopenr.desc())).first()
    assert told is not None and told["feil"] == "BREV_KAN_IKKE_LAGES" and told["antall"] == 1
    with pytest.raises(Konflikt, match="RADER_MED_FEIL"):
        confirm.confirm_control(utsending_id, actor=maker)
    assert bad_rows(utsending_id) == {5: Radstatus.FEIL}


@pytest.mark.parametrize("bad", [Radstatus.FEIL, Radstatus.AUTO])
def test_no_row_is_left_out_before_somebody_has_chosen_it(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, bad: Radstatus
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = controlled(kommune, process, few_rows(tmp_path, 5))
    mark(utsending_id, 4, bad)

    with pytest.raises(Konflikt, match="RADER_MED_FEIL") as refused:
        production_service.start_production(utsending_id, actor=maker)

    assert refused.value.params == {"antall": 1}
    assert status(utsending_id) == U.KONTROLLERT
    assert bad_rows(utsending_id) == {4: bad}
    assert not queue.is_busy(utsending_id, Delart.RENDER)


def test_what_was_chosen_to_be_left_out_is_and_the_choice_is_about_nothing_more(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = controlled(kommune, process, few_rows(tmp_path, 5))
    mark(utsending_id, 4, Radstatus.FEIL)
    draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=1)
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    assert bad_rows(utsending_id) == {4: Radstatus.PARKERT}

    part = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert part is not None
    rendering.render_part(part, FakePrinter(frozenset({name_in(utsending_id, 6)})))
    service.withdraw(utsending_id, actor=maker)

    with pytest.raises(Konflikt, match="RADER_MED_FEIL"):
        confirm.confirm_control(utsending_id, actor=maker)
    assert bad_rows(utsending_id) == {4: Radstatus.PARKERT, 6: Radstatus.FEIL}


def test_what_is_still_drawn_when_a_range_is_lost_makes_no_row_bad_afterwards(
    kommune: Kommune, process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    utsending_id = controlled(kommune, process, few_rows(tmp_path, RANGES))
    production_service.start_production(utsending_id, actor=kommune.aktor("saksbehandler"))
    late = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert late is not None
    lose(database)
    assert production_service.end_all_productions() == 1
    assert status(utsending_id) == U.KONTROLLERT

    rendering.render_part(late, FakePrinter(frozenset({name_in(utsending_id, 5)})))

    assert bad_rows(utsending_id) == {}
    left = session().scalars(select(Arbeidsdel.status).where(Arbeidsdel.art == Delart.RENDER)).all()
    assert left == [Delstatus.FEILET]


def test_what_is_still_drawn_when_a_mailing_is_taken_back_makes_no_row_bad_afterwards(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = controlled(kommune, process, few_rows(tmp_path, 5))
    production_service.start_production(utsending_id, actor=maker)
    late = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert late is not None
    service.withdraw(utsending_id, actor=maker)

    rendering.render_part(late, FakePrinter(frozenset({name_in(utsending_id, 5)})))

    assert bad_rows(utsending_id) == {}
    assert not queue.is_busy(utsending_id, Delart.RENDER)


def test_letters_lost_on_the_way_are_made_when_they_are_asked_for_again(
    kommune: Kommune, process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = controlled(kommune, process, few_rows(tmp_path, RANGES))
    production_service.start_production(utsending_id, actor=maker)
    lose(database)
    assert production_service.end_all_productions() == 1
    production_service.start_production(utsending_id, actor=maker)
    while do_portion("render", process):
        pass
    assert status(utsending_id) == U.TIL_GODKJENNING
    assert len({row.brev_sha256 for row in rows_of(utsending_id)}) == RANGES
    assert session().get_one(Utsending, utsending_id).innhold_digest
