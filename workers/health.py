"""Health pages of a worker or sweeper, beside its metrics: the same answer as the portal's `/helse/klar`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from config import schema
from config.metrics import Page
from fiks.drift.readiness import OWN_ROLE, Readiness
from workers.process import Process


def pages(process: Process, needs: Collection[str]) -> Mapping[str, Page]:
    """Return the pages for the metrics listener of a process that `needs` these parts
    (`fiks.drift.readiness`).

    Creates the process's app, so call it after any fork: the check uses its object store.
    """
    needed = OWN_ROLE.union(needs) if process.settings.production else needs
    readiness = Readiness(process.app.config["SQLALCHEMY_DATABASE_URI"], schema.older_revisions, needed)

    def ready() -> tuple[int, str]:
        found = readiness.look()
        body = json.dumps({"klar": found.klar, **found.deler})
        return (200 if found.klar else 503), body

    return {"/helse/klar": ready}
