"""A kommune whose letters lie at a print house, many in a package, for the tests that say nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.houses import Hus
from tests.integration.print.protected import kommune, many_a_package
from tests.integration.worlds import World


@pytest.fixture
def as_agreed(empty: None) -> Iterator[None]:
    yield from many_a_package()


@pytest.fixture
def hus(empty: None) -> Iterator[Hus]:
    yield from kommune()


@pytest.fixture
def world() -> World:
    return World()
