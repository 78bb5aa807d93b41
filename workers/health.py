"""What a worker or a sweeper answers its supervisor beside its metrics: the same as the portal's `/helse/klar`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from config import schema
from config.metrics import Page
from fiks.drift.readiness import Readiness
from workers.process import Process


def pages(process: Process) -> Mapping[str, Page]:
    """The pages of the listener. The process's app is made now, after any fork, for its store is asked."""
    readiness = Readiness(process.app.config["SQLALCHEMY_DATABASE_URI"], schema.outgrown)

    def ready() -> tuple[int, str]:
        found = readiness.look()
        body = json.dumps({"klar": found.klar, **found.deler})
        return (200 if found.klar else 503), body

    return {"/helse/klar": ready}
