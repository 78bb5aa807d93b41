"""A kommune, an empty world outside, and the rule that what a test did to letters is lawful and written down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut import invariants
from fiks.svarut.models import Forsendelse
from tests.integration.houses import Hus, make_hus
from tests.integration.worlds import World


@pytest.fixture
def world() -> World:
    """The world outside, where nobody lives yet and every channel takes what it is sent."""
    return World()


@pytest.fixture
def hus(empty: None) -> Iterator[Hus]:
    """A kommune with a konto, in a database of its own. Afterwards every change must be legal and in the history."""
    yield make_hus()
    session().rollback()
    everything = select(Forsendelse.id)
    assert invariants.history_is_complete(everything) == []
    assert invariants.changes_are_legal(everything) == []
    assert invariants.nothing_vanishes(everything) == []
