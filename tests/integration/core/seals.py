"""Rows of the audit log with seals, what breaks one, and a clock for who walks along them."""

from __future__ import annotations

from fiks.core import audit
from fiks.core.db import transaction
from tests.integration.databases import Database
from tests.integration.houses import HOUSE


class Clock:
    """Stands still, or goes on by `step` seconds each time it is looked at."""

    def __init__(self, step: float = 0.0) -> None:
        self.time, self.step = 1_000.0, step

    def __call__(self) -> float:
        self.time += self.step
        return self.time


def write(*handlinger: str) -> None:
    """Rows of the log, sealed."""
    with transaction():
        for handling in handlinger:
            audit.record(HOUSE, handling, "utsending", 1)
    audit.seal()


def rename(database: Database, handling: str, to: str) -> None:
    """What only the owner can do to a row, and what the chain is there to find."""
    with database.owner() as owner:
        owner.execute("UPDATE audit SET handling = %s WHERE handling = %s", [to, handling])
