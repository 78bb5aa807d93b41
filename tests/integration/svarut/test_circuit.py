"""The circuit breaker: a channel that fails half of its calls is paused, and probed once a minute."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import circuit_breaker, wakeup
from fiks.svarut.delivery.claims import claim
from fiks.svarut.models import Banestatus, Levering
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, make_hus, new_fnr
from tests.integration.svarut.letters import codes, hand_over, letter, levering, make_letter, make_letters
from tests.integration.worlds import World

AWAY = ProvIgjen("FORBINDELSE_NEKTET")


def send(hus: Hus, eier: Owner, world: World, *answers: KanalFeil | None) -> None:
    """Send one Altinn letter for each answer, one by one."""
    for answer in answers:
        world.altinn.svar = [answer]
        make_letter(hus, world.register.add_person(new_fnr()))
        hand_over(eier, world)


def is_open() -> bool:
    """Whether the channel is paused."""
    session().rollback()
    stored = session().execute(select(Banestatus.stengt).where(Banestatus.navn == "ALTINN"))
    return bool(stored.scalar_one_or_none())


@pytest.mark.parametrize("error", [AWAY, Uavklart("TIDSAVBRUDD")])
def test_ten_failures_pause_the_channel_and_nine_do_not(
    hus: Hus, eier: Owner, world: World, error: KanalFeil
) -> None:
    send(hus, eier, world, *[error] * 9)
    assert not is_open()
    send(hus, eier, world, error)
    assert is_open()


def test_ten_failures_spread_over_more_than_twenty_calls_do_not_pause(
    hus: Hus, eier: Owner, world: World
) -> None:
    send(hus, eier, world, *[AWAY, None, None] * 10)
    assert not is_open()


def test_refusals_of_letters_are_not_failures_of_the_channel(hus: Hus, eier: Owner, world: World) -> None:
    send(hus, eier, world, *[Avvist("MOTTAKER_UKJENT")] * 12)
    assert not is_open()


def paused(hus: Hus, eier: Owner, world: World) -> None:
    send(hus, eier, world, *[AWAY] * 10)
    assert is_open()
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=func.now() + timedelta(days=1)))


def test_while_paused_no_call_is_made_and_no_try_is_used(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    before = world.altinn.antall
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    assert world.altinn.antall == before
    row = levering(made)
    assert (row.status, row.feilkode, row.frie_forsok) == ("VENTER", "STENGT_ALTINN", 1)


def test_other_channels_go_on_while_one_is_paused(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_SDP


def let_a_minute_pass() -> int:
    """As if it were time for a probe; returns how many the sweeper wakes then."""
    with transaction() as tx:
        tx.execute(update(Banestatus).values(apnes=func.now()))
    return wakeup.wake_when_open()


def open_channel(navn: str) -> None:
    with transaction() as tx:
        tx.execute(update(Banestatus).where(Banestatus.navn == navn).values(stengt=False, apnes=None))


def waiting(hus: Hus, eier: Owner, world: World, count: int = 3) -> list[UUID]:
    """Letters that wait for the paused channel."""
    paused(hus, eier, world)
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(count)])
    hand_over(eier, world)
    assert standing(made) == ["VENTER"] * count
    return made


def standing(letters: list[UUID]) -> list[str]:
    return [levering(one).status for one in letters]


def test_while_paused_nobody_is_woken_and_the_registers_are_left_in_peace(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = waiting(hus, eier, world)
    asked, told = len(world.register.spurt), codes(made[0])
    for _ in range(3):
        assert wakeup.wake_waiting() + wakeup.wake_when_open() == 0
        hand_over(eier, world)
    assert (len(world.register.spurt), codes(made[0])) == (asked, told)


def test_after_a_minute_one_letter_is_let_through_as_probe(hus: Hus, eier: Owner, world: World) -> None:
    made = waiting(hus, eier, world)
    world.altinn.svar = [AWAY] * 5
    assert let_a_minute_pass() == 1
    hand_over(eier, world)
    assert len(world.altinn.svar) == 4
    assert is_open()
    assert standing(made) == ["VENTER"] * 3


def test_the_next_probe_is_not_the_letter_that_was_the_last(hus: Hus, eier: Owner, world: World) -> None:
    made = waiting(hus, eier, world)
    tried = set[UUID]()
    world.altinn.svar = [AWAY] * 2
    for _ in range(2):
        assert let_a_minute_pass() == 1
        hand_over(eier, world)
        tried |= {one for one in made if levering(one).feilkode == AWAY.kode}
    assert len(tried) == 2


def test_a_probe_that_is_on_its_way_is_not_followed_by_another(hus: Hus, eier: Owner, world: World) -> None:
    made = waiting(hus, eier, world)
    assert [let_a_minute_pass() for _ in range(3)] == [1, 0, 0]
    assert sorted(standing(made)) == ["KLAR", "VENTER", "VENTER"]


def test_a_probe_that_succeeds_opens_the_channel_for_all(hus: Hus, eier: Owner, world: World) -> None:
    made = waiting(hus, eier, world)
    world.altinn.svar = []
    assert let_a_minute_pass() == 1
    hand_over(eier, world)
    assert not is_open()
    assert wakeup.wake_when_open() == 2
    hand_over(eier, world)
    assert {letter(one).status for one in made} == {Status.SENDT_ALTINN}


def test_an_open_channel_wakes_its_own_letters_only(hus: Hus, eier: Owner, world: World) -> None:
    made = waiting(hus, eier, world)
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made[0]).values(feilkode="STENGT_DPI"))
    assert wakeup.wake_when_open() == 1, "the digital mailbox is not paused"
    assert standing(made) == ["KLAR", "VENTER", "VENTER"]


def test_those_who_waited_longest_are_woken_first_and_the_rest_in_their_turn(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = waiting(hus, eier, world)
    with transaction() as tx:
        for place, one in enumerate(reversed(made)):
            later = func.now() + timedelta(minutes=place + 1)
            tx.execute(update(Levering).where(Levering.forsendelse_id == one).values(neste_forsok=later))
    open_channel("ALTINN")
    assert wakeup.wake_when_open(limit=2) == 2
    assert standing(made) == ["VENTER", "KLAR", "KLAR"]
    hand_over(eier, world)
    assert wakeup.wake_when_open(limit=2) == 1


def woken_first(eier: Owner, bane: Bane = Bane.MASSE) -> list[UUID]:
    """The letters that are ready in the lane, in the order they are claimed: one by one, as a claim has no order."""
    found: list[UUID] = []
    while taken := claim(bane, eier.ensure(), limit=1):
        found += [krav.claim.forsendelse_id for krav in taken]
    return found


def wait_for_altinn(hus: Hus, eier: Owner, world: World, count: int, **options: object) -> list[UUID]:
    """Letters of the masses' lane that wait for Altinn, which is paused."""
    with transaction():
        circuit_breaker.pause("ALTINN", "MANGE_FEIL")
    numbers = [world.register.add_person(new_fnr()) for _ in range(count)]
    made = make_letters(hus, numbers, bane=Bane.MASSE, **options)
    hand_over(eier, world, Bane.MASSE)
    assert standing(made) == ["VENTER"] * count
    return made


def test_mailings_and_kontoer_share_what_is_woken_however_much_one_of_them_has(
    hus: Hus, eier: Owner, world: World
) -> None:
    first, other = uuid4(), uuid4()
    wait_for_altinn(hus, eier, world, 30, utsending_id=first)
    wait_for_altinn(hus, eier, world, 20)
    late = wait_for_altinn(make_hus("Annevik kommune"), eier, world, 3)
    last = wait_for_altinn(hus, eier, world, 3, utsending_id=other)
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=Levering.opprettet + timedelta(hours=1)))
    open_channel("ALTINN")
    assert wakeup.wake_when_open(limit=12) == 12
    woken = set(woken_first(eier))
    assert woken >= {*late, *last}, "three each of four, though one has thirty that came before them"


def test_no_more_are_woken_than_are_soon_claimed(hus: Hus, eier: Owner, world: World) -> None:
    wait_for_altinn(hus, eier, world, 15)
    open_channel("ALTINN")
    assert [wakeup.wake_when_open(limit=10) for _ in range(3)] == [10, 0, 0]
    other = make_letter(hus, world.register.add_person(new_fnr()), bane=Bane.MASSE)
    claim(Bane.MASSE, eier.ensure())
    assert wakeup.wake_when_open(limit=10) == 5, "half are gone"
    assert woken_first(eier).index(other) == 5


def test_letters_by_themselves_are_woken_however_many_of_a_mass_are_ready(
    hus: Hus, eier: Owner, world: World
) -> None:
    wait_for_altinn(hus, eier, world, 6)
    open_channel("ALTINN")
    assert wakeup.wake_when_open(limit=2) == 2
    with transaction():
        circuit_breaker.pause("ALTINN", "MANGE_FEIL")
    single = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    open_channel("ALTINN")
    assert wakeup.wake_when_open(limit=2) == 1
    assert standing([single]) == ["KLAR"]


def test_a_letter_that_was_refused_meanwhile_is_not_woken_by_the_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    paused(hus, eier, world)
    open_channel("ALTINN")
    world.altinn.svar = [ProvIgjen("HTTP_503", after=300.0, throttled=True)]
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    assert levering(made).feilkode == "HTTP_503"
    assert wakeup.wake_when_open() + wakeup.wake_waiting() == 0


def test_a_letter_is_tried_in_six_hours_whatever_is_said_of_the_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    (made,) = waiting(hus, eier, world, 1)
    row = levering(made)
    sooner, later = timedelta(hours=4, minutes=45), timedelta(hours=7, minutes=15)
    assert sooner <= row.neste_forsok - clock.database_now() <= later
    with transaction() as tx:
        tx.execute(update(Levering).values(neste_forsok=Levering.neste_forsok - later))
    assert wakeup.wake_waiting() >= 1
    assert standing([made]) == ["KLAR"]


def test_only_one_of_two_askers_gets_the_probe(hus: Hus, eier: Owner, world: World) -> None:
    paused(hus, eier, world)
    let_a_minute_pass()
    probed, paused_for = circuit_breaker.State.PROBED, circuit_breaker.State.PAUSED
    assert [circuit_breaker.admit(Kanal.ALTINN) for _ in range(3)] == [probed, paused_for, paused_for]


def test_freezing_says_why_and_thawing_forgets_it(hus: Hus) -> None:
    assert not circuit_breaker.is_frozen()
    circuit_breaker.set_frozen(True, "prøver gjenoppretting")
    assert circuit_breaker.is_frozen()
    grunn = (
        session()
        .execute(select(Banestatus.grunn).where(Banestatus.navn == circuit_breaker.ALL_SENDING))
        .scalar_one()
    )
    assert grunn == "prøver gjenoppretting"
    circuit_breaker.set_frozen(False, None)
    assert not circuit_breaker.is_frozen()


def too_much(after: float | None = 60.0, kode: str = "HTTP_429") -> ProvIgjen:
    return ProvIgjen(kode, after=after, throttled=True)


def let_pass(seconds: float) -> None:
    """As if so much time had gone by for what is paused."""
    with transaction() as tx:
        tx.execute(update(Banestatus).values(apnes=Banestatus.apnes - timedelta(seconds=seconds)))


def test_a_channel_that_asks_for_peace_has_it_and_is_open_by_itself_afterwards(
    hus: Hus, eier: Owner, world: World
) -> None:
    send(hus, eier, world, too_much())
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PAUSED
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    before = world.altinn.antall
    hand_over(eier, world)
    assert world.altinn.antall == before
    assert wakeup.wake_when_open() == 0
    let_pass(61)
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.OPEN
    assert wakeup.wake_when_open() == 3, "no probe is needed"
    hand_over(eier, world)
    assert {letter(one).status for one in made} == {Status.SENDT_ALTINN}


@pytest.mark.parametrize("error", [too_much(None), too_much(kode="HTTP_503"), too_much(kode="HTTP_401")])
def test_only_too_many_calls_with_a_time_to_wait_is_a_wish_for_peace(
    hus: Hus, eier: Owner, world: World, error: ProvIgjen
) -> None:
    send(hus, eier, world, error)
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.OPEN


def test_a_call_that_was_under_way_and_went_well_does_not_end_the_peace(
    hus: Hus, eier: Owner, world: World
) -> None:
    send(hus, eier, world, too_much())
    with transaction():
        circuit_breaker.record_call(Kanal.ALTINN, ok=True)
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PAUSED
    let_pass(61)
    with transaction():
        circuit_breaker.record_call(Kanal.ALTINN, ok=True)
    assert not is_open()


def test_of_two_wishes_the_longer_counts_and_none_is_longer_than_a_quarter(
    hus: Hus, eier: Owner, world: World
) -> None:
    def opens() -> timedelta:
        row = session().execute(select(Banestatus.apnes - func.now()).where(Banestatus.navn == "ALTINN"))
        return row.scalar_one()

    for seconds, least, most in ((60, 55, 60), (300, 295, 300), (30, 290, 300), (86_400, 890, 900)):
        with transaction():
            circuit_breaker.pause_as_asked(Kanal.ALTINN, seconds)
        assert timedelta(seconds=least) <= opens() <= timedelta(seconds=most)
        session().rollback()


def test_a_channel_paused_for_its_failures_must_be_probed_whatever_it_asks_for(
    hus: Hus, eier: Owner, world: World
) -> None:
    paused(hus, eier, world)
    with transaction():
        circuit_breaker.pause_as_asked(Kanal.ALTINN, 1)
    let_pass(61)
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PROBED


def test_a_channel_that_fails_after_its_peace_is_paused_for_that(hus: Hus, eier: Owner, world: World) -> None:
    send(hus, eier, world, too_much())
    let_pass(61)
    send(hus, eier, world, *[AWAY] * 9)
    let_pass(61)
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PROBED, "ten of ten failed"
