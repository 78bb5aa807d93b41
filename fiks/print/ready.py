"""Which packages may be handed over now: one condition for who takes them, who rings for them and who counts them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select

from fiks.print.models import Leverandor, Pakke
from fiks.print.order_rules import Pakkestatus


def is_ready(houses: Collection[str] | None) -> ColumnElement[bool]:
    """A package whose time has come, of a house that takes packages now: in use, not paused, and one of `houses`.

    `houses`: codes of those that have an address in the settings; None for whoever is not told of any.
    """
    rested = or_(Leverandor.pause_til.is_(None), Leverandor.pause_til <= func.now())
    takes = select(Leverandor.kode).where(Leverandor.aktiv, rested)
    if houses is not None:
        takes = takes.where(Leverandor.kode.in_(houses))
    return and_(
        Pakke.status == Pakkestatus.KLAR, Pakke.neste_forsok <= func.now(), Pakke.leverandor.in_(takes)
    )
