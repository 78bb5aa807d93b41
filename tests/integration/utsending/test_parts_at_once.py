"""Pieces of work that two hold to be theirs at once: neither is done twice, and nobody waits in a ring."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import UpdateBase, select

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.production import rendering
from fiks.utsending.production import service as production_service
from fiks.utsending.rules import Delart, Delstatus, Radstatus, Utsendingstatus
from tests.integration.databases import Database, QuickProcess
from tests.integration.printers import FakePrinter
from tests.integration.utsending.at_once import elsewhere, until_somebody_waits
from tests.integration.utsending.jobs import begin, few_rows, name_in, read, rows_of, status
from tests.integration.utsending.kommuner import Kommune, make_kommune

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


@pytest.mark.parametrize("art", [Delart.PROVEBREV, Delart.LES])
def test_a_piece_that_is_finished_while_its_owner_is_taken_for_dead_is_not_given_back(
    kommune: Kommune, process: QuickProcess, database: Database, art: Delart
) -> None:
    utsending_id = begin(kommune)
    with transaction():
        queue.order(utsending_id, art)
    owner = Owner(database.app_url)
    part = queue.claim_piece([art], owner.number)
    assert part is not None
    owner.release()
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            assert queue.finish_piece(part)
            sweeping = elsewhere(pool, process, queue.recover_pieces)
            until_somebody_waits(database, sweeping)
        assert sweeping.result() == 0
    found = select(Arbeidsdel.status, Arbeidsdel.forsok).where(Arbeidsdel.id == part.id)
    assert session().execute(found).one() == (Delstatus.FERDIG, 1)


def in_production(kommune: Kommune, process: QuickProcess, path: Path) -> queue.Del:
    """The one range of a mailing whose letters are being drawn."""
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, path)
    read(utsending_id, process)
    confirm.confirm_control(utsending_id, actor=maker)
    production_service.start_production(utsending_id, actor=maker)
    part = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert part is not None and part.utsending_id == utsending_id
    return part


def while_stored(
    monkeypatch: pytest.MonkeyPatch,
    process: QuickProcess,
    database: Database,
    part: queue.Del,
    act: Callable[[], object],
    refuse: frozenset[str] = frozenset(),
) -> None:
    """Do it when a worker holds its range and is about to ask for the rows, and does so when it is waited for."""
    held, places = Event(), rendering._letter_update
    pool = ThreadPoolExecutor(2)

    def wait_for_them(*made: Any) -> UpdateBase:
        held.set()
        until_somebody_waits(database, acting)
        return places(*made)

    def when_held() -> object:
        assert held.wait(20)
        return act()

    monkeypatch.setattr(rendering, "_letter_update", wait_for_them)
    acting = elsewhere(pool, process, when_held)
    storing = elsewhere(pool, process, partial(rendering.render_part, part, FakePrinter(refuse)))
    with pool:
        storing.result()
        acting.result()


def no_letters(utsending_id: UUID) -> bool:
    return {row.brev_sha256 for row in rows_of(utsending_id)} == {None}


def test_letters_that_differ_are_forgotten_while_others_of_them_are_stored(
    kommune: Kommune,
    process: QuickProcess,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = in_production(kommune, process, few_rows(tmp_path, 5))
    differ = partial(production_service.handle_stamping_mismatch, part.utsending_id, 2)
    while_stored(monkeypatch, process, database, part, differ)
    assert status(part.utsending_id) == U.PRODUSERES
    assert no_letters(part.utsending_id)
    again = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert again is not None and again.id != part.id


@pytest.mark.parametrize("refused", [False, True])
def test_a_mailing_is_taken_back_while_its_letters_are_stored(
    kommune: Kommune,
    process: QuickProcess,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    refused: bool,
) -> None:
    maker = kommune.aktor("saksbehandler")
    part = in_production(kommune, process, few_rows(tmp_path, 5))
    names = frozenset({name_in(part.utsending_id, 4)}) if refused else frozenset[str]()
    back = partial(service.withdraw, part.utsending_id, actor=maker)
    while_stored(monkeypatch, process, database, part, back, names)
    assert status(part.utsending_id) == U.UTKAST
    assert [row.radnr for row in rows_of(part.utsending_id) if row.status == Radstatus.FEIL] == [4] * refused
    if refused:
        with pytest.raises(Konflikt, match="RADER_MED_FEIL"):
            confirm.confirm_control(part.utsending_id, actor=maker)
        return
    confirm.confirm_control(part.utsending_id, actor=maker)
    production_service.start_production(part.utsending_id, actor=maker)
    assert no_letters(part.utsending_id)


def test_a_production_ends_while_one_of_its_ranges_is_stored(
    kommune: Kommune,
    process: QuickProcess,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = in_production(kommune, process, few_rows(tmp_path, 5))
    with transaction():
        queue.order(part.utsending_id, Delart.RENDER, fra=99, til=99)
    other = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert other is not None
    with transaction():
        assert queue.fail_piece(other, queue.LOST)
    settle = partial(production_service.end_production, part.utsending_id)
    refused = frozenset({name_in(part.utsending_id, 4)})
    while_stored(monkeypatch, process, database, part, settle, refused)
    assert status(part.utsending_id) == U.UTKAST
