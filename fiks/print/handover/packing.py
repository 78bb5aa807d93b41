"""Packing orders into packages: orders printed alike, in order of arrival, as agreed with the print house.

Nothing is sent here. An order that a print house's list has is never packed: after a backup was restored, our
row may not yet say that it was handed over (`operations.restore`). Two packers at once take different orders,
since each locks those it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, text, update

from fiks.core import clock
from fiks.core.db import ring, session, transaction
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.service import LANE
from fiks.print.states import Ordrestatus, package_id
from fiks.print.transitions import has_id_in

PORTION = 1_000
MOST_BYTES = 48 * 1024 * 1024
"""The most bytes of letters in a package (a single letter may exceed it), so that merging takes bounded
memory.
"""


def pack_all() -> int:
    """Make the packages that are due, a bounded number; return how many."""
    groups = session().execute(_due_groups()).all()
    session().rollback()
    return sum(_pack(group) for group in groups)


def _due_groups() -> Select[str, str, bool, bool, int, bool]:
    """Select groups of waiting orders that fill a package, or whose oldest has waited long enough."""
    waited = clock.now_sql() - Leverandor.ventetid_sekunder * text("interval '1 second'")
    return (
        select(
            Ordre.leverandor,
            Ordre.klasse,
            Ordre.tosidig,
            Ordre.farger,
            Leverandor.brev_per_pakke,
            (func.min(Ordre.opprettet) <= waited).label("forfalt"),
        )
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(
            Ordre.status == Ordrestatus.MOTTATT,
            Ordre.pakke_id.is_(None),
            Ordre.sett_hos_leverandor.is_(None),
            ~Leverandor.manuell,
            Leverandor.aktiv,
        )
        .group_by(Ordre.leverandor, Ordre.klasse, Ordre.tosidig, Ordre.farger, Leverandor.kode)
        .having((func.count() >= Leverandor.brev_per_pakke) | (func.min(Ordre.opprettet) <= waited))
    )


def _pack(group: Row[str, str, bool, bool, int, bool]) -> int:
    with transaction() as tx:
        waiting = (
            select(Ordre.id, Ordre.omgang, Ordre.pdf_bytes)
            .where(
                Ordre.status == Ordrestatus.MOTTATT,
                Ordre.pakke_id.is_(None),
                Ordre.sett_hos_leverandor.is_(None),
                Ordre.leverandor == group.leverandor,
                Ordre.klasse == group.klasse,
                Ordre.tosidig == group.tosidig,
                Ordre.farger == group.farger,
            )
            .order_by(Ordre.opprettet, Ordre.id)
            .limit(PORTION)
            .with_for_update(skip_locked=True)
        )
        rows = tx.execute(waiting).all()
        made = 0
        for part in _parts(rows, group.brev_per_pakke):
            if len(part) < group.brev_per_pakke and not group.forfalt and part[-1] is rows[-1]:
                break
            _make(group, part)
            made += 1
        if made:
            ring(LANE)
        return made


def _parts(rows: Sequence[Row[UUID, int, int]], most: int) -> Iterator[list[Row[UUID, int, int]]]:
    left = iter(rows)
    part: list[Row[UUID, int, int]] = []
    size = 0
    for row in left:
        if part and (len(part) == most or size + row.pdf_bytes > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += row.pdf_bytes
    if part:
        yield part


def _make(group: Row[str, str, bool, bool, int, bool], part: Sequence[Row[UUID, int, int]]) -> None:
    pakke_id = package_id(group.leverandor, [(row.id, row.omgang) for row in part])
    session().execute(
        insert(Pakke).values(
            id=pakke_id,
            leverandor=group.leverandor,
            klasse=group.klasse,
            tosidig=group.tosidig,
            farger=group.farger,
            antall=len(part),
        )
    )
    session().execute(
        update(Ordre)
        .where(has_id_in([row.id for row in part]), Ordre.pakke_id.is_(None))
        .values(pakke_id=pakke_id)
        .execution_options(synchronize_session=False)
    )
