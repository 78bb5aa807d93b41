"""The chain walked a turn at a time: it finds what a walk in one go finds, whatever is added or deleted meanwhile."""

from __future__ import annotations

import json

import pytest

from fiks.core import audit
from fiks.core.audit_upkeep import retention
from fiks.core.audit_upkeep.chain_verification import DAY, KILDE, ChainWalk
from fiks.core.db import session, transaction
from fiks.core.queue import feed_markers
from tests.integration.core.seals import Clock, rename, write
from tests.integration.databases import Database
from tests.integration.houses import HOUSE

pytestmark = pytest.mark.usefixtures("empty")


def test_turns_find_the_seal_that_does_not_fit(database: Database) -> None:
    write(*"ABCDEFG")
    rename(database, "E", "X")
    walk = ChainWalk(portion=2)
    assert [walk.go_on(0) for _ in range(3)] == [None, None, 5]


def test_a_chain_that_holds_is_never_told_of() -> None:
    write(*"ABCDE")
    walk = ChainWalk(portion=2)
    assert {walk.go_on(0) for _ in range(6)} == {None}


def test_a_turn_goes_on_where_the_one_before_ended(database: Database) -> None:
    write(*"ABCDE")
    clock = Clock()
    walk = ChainWalk(2, clock)
    walk.go_on(0)
    rename(database, "A", "X")
    assert [walk.go_on(0) for _ in range(4)] == [None] * 4, "behind the place"
    clock.time += DAY
    assert walk.go_on(0) == 1


def test_a_turn_walks_for_as_long_as_it_has_time(database: Database) -> None:
    write(*"ABCDE")
    rename(database, "D", "X")
    assert ChainWalk(1, Clock(step=1)).go_on(3) is None, "three portions"
    assert ChainWalk(1, Clock(step=1)).go_on(4) == 4


def test_the_next_walk_begins_a_day_after_this_one_began(database: Database) -> None:
    write(*"ABC")
    clock = Clock()
    walk = ChainWalk(2, clock)
    walk.go_on(0)
    clock.time += 600
    walk.go_on(60)
    rename(database, "A", "X")
    clock.time += DAY - 601
    assert walk.go_on(60) is None
    clock.time += 1
    assert walk.go_on(60) == 1


def test_a_walk_that_takes_longer_than_a_day_ends_before_the_next_begins(database: Database) -> None:
    write(*"ABC")
    rename(database, "C", "X")
    clock = Clock()
    walk = ChainWalk(1, clock)
    for known in (None, None, 3):
        clock.time += DAY
        assert walk.go_on(0) == known


def test_what_is_broken_stays_so_until_a_whole_walk_finds_it_mended(database: Database) -> None:
    write(*"ABCDE")
    rename(database, "C", "X")
    clock = Clock()
    walk = ChainWalk(2, clock)
    assert walk.go_on(60) == 3
    rename(database, "X", "C")
    clock.time += DAY
    assert [walk.go_on(0) for _ in range(4)] == [3, 3, 3, None]


def test_a_walk_that_is_to_resume_begins_with_the_first_seal_and_forgets_nothing(
    database: Database,
) -> None:
    write(*"ABCDE")
    rename(database, "E", "X")
    walk = ChainWalk(2)
    assert walk.go_on(60) == 5
    rename(database, "A", "Y")
    walk.resume()
    assert walk.go_on(0) == 1
    rename(database, "Y", "A")
    walk.resume()
    assert [walk.go_on(0) for _ in range(3)] == [1, 1, 5]


def test_rows_that_are_deleted_of_age_while_a_walk_goes_on_break_nothing(database: Database) -> None:
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            " SELECT now() - interval '6 years', 'a', 'a', 'A', 'o', '1' FROM generate_series(1, 6)"
        )
    write(*"AB")
    walk = ChainWalk(portion=2)
    walk.go_on(0)
    assert retention.delete_old() == 6
    audit.seal()
    assert {walk.go_on(0) for _ in range(6)} == {None}


def test_a_row_that_is_deleted_before_its_time_ahead_of_a_walk_is_found(database: Database) -> None:
    write(*"ABCD")
    walk = ChainWalk(portion=2)
    walk.go_on(0)
    with database.owner() as owner:
        owner.execute("DELETE FROM audit WHERE handling = 'D'")
    assert walk.go_on(0) == 4


def test_a_row_whose_time_ends_after_the_transaction_began_may_be_gone(database: Database) -> None:
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            " VALUES (now() - interval '5 years' + interval '1 second', 'a', 'a', 'A', 'o', '1')"
        )
        audit.seal()
        assert audit.verify() is None
        owner.execute("SELECT pg_sleep_until(bevares_til) FROM audit_segl")
        owner.execute("DELETE FROM audit")
    assert session().in_transaction(), "the one that verify began"
    assert audit.verify() is None


def test_seals_that_are_added_while_a_walk_goes_on_are_walked_too(database: Database) -> None:
    write(*"ABC")
    walk = ChainWalk(portion=2)
    walk.go_on(0)
    write(*"DE")
    rename(database, "E", "X")
    assert [walk.go_on(0) for _ in range(2)] == [None, 5]


def test_a_turn_leaves_no_transaction_open(database: Database) -> None:
    write(*"ABC")
    rename(database, "C", "X")
    walk = ChainWalk(portion=2)
    for known in (None, 3, 3):
        assert (walk.go_on(0), session().in_transaction()) == (known, False)


def late(database: Database) -> int:
    """A row with an id from before those that are sealed, as of a transaction that took very long; its id."""
    with database.owner() as owner:
        [row] = owner.execute("SELECT min(audit_id) - 1 FROM audit_segl").fetchall()
        owner.execute(
            "INSERT INTO audit (id, aktor, aktor_navn, handling, objekt_type, objekt_id)"
            " OVERRIDING SYSTEM VALUE VALUES (%s, 'system:prove', 'Prøve', 'SEN', 'utsending', '1')",
            row,
        )
    session().rollback()
    return int(row[0])


def leave_room() -> None:
    """An id that no row has."""
    with pytest.raises(ZeroDivisionError), transaction() as tx:
        audit.record(HOUSE, "ANGRET", "utsending", 1)
        tx.flush()
        raise ZeroDivisionError


def test_a_row_that_came_late_is_sealed_and_one_that_came_far_too_late_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_room()
    write(*"ABCDE")
    left, clock = late(database), Clock()
    walk = ChainWalk(2, clock)
    assert [(walk.go_on(0), walk.left_behind) for _ in range(4)] == [(None, None)] * 4, (
        "it is still looked for"
    )
    monkeypatch.setattr(audit, "LOOK_BACK", 3)
    clock.time += DAY
    assert [(walk.go_on(0), walk.left_behind) for _ in range(4)] == [(None, left)] * 4
    assert audit.seal() == 0
    assert audit.seal(whole=True) == 1
    clock.time += DAY
    for _ in range(5):
        walk.go_on(0)
    assert (walk.left_behind, audit.verify()) == (None, None)


def test_a_row_that_came_a_little_late_is_sealed(database: Database) -> None:
    leave_room()
    write(*"AB")
    late(database)
    assert audit.seal() == 1
    assert audit.verify() is None


def test_who_takes_over_goes_on_where_the_last_one_came_to(database: Database) -> None:
    """Or what is far down the chain would never be looked at: less is walked between two deploys than there is."""
    write(*"ABCDEFGHIJ")
    rename(database, "J", "X")
    told = []
    for _ in range(3):
        walk = ChainWalk(1, Clock())
        told += [walk.go_on(0) for _ in range(4)]
    assert told == [None] * 9 + [10] * 3


def test_who_takes_over_begins_anew_where_the_seal_it_would_go_on_from_is_another(database: Database) -> None:
    write(*"ABCDE")
    rename(database, "A", "X")
    rename(database, "B", "Y")
    with transaction():
        feed_markers.save_marker(KILDE, json.dumps([3, "00" * 32, 3, None]))
    assert ChainWalk(1, Clock()).go_on(0) == 1


def test_a_row_without_a_seal_that_was_met_is_told_of_by_who_takes_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_room()
    write(*"ABCDE")
    left = late(database)
    monkeypatch.setattr(audit, "LOOK_BACK", 3)
    ChainWalk(2, Clock()).go_on(0)
    taking_over = ChainWalk(2, Clock())
    taking_over.go_on(0)
    assert taking_over.left_behind == left
