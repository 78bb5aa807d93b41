"""I1 of a world outside that only we send to: whatever it has, it has under the reference of a hand-over of ours."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from fiks.core import clock
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.invariants import Brudd
from fiks.svarut.models import Forsendelse
from fiks.svarut.operations.external_invariants import Mottatt, exactly_once, no_unknown_references
from fiks.svarut.rules import Kanal
from fiks.utsending.invariant_schedule import check_all
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, levering, make_letter
from tests.integration.worlds import World


def sent(hus: Hus, eier: Owner, world: World) -> Mottatt:
    """A letter in Altinn, as Altinn's own log has it."""
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    return Mottatt(Kanal.ALTINN, str(levering(made).id), clock.now())


def test_what_was_sent_under_its_own_reference_is_no_strangers(hus: Hus, eier: Owner, world: World) -> None:
    assert no_unknown_references([sent(hus, eier, world), sent(hus, eier, world)]) == []


def test_a_letter_sent_once_more_under_another_reference_is_told_of_though_its_own_is_there_once(
    hus: Hus, eier: Owner, world: World
) -> None:
    once = sent(hus, eier, world)
    again = Mottatt(Kanal.ALTINN, str(uuid4()), clock.now())
    assert exactly_once(select(Forsendelse.id), [once, again]) == []
    assert no_unknown_references([once, again]) == [Brudd("I1", "UKJENT_REFERANSE", again.referanse)]


def test_a_letter_on_a_channel_that_it_was_not_handed_to_is_told_of(
    hus: Hus, eier: Owner, world: World
) -> None:
    once = sent(hus, eier, world)
    elsewhere = Mottatt(Kanal.DPI, once.referanse, once.tid)
    assert no_unknown_references([once, elsewhere]) == [Brudd("I1", "UKJENT_REFERANSE", once.referanse)]


def test_a_reference_of_no_form_that_we_know_is_told_of_too(hus: Hus, eier: Owner, world: World) -> None:
    odd = Mottatt(Kanal.PRINT, "faktura 7", clock.now())
    assert no_unknown_references([sent(hus, eier, world), odd]) == [
        Brudd("I1", "UKJENT_REFERANSE", "faktura 7")
    ]


def test_all_rules_together_ask_for_strangers_whichever_mailings_they_are_asked_of(
    hus: Hus, eier: Owner, world: World
) -> None:
    once = sent(hus, eier, world)
    again = Mottatt(Kanal.ALTINN, str(uuid4()), clock.now())
    found = [one for one in check_all([], [once, again]) if one.regel == "I1"]
    assert found == [Brudd("I1", "UKJENT_REFERANSE", again.referanse)]
