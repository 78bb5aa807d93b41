"""An owner is alive exactly as long as its lock is held."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from fiks.core.db import transaction
from fiks.core.queue.owner_lock import Owner, take_if_dead
from tests.integration.databases import Database

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def owner(database: Database) -> Iterator[Owner]:
    made = Owner(database.app_url)
    yield made
    made.release()


def cut(database: Database) -> None:
    """Break every connection that holds an owner's lock, as a restart of the database would."""
    with database.owner() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7340"
        )


def dead(number: int) -> bool:
    with transaction():
        return take_if_dead(number)


def cleaned_up(number: int) -> bool:
    """Whether the number is free within ten seconds: a server says goodbye to a cut connection before it cleans up."""
    for _ in range(200):
        if dead(number):
            return True
        time.sleep(0.05)
    return False


def test_an_owner_that_lives_cannot_be_taken_over(owner: Owner) -> None:
    assert owner.alive()
    assert not dead(owner.number)


def test_an_owner_that_let_go_can_be_taken_over(owner: Owner) -> None:
    number = owner.number
    owner.release()
    assert not owner.alive()
    assert dead(number)


def test_an_owner_whose_connection_broke_knows_it_and_is_dead_to_others(
    owner: Owner, database: Database
) -> None:
    number = owner.number
    cut(database)
    assert not owner.alive()
    assert cleaned_up(number)


def test_a_lost_owner_gets_a_new_number_never_the_old_one(owner: Owner, database: Database) -> None:
    number = owner.number
    cut(database)
    assert owner.ensure() != number
    assert owner.alive()
    assert cleaned_up(number)
    assert not dead(owner.number)


def test_an_owner_that_lives_keeps_its_number(owner: Owner) -> None:
    number = owner.number
    assert owner.ensure() == number


def test_two_owners_have_different_numbers(owner: Owner, database: Database) -> None:
    other = Owner(database.app_url)
    assert other.number != owner.number
    other.release()


def test_the_lock_of_a_dead_owner_is_free_again_after_the_transaction_that_took_it(owner: Owner) -> None:
    number = owner.number
    owner.release()
    assert dead(number)
    assert dead(number)
