"""Conditions on packages: ready to be handed over, and in given statuses. Shared by claim, wake-up and
alarms.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select

from fiks.print.models import Leverandor, Pakke
from fiks.print.order_rules import Pakkestatus


def is_ready(houses: Collection[str] | None) -> ColumnElement[bool]:
    """SQL: the package is due and its house takes packages now: in use, not paused, and one of `houses`.

    `houses`: codes of the houses with an address in the settings; None skips that condition.
    """
    rested = or_(Leverandor.pause_til.is_(None), Leverandor.pause_til <= func.now())
    takes = select(Leverandor.kode).where(Leverandor.aktiv, rested)
    if houses is not None:
        takes = takes.where(Leverandor.kode.in_(houses))
    return and_(
        Pakke.status == Pakkestatus.KLAR, Pakke.neste_forsok <= func.now(), Pakke.leverandor.in_(takes)
    )
