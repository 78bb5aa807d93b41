"""Packages whose outcome nobody knows are looked up together: to read a house's list may take minutes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import recovery
from fiks.print.models import Pakke
from tests.integration.houses import Hus
from tests.integration.print.orders import (
    HOUSE,
    FakeHouse,
    agree,
    deliver,
    let_lookup_gap_pass,
    make_order,
    packages,
)

pytestmark = pytest.mark.usefixtures("empty", "as_agreed")
TAKEN, NOT_TAKEN = Uavklart("SVARET_BORTE"), Uavklart("PRINTHUS_BRUDD")


@dataclass
class LongList(FakeHouse):
    """A house whose list takes its time: `meanwhile` happens while it is read. `lest`: what it was read for."""

    lest: list[list[str]] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None
    brister: Exception | None = None

    def lookup(self, navn: str) -> str | None:
        raise AssertionError("one reading for one package")

    def lookup_many(self, navn: Collection[str]) -> dict[str, str]:
        self.lest.append(list(navn))
        if self.meanwhile is not None:
            self.meanwhile()
        if self.brister is not None:
            raise self.brister
        return {one: f"{one}.zip" for one in navn if one in self.fikk}


def unclear(hus: Hus, eier: Owner, house: FakeHouse, *answers: Uavklart) -> list[str]:
    """Packages of one letter each whose hand-over ended so; their names, the oldest doubt first."""
    for answer in answers:
        agree(brev_per_pakke=1, ventetid_sekunder=0, pause_til=None, feil_pa_rad=0)
        make_order(hus)
        house.svar.append(answer)
        deliver(eier, house)
    return [str(one.id) for one in sorted(packages(), key=since)]


def since(pakke: Pakke) -> float:
    assert pakke.uavklart_siden is not None
    return pakke.uavklart_siden.timestamp()


def stand() -> dict[str, str]:
    return {str(one.id): one.status for one in packages()}


def test_thirty_packages_are_settled_by_one_reading_of_the_list(hus: Hus, eier: Owner) -> None:
    house = LongList()
    unknown = unclear(hus, eier, house, *[TAKEN, NOT_TAKEN] * 15)
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 15
    assert house.lest == [unknown]
    assert [stand()[one] for one in unknown] == ["OVERLEVERT", "UAVKLART"] * 15
    let_lookup_gap_pass(quarantine=True)
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 15
    assert (len(house.lest), set(stand().values())) == (2, {"OVERLEVERT", "KLAR"})


def test_one_that_becomes_unclear_meanwhile_waits_for_the_next_reading(hus: Hus, eier: Owner) -> None:
    house = LongList()
    [first] = unclear(hus, eier, house, NOT_TAKEN)
    recovery.resolve_unknown_outcomes({HOUSE: house})
    _, second = unclear(hus, eier, house, TAKEN)
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0
    let_lookup_gap_pass()
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 1
    assert [sorted(one) for one in house.lest] == [[first], sorted([first, second])]


def test_of_two_readings_at_once_one_counts(hus: Hus, eier: Owner) -> None:
    """That which ends last was begun before the other had ended: they were not a gap apart."""
    house, quick = LongList(), LongList()
    unclear(hus, eier, house, NOT_TAKEN)

    def another() -> None:
        recovery.resolve_unknown_outcomes({HOUSE: quick})
        let_lookup_gap_pass(quarantine=True)

    house.meanwhile = another
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0
    assert [(one.status, one.tomme_oppslag) for one in packages()] == [("UAVKLART", 1)]


def test_a_reading_that_was_begun_within_the_quarantine_does_not_end_the_search(
    hus: Hus, eier: Owner
) -> None:
    house = LongList()
    unclear(hus, eier, house, NOT_TAKEN)
    recovery.resolve_unknown_outcomes({HOUSE: house})
    let_lookup_gap_pass()
    asked = packages()[0].sist_oppslag

    def over() -> None:
        let_lookup_gap_pass(quarantine=True)
        set_asked(asked)

    house.meanwhile = over
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0
    assert [(one.status, one.tomme_oppslag) for one in packages()] == [("UAVKLART", 2)]
    house.meanwhile = None
    let_lookup_gap_pass()
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 1


def set_asked(at: datetime | None) -> None:
    """As it was looked up last, though the rest of the clock has moved."""
    with transaction() as tx:
        tx.execute(update(Pakke).values(sist_oppslag=at))


def test_a_list_that_breaks_off_is_read_again_a_minute_later_for_all(hus: Hus, eier: Owner) -> None:
    house = LongList(brister=ProvIgjen("PRINTHUS_BRUDD"))
    unknown = unclear(hus, eier, house, *[TAKEN] * 3)
    for _ in range(5):
        assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0
    assert house.lest == [unknown]
    house.brister = None
    let_lookup_gap_pass()
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 3
    assert len(house.lest) == 2


def test_a_list_that_breaks_as_nobody_had_thought_of_is_read_twice_at_most(
    hus: Hus, eier: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    house = LongList(brister=ZeroDivisionError("nobody thought of this"))
    unknown = unclear(hus, eier, house, *[TAKEN] * 5)
    with pytest.raises(ZeroDivisionError):
        recovery.resolve_unknown_outcomes({HOUSE: house})
    assert house.lest == [unknown, unknown[1:]]
    assert set(stand().values()) == {"UAVKLART"}
    assert recovery.resolve_unknown_outcomes({HOUSE: house}) == 0, "it rests"
    assert len(house.lest) == 2


def test_one_that_breaks_when_it_is_settled_holds_no_other_up(
    hus: Hus, eier: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, adopt = LongList(), recovery.adopt_package
    odd, *others = unclear(hus, eier, house, *[TAKEN] * 3)

    def breaks(pakke_id: UUID, ref: str) -> bool:
        if str(pakke_id) == odd:
            raise ZeroDivisionError("nobody thought of this")
        return adopt(pakke_id, ref)

    monkeypatch.setattr(
        recovery, "adopt_package", breaks
    )  # nothing that a house says makes one of them break
    with pytest.raises(ZeroDivisionError):
        recovery.resolve_unknown_outcomes({HOUSE: house})
    assert stand() == {odd: "UAVKLART"} | dict.fromkeys(others, "OVERLEVERT")
    assert len(house.lest) == 1
