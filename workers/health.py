"""What a worker or a sweeper answers its supervisor beside its metrics: as the portal's `/helse/klar`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from config import schema
from config.metrics import Page
from fiks.drift.readiness import OWN_ROLE, Readiness
from workers.process import Process


def pages(process: Process, needs: Collection[str]) -> Mapping[str, Page]:
    """The pages of the listener of a process that `needs` so much (`fiks.drift.readiness`).

    The process's app is made now, after any fork, for its store is asked.
    """
    needed = OWN_ROLE.union(needs) if process.settings.production else needs
    readiness = Readiness(process.app.config["SQLALCHEMY_DATABASE_URI"], schema.outgrown, needed)

    def ready() -> tuple[int, str]:
        found = readiness.look()
        body = json.dumps({"klar": found.klar, **found.deler})
        return (200 if found.klar else 503), body

    return {"/helse/klar": ready}
