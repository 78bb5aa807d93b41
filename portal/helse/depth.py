"""The full state of the platform as JSON, for operators: what the page Drift shows."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, Response, current_app

from config import metrics
from config.settings import Settings
from fiks.drift import queries
from portal.access.actor import current_actor
from portal.extensions import limiter

blueprint = Blueprint("dybde", __name__, url_prefix="/helse")


@blueprint.get("/dybde")
def dybde() -> Response:
    """Lanes with waiting letters and their age, unknown outcomes, workers, pauses, and the doorbell's state.

    `ringefeil` counts failures of this process and its siblings since they started.
    """
    stand = queries.overview(actor=current_actor())
    found = asdict(stand) | {
        "baner": [{**asdict(b), "onskede": stand.onskede.get(b.bane)} for b in stand.baner],
        "dorklokke": {"redis": redis_answers(), "ringefeil": metrics.total("fiks_doorbell_failures_total")},
    }
    del found["onskede"]
    return Response(json.dumps(found, ensure_ascii=False, default=_written), mimetype="application/json")


def _written(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def redis_answers() -> bool | None:
    """Whether Redis answers now; None when none is configured."""
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return limiter.storage.check() if settings.redis_url else None
