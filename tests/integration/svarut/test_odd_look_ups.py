"""A look-up that ends as nobody had thought of: that letter stays unknown and rests, and all others are looked up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from fiks.core.errors import Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import unknown_outcomes
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.rules import Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, let_lookup_gap_pass, letter, levering, make_letters
from tests.integration.worlds import FakePort, World
from workers import lanes

LOST_ANSWER = Uavklart("SVARET_BORTE")


class OneId(FakePort):
    """A channel that has the same id for every letter."""

    def lookup(self, referanse: str) -> str | None:
        super().lookup(referanse)
        return "1"


@dataclass
class Broken(FakePort):
    """A channel whose client breaks on some letters, and has all others."""

    odd: set[str] = field(default_factory=set)

    def lookup(self, referanse: str) -> str | None:
        if referanse in self.odd:
            raise ZeroDivisionError("nobody thought of this")
        return f"{self.kanal}-{referanse}"


def unclear(hus: Hus, eier: Owner, world: World) -> tuple[list[UUID], UUID]:
    """Three letters to mailboxes and one in Altinn, of which nobody knows how their calls ended."""
    world.dpi.svar, world.altinn.svar = [LOST_ANSWER] * 3, [LOST_ANSWER]
    boxes = [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(3)]
    made = make_letters(hus, [*boxes, world.register.add_person(new_fnr())])
    hand_over(eier, world)
    assert {levering(one).status for one in made} == {"UAVKLART"}
    return made[:3], made[3]


def through(world: World, *odd: FakePort) -> Verden:
    """The world with these channels in it."""
    return replace(world.verden, kanaler=dict(world.verden.kanaler) | {port.kanal: port for port in odd})


def test_an_id_that_another_letter_has_already_holds_no_other_up(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    in_dpi, _ = unclear(hus, eier, world)
    with pytest.raises(IntegrityError):
        unknown_outcomes.resolve_unknown_outcomes(through(world, OneId(Kanal.DPI)))
    assert sorted(levering(one).status for one in in_dpi) == ["OVERLEVERT", "UAVKLART", "UAVKLART"]
    told = [record for record in caplog.records if record.message == "lookup_broken"]
    assert [(one.levelname, bool(one.exc_info)) for one in told] == [("ERROR", True)] * 2


@pytest.mark.parametrize("kanal", [Kanal.DPI, Kanal.ALTINN])
def test_the_other_channels_are_asked_whichever_comes_first(
    hus: Hus, eier: Owner, world: World, kanal: Kanal
) -> None:
    in_dpi, in_altinn = unclear(hus, eier, world)
    odd, other = (in_dpi, [in_altinn]) if kanal is Kanal.DPI else ([in_altinn], in_dpi)
    with pytest.raises(ZeroDivisionError):
        unknown_outcomes.resolve_unknown_outcomes(
            through(world, Broken(kanal, odd={str(levering(one).id) for one in odd}))
        )
    assert {levering(one).status for one in odd} == {"UAVKLART"}
    assert {levering(one).status for one in other} == {"OVERLEVERT"}


def test_the_odd_one_rests_and_comes_last_the_next_time(hus: Hus, eier: Owner, world: World) -> None:
    in_dpi, _ = unclear(hus, eier, world)
    port = Broken(Kanal.DPI, odd={str(levering(in_dpi[0]).id)})
    with pytest.raises(ZeroDivisionError):
        unknown_outcomes.resolve_unknown_outcomes(through(world, port))
    assert [letter(one).status for one in in_dpi] == [Status.AKSEPTERT, *[Status.SENDT_SDP] * 2]
    assert levering(in_dpi[0]).sist_oppslag is not None
    assert levering(in_dpi[0]).tomme_oppslag == 0, "it may be there"
    assert unknown_outcomes.resolve_unknown_outcomes(through(world, port)) == 0, (
        "it was looked up a moment ago"
    )
    port.odd.clear()
    let_lookup_gap_pass(in_dpi[0])
    assert unknown_outcomes.resolve_unknown_outcomes(through(world, port)) == 1
    assert letter(in_dpi[0]).status == Status.SENDT_SDP


def test_it_is_counted_as_what_breaks_in_the_incoming_lane(hus: Hus, eier: Owner, world: World) -> None:
    unclear(hus, eier, world)
    counted = lanes.FAILED.labels("OPPSLAG")._value
    before = counted.get()
    odd = through(world, OneId(Kanal.DPI))
    assert lanes._try("OPPSLAG", lambda: unknown_outcomes.resolve_unknown_outcomes(odd)) == 0
    assert counted.get() == before + 1
