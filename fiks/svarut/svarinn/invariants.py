"""Invariants of letters that wait for a mottakersystem (see `fiks.svarut.invariants`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OPEN, Status
from fiks.svarut.svarinn.models import SvarinnMottak


def waits_for_nobody(scope: Select[Any]) -> Select[UUID]:
    """KLAR_FOR_MOTTAK letters that are offered to no system and not on their way to another channel."""
    offered = select(SvarinnMottak.forsendelse_id).where(
        SvarinnMottak.forsendelse_id == Forsendelse.id, SvarinnMottak.lukket.is_(None)
    )
    going_on = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
    )
    return select(Forsendelse.id).where(
        Forsendelse.id.in_(scope),
        Forsendelse.status == Status.KLAR_FOR_MOTTAK,
        ~offered.exists(),
        ~going_on.exists(),
    )


def offered_though_settled(scope: Select[Any]) -> Select[UUID]:
    """Letters still offered to a system although they have moved on."""
    return (
        select(Forsendelse.id)
        .join(SvarinnMottak, SvarinnMottak.forsendelse_id == Forsendelse.id)
        .where(
            Forsendelse.id.in_(scope),
            SvarinnMottak.lukket.is_(None),
            Forsendelse.status != Status.KLAR_FOR_MOTTAK,
        )
    )
