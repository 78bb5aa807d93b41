"""Letters that are ordered printed and lie for hours, and what becomes of those who are protected by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import system
from fiks.core.db import session
from fiks.core.queue.owner_lock import Owner
from fiks.print import invariants
from fiks.print.handover.address_check import Vern
from fiks.print.operations import move_order
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut import invariants as letter_rules
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.print.orders import HOUSE, FakeHouse, agree, deliver, orders_of
from tests.integration.svarut.letters import codes, hand_over, letter, levering, leveringer, make_letters
from tests.integration.worlds import World

BY_HAND = "MANUELL_PRINT"
OPERATOR = system("kommando")
STRICT = Adressebeskyttelse.STRENGT_FORTROLIG


def many_a_package() -> Iterator[None]:
    """The house takes many letters a package, each a file of its own; afterwards one, as it comes."""
    plain = {"pause_til": None, "feil_pa_rad": 0, "ventetid_sekunder": 0, "aktiv": True}
    agree(brev_per_pakke=100, samlefil=False, **plain)
    yield
    session().rollback()
    agree(brev_per_pakke=1, samlefil=True, **plain)


def kommune() -> Iterator[Hus]:
    """Afterwards every change must be legal and in the history, and no letter lost."""
    yield make_hus()
    session().rollback()
    everything = select(Forsendelse.id)
    assert letter_rules.history_is_complete(everything) == []
    assert letter_rules.changes_are_legal(everything) == []
    assert letter_rules.nothing_vanishes(everything) == []
    assert [one for one in invariants.check(timedelta(days=1)) if one[0] != "I3"] == []


def ordered(hus: Hus, eier: Owner, world: World, n: int = 3) -> tuple[list[UUID], list[str]]:
    """Letters to as many persons, that are ordered printed and lie in no package; and the persons' numbers."""
    numbers = [world.register.add_person(new_fnr(), registrert=False) for _ in range(n)]
    made = make_letters(hus, numbers)
    hand_over(eier, world)
    assert {letter(one).status for one in made} == {Status.SENDT_PRINT}
    world.register.spurt.clear()
    session().rollback()
    return made, numbers


def protect(world: World, number: str, grad: Adressebeskyttelse = STRICT) -> None:
    world.register.add_person(number, registrert=False, beskyttelse=grad)


def reference(letter_id: UUID) -> UUID:
    """What the order of a letter's first hand-over is called."""
    return leveringer(letter_id)[0].id


def references(ids: Sequence[UUID]) -> list[str]:
    return sorted(str(reference(one)) for one in ids)


def let_hours_pass(hours: float = 2) -> None:
    session().rollback()
    clock.move(timedelta(hours=hours))


def work(eier: Owner, house: FakeHouse, world: World) -> None:
    """Pack and hand over, and once more what is packed anew."""
    for _ in range(2):
        deliver(eier, house, vern=world.vern)


def is_restricted(letter_id: UUID) -> bool:
    """Whether its order is called off, and the letter waits for the few."""
    now = levering(letter_id)
    waits = (now.status, now.bane, now.kanal, now.feilkode)
    return (
        orders_of(letter_id) == [(HOUSE, "AVBESTILT")]
        and letter(letter_id).status == Status.SENDT_PRINT
        and codes(letter_id)[-2:] == ["TATT_FRA_TRYKKERIET", "MA_BEHANDLES"]
        and waits == ("TIL_BEHANDLING", Bane.SPERRET, Kanal.PRINT, "ADRESSE_SPERRET")
    )


def move(ordre_id: UUID, vern: Vern, house: FakeHouse | None = None, til: str = BY_HAND) -> None:
    session().rollback()
    houses = {HOUSE: house or FakeHouse()}
    move_order.move_order(ordre_id, til, grunn="papirstopp", houses=houses, vern=vern, actor=OPERATOR)
