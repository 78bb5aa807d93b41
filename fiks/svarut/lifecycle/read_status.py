"""Read status: the receiver, or another system on their behalf, has read a letter. LEST, and nothing goes on
paper.

A reading before our own record of the hand-over is noted on the open levering, becomes LEST with that record,
and keeps the letter off paper. A letter not inspected yet has no levering; its history is transferred when
the first one is opened. A letter that is never handed over still shows the reading in its history.

KLAR_FOR_MOTTAK becomes LEST only by its mottakersystem's receipt or by its sender (svarut.md 2.2): a person
who reads on Min side takes the letter from nobody.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from fiks.core import clock
from fiks.core.db import session, table_of, uuid_array
from fiks.svarut.history import Event, append_events, remark
from fiks.svarut.lifecycle.print_order import cancel_print
from fiks.svarut.models import Forsendelse, Hendelse, Levering, TidligKvittering
from fiks.svarut.rules import HANDED_OVER, OPEN, Status
from fiks.svarut.transitions import NO_DETAILS, lock_open_leveringer, move_forsendelse, stop_locked_levering

DOWNLOADED = "LASTET_NED"
READ_EXTERNALLY = "LEST_EKSTERNT"

_EARLY, _HAND_OVER = table_of(TidligKvittering), table_of(Levering)
_READ_BEFORE = select(
    select(_EARLY.c.levering_id)
    .join(_HAND_OVER, _HAND_OVER.c.id == _EARLY.c.levering_id)
    .where(_HAND_OVER.c.forsendelse_id == bindparam("letter"), _EARLY.c.art == DOWNLOADED)
    .exists()
)


def record_reading(
    forsendelse_id: UUID,
    *,
    kode: str,
    aktor: str,
    detaljer: Mapping[str, object] = NO_DETAILS,
    unmoved: Container[str] = (Status.MANUELT_HANDTERT,),
) -> bool:
    """Record in the present transaction that the letter was read. True the first time.

    In a status of `unmoved` only the history records it.
    """
    open_one = lock_open_leveringer([forsendelse_id]).get(forsendelse_id)
    letter = select(Forsendelse.status).where(Forsendelse.id == forsendelse_id).with_for_update()
    status = session().execute(letter).scalar_one()
    if status == Status.AKSEPTERT:
        levering_id = open_one.levering_id if open_one else _opened_meanwhile(forsendelse_id)
        return levering_id is not None and _note_reading(levering_id, kode, aktor, detaljer)
    if status in unmoved:
        return remark_reading(forsendelse_id, kode, aktor, detaljer)
    stop_locked_levering(open_one, kode="LEST_FOR_PAPIR", aktor=aktor)
    cancel_print(forsendelse_id, kode="LEST_FOR_PAPIR", aktor=aktor)
    return move_forsendelse(
        forsendelse_id, fra=HANDED_OVER, til=Status.LEST, kode=kode, aktor=aktor, detaljer=detaljer
    )


def remark_reading(
    forsendelse_id: UUID, kode: str, aktor: str, detaljer: Mapping[str, object] = NO_DETAILS
) -> bool:
    """Remark that a letter whose status stays was read; a closed one counts as handed over. True the first
    time.
    """
    told = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == forsendelse_id, Hendelse.art == "MERKNAD", Hendelse.kode == kode
    )
    first = session().execute(told).first() is None
    if first:
        remark(forsendelse_id, kode, aktor=aktor, **detaljer)
    _set_overlevert_if_missing([forsendelse_id])
    return first


def _set_overlevert_if_missing(ids: Sequence[UUID]) -> None:
    """Set `overlevert` on closed letters that were read: reading proves delivery."""
    session().execute(
        update(Forsendelse)
        .where(
            Forsendelse.id.in_(ids),
            Forsendelse.status == Status.MANUELT_HANDTERT,
            Forsendelse.overlevert.is_(None),
        )
        .values(overlevert=clock.now_sql())
        .execution_options(synchronize_session=False)
    )


def _opened_meanwhile(forsendelse_id: UUID) -> UUID | None:
    """The levering opened while the caller waited for the letter's lock, which it now holds.

    The levering is not locked, since leveringer are locked before letters. Whoever records it writes the
    letter's history first, and looks for noted readings after that.
    """
    opened = select(Levering.id).where(
        Levering.forsendelse_id == forsendelse_id, Levering.status.in_([str(s) for s in OPEN])
    )
    return session().execute(opened).scalar_one_or_none()


def note_external_reading(forsendelse_id: UUID, levering_id: UUID) -> None:
    """Note on the letter's first levering, just opened, a reading elsewhere that its history already has."""
    told = (
        select(Hendelse.aktor, Hendelse.detaljer)
        .where(
            Hendelse.forsendelse_id == forsendelse_id,
            Hendelse.art == "MERKNAD",
            Hendelse.kode == READ_EXTERNALLY,
        )
        .order_by(Hendelse.lopenr)
        .limit(1)
    )
    row = session().execute(told).first()
    if row is not None:
        _note_reading(levering_id, READ_EXTERNALLY, row.aktor, row.detaljer)


def _note_reading(levering_id: UUID, kode: str, aktor: str, detaljer: Mapping[str, object]) -> bool:
    """Note the reading on a levering that is not recorded yet, locked by the caller. True the first time."""
    told = {"kode": kode, "aktor": aktor, "detaljer": dict(detaljer)}
    kept = session().execute(
        insert(TidligKvittering)
        .from_select(
            ["levering_id", "art", "kanal", "tidspunkt", "detaljer"],
            select(
                Levering.id,
                literal(DOWNLOADED),
                func.coalesce(Levering.kanal, ""),
                clock.now_sql(),
                literal(told, JSONB()),
            ).where(Levering.id == levering_id),
        )
        .on_conflict_do_nothing()
        .returning(TidligKvittering.levering_id)
    )
    return kept.first() is not None


def apply_early_reading(forsendelse_id: UUID, told: Mapping[str, Any]) -> None:
    """Make the letter LEST by a noted reading, in the transaction that records its hand-over."""
    move_forsendelse(
        forsendelse_id,
        fra=HANDED_OVER,
        til=Status.LEST,
        kode=told.get("kode", "LEST"),
        aktor=told["aktor"],
        detaljer=told.get("detaljer", NO_DETAILS),
    )


def log_early_readings(ids: Sequence[UUID]) -> None:
    """Remark noted readings on letters that will not be handed over any more."""
    noted = (
        session()
        .execute(
            delete(TidligKvittering)
            .where(
                TidligKvittering.art == DOWNLOADED,
                TidligKvittering.levering_id == Levering.id,
                Levering.forsendelse_id == any_(uuid_array(ids)),
            )
            .returning(Levering.forsendelse_id, TidligKvittering.detaljer)
            .execution_options(synchronize_session=False)
        )
        .all()
    )
    _set_overlevert_if_missing([letter for letter, _ in noted])
    append_events(
        [
            Event(
                letter, "MERKNAD", told.get("kode", "LEST"), told["aktor"], detaljer=told.get("detaljer", {})
            )
            for letter, told in noted
        ]
    )


def is_read_before_delivery(forsendelse_id: UUID) -> bool:
    """Whether the letter was read before any hand-over of it was recorded."""
    return bool(session().execute(_READ_BEFORE, {"letter": forsendelse_id}).scalar_one())


def carry_reading(forsendelse_id: UUID, to: UUID) -> None:
    """Move a noted reading from a failed levering to the next one."""
    earlier = select(Levering.id).where(Levering.forsendelse_id == forsendelse_id, Levering.id != to)
    session().execute(
        update(TidligKvittering)
        .where(TidligKvittering.art == DOWNLOADED, TidligKvittering.levering_id.in_(earlier))
        .values(levering_id=to)
        .execution_options(synchronize_session=False)
    )
