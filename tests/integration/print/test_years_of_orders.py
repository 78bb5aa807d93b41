"""What is asked every few minutes reads no orders or packages that are done with: in three years, millions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from fiks.core.db import transaction
from fiks.drift import state
from fiks.print import alarms, invariants, recovery, restored
from tests.integration.print.orders import HOUSE, FakeHouse

PACKAGES = {"ix_printpakke_klar", "ix_printpakke_apen"}


@contextmanager
def plans() -> Iterator[list[str]]:
    """How PostgreSQL answers what is asked while the block runs, when it would rather not read whole tables."""
    asked: list[tuple[str, Any]] = []
    found: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        connection = tx.connection()
        event.listen(connection, "before_cursor_execute", hear)
        yield found
        event.remove(connection, "before_cursor_execute", hear)
        for statement, parameters in asked:
            explained = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            found.append("\n".join(explained.scalars()))


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (alarms.count_print_overdue, {"ix_printordre_mottatt", "ix_printordre_produsert"}),
        (alarms.count_held_packages, PACKAGES),
        (alarms.count_manual_print, {"ix_printordre_mottatt"}),
        (alarms.count_unreachable_houses, {"ix_printordre_mottatt"}),
        (invariants._sums, PACKAGES),
        (state._houses_away, PACKAGES),
        (lambda: recovery._to_be_asked({HOUSE: FakeHouse()}), {"ix_printpakke_apen"}),
        (lambda: restored._unsent(HOUSE), PACKAGES),
    ],
)
@pytest.mark.usefixtures("empty")
def test_what_is_done_with_is_not_read(ask: Callable[[], object], indexes: set[str]) -> None:
    with plans() as answered:
        ask()
    whole = "\n".join(answered)
    assert "Seq Scan on printpakke" not in whole and "Seq Scan on printordre" not in whole, whole
    assert all(index in whole for index in indexes), whole
