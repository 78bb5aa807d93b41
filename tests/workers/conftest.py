"""The same databases as the integration tests', and a worker process whose outside is a world of fakes."""

from __future__ import annotations

import pytest

from tests.integration.conftest import app_context, at_noon, database, eier, empty, process, template
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus, make_hus
from tests.integration.worlds import World

__all__ = ["app_context", "at_noon", "database", "eier", "empty", "process", "template"]


@pytest.fixture
def world(process: QuickProcess) -> World:
    """The world the process talks to, where nobody lives yet."""
    process.forget(QuickProcess.world_and_feeds)
    process.outside, process.inbox = World(), {}
    return process.outside


@pytest.fixture
def hus(empty: None) -> Hus:
    """A kommune with a konto, in a database with nothing else."""
    return make_hus()
