"""`transaction()`, the guarded update and the doorbell, against a real database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from fiks.core import doorbell
from fiks.core.db import guarded_update, ring, session, transaction
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.svarut.models import Banestatus

pytestmark = pytest.mark.usefixtures("empty")


class Bells:
    """Remembers what rang, and what was committed when it rang. `broken`: the broker is away."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, int]] = []
        self.broken = False

    def __call__(self, lane: str) -> None:
        if self.broken:
            raise ConnectionError("the broker is away")
        self.rung.append((lane, lanes_stored()))


@pytest.fixture
def bells() -> Iterator[Bells]:
    made = Bells()
    doorbell.install(made)
    yield made
    doorbell.install(None)


def store(navn: str) -> None:
    session().add(Banestatus(navn=navn))
    session().flush()


def lanes_stored() -> int:
    session().rollback()
    return session().execute(select(func.count()).select_from(Banestatus)).scalar_one()


def test_a_transaction_commits_at_its_end() -> None:
    with transaction():
        store("a")
    assert lanes_stored() == 1


def test_an_exception_takes_everything_back_and_passes_on() -> None:
    with pytest.raises(KeyError), transaction():
        store("a")
        raise KeyError("b")
    assert lanes_stored() == 0


def test_an_inner_transaction_joins_the_outer_and_falls_with_it() -> None:
    with pytest.raises(KeyError), transaction():
        with transaction():
            store("a")
        raise KeyError("b")
    assert lanes_stored() == 0


def test_an_inner_transaction_commits_nothing_by_itself() -> None:
    with transaction() as outer:
        with transaction() as inner:
            assert inner is outer
            store("a")
        assert inner.in_transaction()
        outer.rollback()
    assert lanes_stored() == 0


def test_after_a_failure_the_next_transaction_is_an_outer_one_again() -> None:
    with pytest.raises(KeyError), transaction():
        raise KeyError("b")
    with transaction():
        store("a")
    assert lanes_stored() == 1


def test_the_bell_rings_once_a_lane_and_after_the_commit(bells: Bells) -> None:
    with transaction():
        ring("masse")
        store("a")
        ring("masse")
        ring("enkelt")
        assert bells.rung == []
    assert bells.rung == [("masse", 1), ("enkelt", 1)]


def test_the_bell_of_an_inner_transaction_waits_for_the_outer(bells: Bells) -> None:
    with transaction():
        with transaction():
            ring("masse")
        assert bells.rung == []
    assert [lane for lane, _ in bells.rung] == ["masse"]


def test_a_transaction_that_failed_rings_nothing_then_or_later(bells: Bells) -> None:
    with pytest.raises(KeyError), transaction():
        ring("masse")
        raise KeyError("b")
    with transaction():
        store("a")
    assert bells.rung == []


def test_a_broken_bell_breaks_no_use_case_and_is_counted(bells: Bells) -> None:
    bells.broken = True
    before = doorbell.RINGS_FAILED.labels("masse")._value.get()
    with transaction():
        store("a")
        ring("masse")
    assert lanes_stored() == 1
    assert doorbell.RINGS_FAILED.labels("masse")._value.get() == before + 1


def test_a_guarded_update_changes_the_row_that_is_as_expected_and_no_other() -> None:
    with transaction():
        store("a")
        store("b")
        assert guarded_update(Banestatus, where={"navn": "a", "stengt": False}, values={"stengt": True})
    assert session().execute(select(Banestatus.navn).where(Banestatus.stengt)).scalars().all() == ["a"]


def test_a_guarded_update_of_a_row_that_has_moved_changes_nothing_and_says_so() -> None:
    with transaction():
        store("a")
        assert not guarded_update(Banestatus, where={"navn": "a", "stengt": True}, values={"grunn": "x"})
    assert session().execute(select(Banestatus.grunn)).scalar_one() is None


def test_none_means_is_null_in_a_guarded_update() -> None:
    with transaction() as tx:
        tx.add(Kvitteringsmarkor(kilde="DPI", markor=None))
        tx.flush()
        assert guarded_update(
            Kvitteringsmarkor, where={"kilde": "DPI", "markor": None}, values={"markor": "1"}
        )
        assert not guarded_update(
            Kvitteringsmarkor, where={"kilde": "DPI", "markor": None}, values={"markor": "2"}
        )
    assert session().execute(select(Kvitteringsmarkor.markor)).scalar_one() == "1"


def test_a_guarded_update_finds_its_row_by_index_however_many_rows_there_are() -> None:
    """With a hundred thousand letters, to look through all of them is most of what a letter costs."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with transaction() as tx:
        store("a")
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        connection = tx.connection()
        event.listen(connection, "before_cursor_execute", hear)
        where = {"navn": "a", "stengt": False, "grunn": None}
        assert guarded_update(Banestatus, where=where, values={"stengt": True})
        event.remove(connection, "before_cursor_execute", hear)
        [(statement, parameters)] = asked
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
    assert plan.count("Index Scan using") == 2, plan
    assert "Seq Scan" not in plan, plan


def test_a_list_means_one_of_in_a_guarded_update() -> None:
    with transaction():
        store("a")
        assert not guarded_update(Banestatus, where={"navn": ["b", "c"]}, values={"grunn": "x"})
        assert guarded_update(Banestatus, where={"navn": {"a", "b"}}, values={"grunn": "x"})
