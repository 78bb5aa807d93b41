"""After a restored backup: a hand-over that a channel has is adopted, not made again."""

from __future__ import annotations

import pytest

from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.core.locks import Owner
from fiks.svarut.claiming import claim
from fiks.svarut.outcomes import postpone
from fiks.svarut.restored import Gjennomgang, look_up_unsent
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, ledger, letter, levering, make_letter
from tests.integration.worlds import World


def channels(world: World) -> dict[Kanal, object]:
    return {Kanal.DPI: world.dpi, Kanal.ALTINN: world.altinn}


def look_up(eier: Owner, world: World, printed: frozenset[str] = frozenset()) -> Gjennomgang:
    session().rollback()
    return look_up_unsent(eier, channels(world), printed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kanal", "status"), [("DPI", Status.SENDT_SDP), ("ALTINN", Status.SENDT_ALTINN)])
def test_a_ready_letter_that_a_channel_has_is_adopted_and_not_sent(
    hus: Hus, eier: Owner, world: World, kanal: str, status: Status
) -> None:
    had = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    other = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    port = world.dpi if kanal == "DPI" else world.altinn
    port.fikk[str(levering(had).id)] = []
    assert look_up(eier, world) == Gjennomgang(2, 1, 0)
    assert (letter(had).status, letter(had).kanal) == (status, kanal)
    assert (levering(had).status, levering(had).leverandor_ref) == (
        "OVERLEVERT",
        f"{kanal}-{levering(had).id}",
    )
    assert ledger(had) == [(1, kanal, "FUNNET")]
    assert levering(other).status == "KLAR"
    assert hand_over(eier, world) == 1
    assert port.fikk[str(levering(had).id)] == []
    assert letter(other).status == Status.SENDT_SDP


def test_one_that_waits_for_its_next_try_is_looked_up_in_its_own_channel_alone(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.svar = [ProvIgjen("FORBINDELSE_NEKTET")]
    hand_over(eier, world)
    assert (levering(made).status, levering(made).kanal) == ("VENTER", "DPI")
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert world.altinn.oppslag == []
    assert letter(made).status == Status.SENDT_SDP


def test_run_twice_it_finds_nothing_more(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
    assert look_up(eier, world) == Gjennomgang(0, 0, 0)


def test_a_letter_that_the_print_house_has_and_we_no_order_for_waits_for_a_person(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    assert look_up(eier, world, frozenset({str(levering(made).id)})) == Gjennomgang(1, 0, 1)
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "FUNNET_HOS_TRYKKERIET")
    assert hand_over(eier, world) == 0


def test_a_channel_that_cannot_be_asked_ends_it_and_nothing_is_changed(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.nede = ProvIgjen("FORBINDELSE_NEKTET")
    with pytest.raises(ProvIgjen):
        look_up(eier, world)
    assert levering(made).status == "KLAR"


def test_a_claimed_letter_is_left_to_its_owner(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    [krav] = claim(Bane.ENKELT, eier.ensure())
    world.dpi.fikk[str(levering(made).id)] = []
    assert look_up(eier, world) == Gjennomgang(0, 0, 0)
    with transaction():
        postpone(krav.claim, ProvIgjen("FORBINDELSE_NEKTET"), counts=False)
    assert look_up(eier, world) == Gjennomgang(1, 1, 0)
