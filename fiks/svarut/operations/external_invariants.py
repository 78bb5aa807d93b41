"""Invariants between our letters and what the outside received, by the outside systems' own logs.

As in `fiks.svarut.invariants`: each function returns the breaches of its rule; `scope` selects the letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.db import session
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.states import Ordrestatus, Pakkestatus
from fiks.svarut.invariants import Brudd, Scope, as_strings
from fiks.svarut.lifecycle.print_order import KILDE
from fiks.svarut.models import Hendelse, Levering, Leveringsforsok
from fiks.svarut.rules import Kanal, Leveringsstatus

OUTSIDE = (Kanal.DPI, Kanal.ALTINN, Kanal.PRINT)


@dataclass(frozen=True, slots=True)
class Mottatt:
    """One line of an outside system's log: when (its clock) it received which of our references."""

    kanal: Kanal
    referanse: str
    tid: datetime


def exactly_once(scope: Scope, log: Sequence[Mottatt]) -> list[Brudd]:
    """I1: the outside has each levering that we call handed over exactly once, and no other.

    A letter arrives twice on a channel only after the channel itself reported the first as failed. Leveringer
    with an undecided outcome (SENDER, UAVKLART) are not judged.
    """
    ours = session().execute(
        select(Levering.id, Levering.forsendelse_id, Levering.kanal, Levering.status).where(
            Levering.forsendelse_id.in_(scope), Levering.kanal.in_(as_strings(OUTSIDE))
        )
    )
    times = Counter((line.kanal, line.referanse) for line in log)
    orders = _orders(scope)
    found, letters = [], Counter[tuple[UUID, str]]()
    for row in ours:
        received = times[Kanal(row.kanal), str(row.id)]
        letters[row.forsendelse_id, row.kanal] += received > 0
        if row.kanal == Kanal.PRINT and row.id in orders:
            code = orders[row.id].wrong(received)
        else:
            code = _wrong(row.status, received)
        if received > 1:
            found.append(Brudd("I1", "LEVERING_DOBLET", str(row.id)))
        if code is not None:
            found.append(Brudd("I1", code, str(row.id)))
    allowed = _reported_failed(scope)
    found += [
        Brudd("I1", "BREV_DOBLET", str(letter))
        for (letter, kanal), n in letters.items()
        if n > 1 + allowed[letter, kanal]
    ]
    return found


def _wrong(status: str, received: int) -> str | None:
    """The breach code of a levering received this many times; None when it is right."""
    if received == 0 and status == Leveringsstatus.OVERLEVERT:
        return "LEVERING_TAPT"
    unsettled = (Leveringsstatus.OVERLEVERT, Leveringsstatus.SENDER, Leveringsstatus.UAVKLART)
    return "MOTTATT_UTEN_OVERLEVERT" if received and status not in unsettled else None


@dataclass(frozen=True, slots=True)
class _Ordre:
    """The print room's record of a levering on paper."""

    status: str
    manuell: bool
    pakke: str | None

    def wrong(self, received: int) -> str | None:
        """As `_wrong`: an order is at the print house when its package is."""
        if self.manuell:
            return "SENDT_TROSS_MANUELL_PRINT" if received else None
        if self.status == Ordrestatus.AVBESTILT:
            return "SKREVET_UT_TROSS_AVBESTILT" if received else None
        if self.status == Ordrestatus.MOTTATT:
            unsettled = (Pakkestatus.SENDER, Pakkestatus.UAVKLART)
            return "MOTTATT_UTEN_OVERLEVERT" if received and self.pakke not in unsettled else None
        return None if received else "LEVERING_TAPT"


def _orders(scope: Scope) -> dict[UUID, _Ordre]:
    rows = session().execute(
        select(Ordre.id, Ordre.status, Leverandor.manuell, Pakke.status.label("pakke"))
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .outerjoin(Pakke, Pakke.id == Ordre.pakke_id)
        .where(Ordre.kilde == KILDE, Ordre.kilde_id.in_(scope))
    )
    return {row.id: _Ordre(row.status, row.manuell, row.pakke) for row in rows}


def _reported_failed(scope: Scope) -> Counter[tuple[UUID, str]]:
    """How often each channel itself reported a letter as failed."""
    codes = {f"FEILET_{kanal}": str(kanal) for kanal in OUTSIDE}
    rows = session().execute(
        select(Hendelse.forsendelse_id, Hendelse.kode, func.count())
        .where(Hendelse.forsendelse_id.in_(scope), Hendelse.kode.in_(list(codes)))
        .group_by(Hendelse.forsendelse_id, Hendelse.kode)
    )
    return Counter({(letter, codes[kode]): n for letter, kode, n in rows})


def ledger_before_effect(scope: Scope, log: Sequence[Mottatt], skew: timedelta = timedelta(0)) -> list[Brudd]:
    """I7: the ledger has a call earlier than anything the outside received. `skew`: the allowed error of its
    clock.
    """
    rows = session().execute(
        select(Leveringsforsok.levering_id, func.min(Leveringsforsok.startet))
        .join(Levering, Levering.id == Leveringsforsok.levering_id)
        .where(Levering.forsendelse_id.in_(scope))
        .group_by(Leveringsforsok.levering_id)
    )
    begun = {str(levering_id): startet for levering_id, startet in rows}
    packed = (
        select(Ordre.id, Pakke.forste_kall)
        .join(Pakke, Pakke.id == Ordre.pakke_id)
        .where(Ordre.kilde_id.in_(scope), Pakke.forste_kall.is_not(None))
    )
    begun |= {str(row.id): row.forste_kall for row in session().execute(packed)}
    known = _references(scope)
    return [
        Brudd("I7", "KALL_UTEN_FORSOK", line.referanse)
        for line in log
        if line.referanse in known
        and (line.referanse not in begun or begun[line.referanse] > line.tid + skew)
    ]


def nothing_after_stop(scope: Scope, log: Sequence[Mottatt]) -> list[Brudd]:
    """I8: a levering recorded as stopped never reached the outside."""
    stopped = {
        str(levering_id)
        for levering_id in session().scalars(
            select(Levering.id).where(
                Levering.forsendelse_id.in_(scope), Levering.status == Leveringsstatus.STOPPET
            )
        )
    }
    return [Brudd("I8", "SENDT_ETTER_STOPP", line.referanse) for line in log if line.referanse in stopped]


def no_unknown_references(log: Sequence[Mottatt]) -> list[Brudd]:
    """I1 for a log that holds only this platform's letters: each line is a levering of ours on that channel.

    Of any letter; so a letter sent again under another reference is found too.
    """
    rows = session().execute(
        select(Levering.kanal, Levering.id).where(Levering.kanal.in_(as_strings(OUTSIDE)))
    )
    ours = {(kanal, str(levering_id)) for kanal, levering_id in rows}
    return [
        Brudd("I1", "UKJENT_REFERANSE", line.referanse)
        for line in log
        if (line.kanal, line.referanse) not in ours
    ]


def _references(scope: Scope) -> set[str]:
    rows = session().scalars(select(Levering.id).where(Levering.forsendelse_id.in_(scope)))
    return {str(levering_id) for levering_id in rows}
