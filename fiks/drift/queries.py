"""Reads for an operator of the platform: numbers only, nothing of any organisation's."""

from __future__ import annotations

from datetime import datetime, timedelta

from fiks.core.actor import Aktor
from fiks.drift import state
from fiks.drift.state import Driftstand
from fiks.konfigurasjon.operators import require_root


def overview(*, actor: Aktor) -> Driftstand:
    """Return the present state of everything. IkkeTilgang(KUN_ROT) for anybody but operators."""
    require_root(actor)
    return state.state()


def throughput(since: timedelta, step: timedelta, *, actor: Aktor) -> list[tuple[datetime, dict[str, int]]]:
    """As `state.throughput`, for an operator."""
    require_root(actor)
    return state.throughput(since, step)
