"""What an operator of the platform sees: numbers, and nothing of any organisation's."""

from __future__ import annotations

from datetime import datetime, timedelta

from fiks.core.actor import Aktor
from fiks.drift import state
from fiks.drift.state import Driftstand
from fiks.konfigurasjon.operators import require_root


def overview(*, actor: Aktor) -> Driftstand:
    """How everything stands now. IkkeTilgang(KUN_ROT) for others than operators."""
    require_root(actor)
    return state.state()


def throughput(since: timedelta, step: timedelta, *, actor: Aktor) -> list[tuple[datetime, dict[str, int]]]:
    """As `state.throughput`, for an operator."""
    require_root(actor)
    return state.throughput(since, step)
