"""A worker that lacks a master key which others seal under: its letters wait for one that has it, and cost no try."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import update

from fiks.core.crypto.encryption import UNKNOWN_KEYS, NokkelUkjent
from fiks.core.db import transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.keys import newer_key, no_data_keys
from tests.integration.svarut.letters import (
    hand_over,
    let_wait_pass,
    letter,
    levering,
    make_letter,
    tries_used,
)
from tests.integration.worlds import World

MORE_THAN_ALL_TRIES = 9


class Reading:
    """A channel that reads the letter's documents, as all do."""

    def send(self, referanse: str, brev: Brev) -> str:
        for document in brev.dokumenter:
            read_checked(document)
        return f"hos-{referanse}"

    def lookup(self, referanse: str) -> str | None:
        return None


def states(letters: list[UUID]) -> list[tuple[str, str | None]]:
    return [(row.status, row.feilkode) for row in map(levering, letters)]


def test_a_letter_sealed_under_a_key_that_a_worker_lacks_waits_and_its_neighbours_go(
    hus: Hus, eier: Owner, world: World
) -> None:
    people = [world.register.add_person(new_fnr()) for _ in range(3)]
    first = make_letter(hus, people[0])
    with newer_key():
        theirs = make_letter(hus, people[1])
    last = make_letter(hus, people[2])
    for _ in range(MORE_THAN_ALL_TRIES):
        hand_over(eier, world)
        assert states([theirs]) == [("VENTER", "NOKKEL_UKJENT")]
        let_wait_pass(theirs)
    assert {letter(one).status for one in (first, last)} == {Status.SENDT_ALTINN}
    assert (tries_used([theirs]), levering(theirs).tapte_eiere) == (0, 0)
    with newer_key():
        hand_over(eier, world)
    assert letter(theirs).status == Status.SENDT_ALTINN
    assert world.altinn.antall == 3


def test_one_whose_receiver_was_damaged_is_a_persons_at_once_and_costs_its_neighbours_nothing(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = [make_letter(hus, world.register.add_person(new_fnr())) for _ in range(2)]
    with transaction() as tx:
        damaged = update(Forsendelse).where(Forsendelse.id == made[0])
        tx.execute(
            damaged.values(mottaker_kryptert=bytes(letter(made[1]).mottaker_kryptert or b"")[:-1] + b"x")
        )
    hand_over(eier, world)
    assert states(made) == [("TIL_BEHANDLING", "VERDI_ODELAGT"), ("OVERLEVERT", None)]
    assert [levering(one).tapte_eiere for one in made] == [0, 0]


def test_a_letter_whose_document_cannot_be_opened_when_its_call_has_begun_waits(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    reading = replace(world.verden, kanaler={Kanal.ALTINN: Reading()})
    for _ in range(MORE_THAN_ALL_TRIES):
        with no_data_keys():
            deliver(Bane.ENKELT, eier, reading)
        assert states([made]) == [("VENTER", "NOKKEL_UKJENT")]
        let_wait_pass(made)
    assert tries_used([made]) == 0
    deliver(Bane.ENKELT, eier, reading)
    assert letter(made).status == Status.SENDT_ALTINN


def test_that_we_cannot_open_what_we_send_says_nothing_of_the_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    """Else one worker without the key would pause the channel for all."""
    for _ in range(circuit_breaker.WINDOW):
        make_letter(hus, world.register.add_person(new_fnr()))
    reading = replace(world.verden, kanaler={Kanal.ALTINN: Reading()})
    with no_data_keys():
        while deliver(Bane.ENKELT, eier, reading):
            assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.OPEN


def test_one_that_is_to_be_printed_waits_for_its_documents_key(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus)
    world.print.svar = [NokkelUkjent("NOKKEL_UKJENT", nokkel_id="ny")] * MORE_THAN_ALL_TRIES
    for _ in range(MORE_THAN_ALL_TRIES):
        hand_over(eier, world)
        assert states([made]) == [("VENTER", "NOKKEL_UKJENT")]
        let_wait_pass(made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT


def test_that_a_process_lacks_a_key_is_counted_for_operations(hus: Hus, eier: Owner, world: World) -> None:
    with newer_key():
        make_letter(hus, world.register.add_person(new_fnr()))
    before = UNKNOWN_KEYS._value.get()
    hand_over(eier, world)
    assert UNKNOWN_KEYS._value.get() > before
