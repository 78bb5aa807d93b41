"""What is asked every few minutes reads no orders or packages that are done with: in three years, millions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from fiks.core.db import transaction
from fiks.drift import state
from fiks.print import invariants
from fiks.print.handover import recovery
from fiks.print.operations import alarms, restore
from tests.integration.databases import plans
from tests.integration.print.orders import HOUSE, FakeHouse

PACKAGES = {"ix_printpakke_klar", "ix_printpakke_apen"}


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (alarms.count_print_overdue, {"ix_printordre_mottatt", "ix_printordre_produsert"}),
        (alarms.count_held_packages, PACKAGES),
        (alarms.count_manual_print, {"ix_printordre_mottatt"}),
        (alarms.count_unreachable_houses, {"ix_printordre_mottatt"}),
        (invariants._package_sizes, PACKAGES),
        (state._houses_away, PACKAGES),
        (lambda: recovery._houses_to_ask({HOUSE: FakeHouse()}), {"ix_printpakke_apen"}),
        (lambda: restore._unsent(HOUSE), PACKAGES),
    ],
)
@pytest.mark.usefixtures("empty")
def test_what_is_done_with_is_not_read(ask: Callable[[], object], indexes: set[str]) -> None:
    with transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        with plans() as answered:
            ask()
    whole = "\n".join(answered)
    assert "Seq Scan on printpakke" not in whole and "Seq Scan on printordre" not in whole, whole
    assert all(index in whole for index in indexes), whole
