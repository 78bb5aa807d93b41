"""Conditions on packages: ready to be handed over, and in given statuses. Shared by claim, wake-up and
alarms.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import (
    ColumnElement,
    and_,
    func,
    or_,
    select,
)

from fiks.print.models import Leverandor, Pakke
from fiks.print.states import Pakkestatus


def has_status_in(*statuses: Pakkestatus) -> list[ColumnElement[bool]]:
    """SQL: the package has one of these statuses, as conditions that one index each can answer.

    KLAR and the other statuses have an index each; for both in one condition PostgreSQL would read every
    package ever made.
    """
    others = [str(status) for status in statuses if status is not Pakkestatus.KLAR]
    ready = [Pakke.status == Pakkestatus.KLAR] if Pakkestatus.KLAR in statuses else []
    return [*ready, Pakke.status.in_(others)]


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
