"""A worker on a machine without children, room or fonts: letters wait, at no cost, and go when there is a child."""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from config.paths import FONTS
from fiks.core.db import transaction
from fiks.core.isolate import Barnestue, BarnFeil
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfleser, Sammenfletter
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Opphav
from fiks.utsending.brev import Brevtrykker
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import (
    let_wait_pass,
    letter,
    levering,
    make_document,
    make_letter,
    tries_used,
)
from tests.integration.svarut.submitted import control_all, let_control_wait_pass, take_in
from tests.integration.worlds import World
from tests.poor_machines import no_children, no_forks, no_room
from workers.channels import Utskrift

pytestmark = pytest.mark.slow

Away = Callable[[Path], AbstractContextManager[None]]
AWAY: dict[str, Away] = {
    "no child": no_children,
    "no fork": lambda _: no_forks(),
    "no room": lambda _: no_room(),
    "no files": lambda _: no_room(errno.EMFILE),
}
MORE_THAN_ALL_TRIES = 9


def hand_over(owner: Owner, world: World, fonts: Path = FONTS) -> None:
    """Deliver until nothing is ready; what is printed is drawn and merged in children."""
    printer, merger = Brevtrykker(fonts), Sammenfletter()
    with_children = replace(world.verden, trykkeri=Utskrift(lambda: printer, lambda: merger))
    while deliver(Bane.ENKELT, owner, with_children):
        pass
    printer.close()
    merger.close()


def states(letters: list[UUID]) -> set[tuple[str, str | None, int]]:
    return {(row.status, row.feilkode, row.tapte_eiere) for row in map(levering, letters)}


def printed(hus: Hus) -> UUID:
    """A letter of a mailing that only paper reaches."""
    return make_letter(hus, dokument=make_document(tiny_pdf(["x"])))


def from_fagsystem(hus: Hus) -> UUID:
    """One that gets a cover sheet."""
    made = printed(hus)
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(opphav=Opphav.V3))
    return made


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
@pytest.mark.parametrize("make", [printed, from_fagsystem])
def test_paper_waits_for_a_child_and_its_neighbours_go(
    hus: Hus, eier: Owner, world: World, tmp_path: Path, away: Away, make: Callable[[Hus], UUID]
) -> None:
    paper = [make(hus) for _ in range(2)]
    digital = make_letter(hus, world.register.add_person(new_fnr()))
    with away(tmp_path):
        for _ in range(MORE_THAN_ALL_TRIES):
            hand_over(eier, world)
            assert states(paper) == {("VENTER", "BARN_STARTER_IKKE", 0)}
            for one in paper:
                let_wait_pass(one)
    assert tries_used(paper) == 0
    assert states([digital]) == {("OVERLEVERT", None, 0)}
    hand_over(eier, world)
    assert {levering(one).status for one in paper} == {"OVERLEVERT"}


def test_paper_waits_for_a_worker_that_has_the_fonts(
    hus: Hus, eier: Owner, world: World, tmp_path: Path
) -> None:
    made = from_fagsystem(hus)
    hand_over(eier, world, fonts=tmp_path)
    assert states([made]) == {("VENTER", "SKRIFT_MANGLER", 0)}
    let_wait_pass(made)
    hand_over(eier, world)
    assert levering(made).status == "OVERLEVERT"


@pytest.mark.parametrize(("times", "becomes"), [(1, "OVERLEVERT"), (2, "TIL_BEHANDLING")])
def test_a_letter_whose_merging_child_is_killed_is_given_to_a_new_one_once(
    hus: Hus, eier: Owner, world: World, monkeypatch: pytest.MonkeyPatch, times: int, becomes: str
) -> None:
    made, call, left = printed(hus), Barnestue.call, iter(range(times))

    def killed(room: Barnestue, name: str, *args: object) -> object:
        if next(left, None) is not None:
            raise BarnFeil("BARN_DREPT", signal=9)
        return call(room, name, *args)

    monkeypatch.setattr(Barnestue, "call", killed)
    hand_over(eier, world)
    assert levering(made).status == becomes


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_what_was_taken_in_waits_to_be_looked_at(hus: Hus, world: World, tmp_path: Path, away: Away) -> None:
    made = take_in(hus)
    reader = Pdfleser()
    with away(tmp_path):
        for _ in range(MORE_THAN_ALL_TRIES):
            control_all(world, reader)
            assert letter(made).status == "MOTTATT"
            let_control_wait_pass(made)
    control_all(world, reader)
    reader.close()
    assert letter(made).status == "AKSEPTERT"
