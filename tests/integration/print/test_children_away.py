"""A package that cannot be put together now waits: at no cost where no child can be had, as a try where one dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from fiks.core.db import session
from fiks.core.isolate import Barnestue, BarnFeil
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import FakeHouse, agree, deliver, let_wait_pass, make_order, packages
from tests.poor_machines import no_children, no_forks, no_room

pytestmark = pytest.mark.usefixtures("bundled")
Away = Callable[[Path], AbstractContextManager[None]]
AWAY: dict[str, Away] = {
    "no child": no_children,
    "no fork": lambda _: no_forks(),
    "no room": lambda _: no_room(),
}
MORE_THAN_ALL_TRIES = 12


@pytest.fixture
def bundled(empty: None) -> Iterator[None]:
    """The house takes three letters in one file."""
    agree(brev_per_pakke=3, samlefil=True, ventetid_sekunder=0, pause_til=None, feil_pa_rad=0)
    yield
    session().rollback()
    agree(brev_per_pakke=1)


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


def tries() -> tuple[str, str | None, int, int]:
    """The one package: status, why it waits, tries that count, owners lost."""
    [row] = packages()
    return row.status, row.feilkode, row.forsok - row.frie_forsok, row.tapte_eiere


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_a_package_waits_for_a_child_and_then_goes(
    hus: Hus, eier: Owner, merger: Sammenfletter, tmp_path: Path, away: Away
) -> None:
    made = [make_order(hus) for _ in range(3)]
    house = FakeHouse()
    with away(tmp_path):
        for _ in range(MORE_THAN_ALL_TRIES):
            assert deliver(eier, house, merger) == 1
            assert tries() == ("VENTER", "BARN_STARTER_IKKE", 0, 0)
            let_wait_pass()
    deliver(eier, house, merger)
    assert sorted(house.referanser) == sorted(map(str, made))


def test_a_package_whose_child_dies_waits_as_after_any_try_and_is_a_persons_after_the_last(
    hus: Hus, eier: Owner, merger: Sammenfletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_order(hus)

    def killed(*_: object) -> None:
        raise BarnFeil("BARN_DREPT", signal=9)

    monkeypatch.setattr(Barnestue, "call", killed)
    for nr in range(1, 5):
        assert deliver(eier, FakeHouse(), merger) == 1
        assert tries() == ("VENTER", "BARN_DREPT", nr, 0)
        let_wait_pass()
    for _ in range(MORE_THAN_ALL_TRIES):
        deliver(eier, FakeHouse(), merger)
        let_wait_pass()
    assert tries()[0] == "TIL_BEHANDLING"


def test_a_package_whose_child_died_once_goes_at_the_next_try(
    hus: Hus, eier: Owner, merger: Sammenfletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make_order(hus) for _ in range(3)]
    house, call, left = FakeHouse(), Barnestue.call, iter([True])

    def once(room: Barnestue, name: str, *args: object) -> object:
        if next(left, False):
            raise BarnFeil("BARN_DREPT", signal=9)
        return call(room, name, *args)

    monkeypatch.setattr(Barnestue, "call", once)
    deliver(eier, house, merger)
    assert tries() == ("VENTER", "BARN_DREPT", 1, 0)
    let_wait_pass()
    deliver(eier, house, merger)
    assert sorted(house.referanser) == sorted(map(str, made))
