"""A letter that its sender says is read before anybody has looked at it is read all the same, and never on paper."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfleser
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import inspection
from fiks.svarut.rules import Status
from tests.integration.houses import Hus
from tests.integration.svarut.letters import codes, hand_over, letter
from tests.integration.svarut.submitted import control_all, take_in
from tests.integration.svarut.test_held_letters import while_waited_for
from tests.integration.svarut.test_lifecycle import read_elsewhere
from tests.integration.worlds import World
from tests.submissions import FNR, submission
from workers.process import Process


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


def read_while_mottatt(hus: Hus, **changes: object) -> UUID:
    """A letter that two have said is read, and nobody has looked at."""
    made = take_in(hus, submission(**changes))
    assert not read_elsewhere(made, FNR, systemnavn="Innbyggerportalen")
    assert not read_elsewhere(made, FNR, systemnavn="Et annet")
    assert (letter(made).status, codes(made)[-2:]) == (Status.MOTTATT, ["LEST_EKSTERNT"] * 2)
    return made


def test_sv12_33_it_is_read_when_altinn_has_it(hus: Hus, eier: Owner, world: World, reader: Pdfleser) -> None:
    world.register.add_person(FNR)
    made = read_while_mottatt(hus)
    control_all(world, reader)
    hand_over(eier, world)
    assert (letter(made).status, world.altinn.antall) == (Status.LEST, 1)
    assert codes(made)[-1] == "LEST_EKSTERNT"


@pytest.mark.parametrize("kun_digital", [False, True])
def test_sv12_33_it_is_never_printed_and_its_log_says_that_it_was_read(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, kun_digital: bool
) -> None:
    world.register.add_person(FNR, reservert=True)
    made = read_while_mottatt(hus, kun_digital=kun_digital)
    control_all(world, reader)
    hand_over(eier, world)
    last = Status.IKKE_LEVERT if kun_digital else Status.MANUELT_HANDTERT
    assert (letter(made).status, world.antall) == (last, (0, 0, 0))
    assert codes(made).count("LEST_EKSTERNT") == 3


def test_a_letter_that_is_looked_at_while_it_is_read_is_not_printed(
    hus: Hus, eier: Owner, world: World, process: Process
) -> None:
    world.register.add_person(FNR, reservert=True)
    made = take_in(hus)
    brev = load_letters([made])[made]
    session().rollback()

    def read() -> None:
        assert read_elsewhere(made, FNR)

    while_waited_for(process, lambda: inspection.record_findings(brev, inspection.Funnet({1: 1})), read)
    assert letter(made).status == Status.AKSEPTERT
    hand_over(eier, world)
    assert (letter(made).status, world.antall) == (Status.MANUELT_HANDTERT, (0, 0, 0))
