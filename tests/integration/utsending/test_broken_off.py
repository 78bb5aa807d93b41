"""A control that was broken off in the middle: nobody may go on with rows that are some of them, or as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from fiks.core.db import session
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.utsending.draft import confirm, service, wizard
from fiks.utsending.models import Utsending
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from testmiljo.register import Filregister
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import begin_with, set_up, two_pages, work
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.utsending.lists import known

pytestmark = pytest.mark.usefixtures("at_noon")
ROWS = 10


class GoesAway(Filregister):
    """Registers of which one is away when it has been asked so many times more."""

    left = 1_000

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]:
        if not self.left:
            raise ProvIgjen("REGISTER_NEDE")
        self.left -= 1
        return super().kontakt(fnrs)


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


@pytest.fixture
def register(outside: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoesAway]:
    """What is asked, four receivers at a time."""
    monkeypatch.setattr("fiks.utsending.liste.control.pipeline.PORTION", 4)
    outside.register = register = GoesAway(cast(Any, known()))
    yield register


def test_rows_that_were_read_in_part_are_not_confirmed(
    kommune: Kommune, process: QuickProcess, register: GoesAway
) -> None:
    """Another way of sending makes the letters of the big PDF be read again, and a register goes away meanwhile."""
    clerk = kommune.aktor("saksbehandler")
    utsending_id = begin_with(kommune, kun_digital=True)
    work(process)
    set_up(kommune, utsending_id, process, two_pages())
    assert len(rows_of(utsending_id)) == ROWS
    register.left = 2
    session().rollback()
    row = session().get_one(Utsending, utsending_id)
    facts = service.Fakta(art=Art.EN_STOR_PDF, tittel=row.tittel, brevdato=row.brevdato, tosidig=row.tosidig)
    service.update_utsending(utsending_id, facts, actor=clerk)
    work(process)
    session().rollback()
    assert 0 < len(rows_of(utsending_id)) < ROWS
    with pytest.raises(Konflikt, match="KONTROLL_AVBRUTT"):
        confirm.confirm_control(utsending_id, actor=clerk)
    session().rollback()
    job = wizard.wizard_progress(utsending_id, actor=clerk)
    assert (job.kontroll_avbrutt, job.kontroll, job.lesing_tapt) == (True, False, False)
    session().rollback()
    register.left = 1_000
    uploads.read_again(utsending_id, actor=clerk)
    work(process)
    session().rollback()
    assert len(rows_of(utsending_id)) == ROWS
    confirm.confirm_control(utsending_id, actor=clerk)
