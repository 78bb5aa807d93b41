"""Contents of a package, read from the store at hand-over: each order's own file, verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import FiksError, Utilgjengelig
from fiks.pdf import Sammenfletter
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.rules import Konvoluttgrenser, Pakkefil, Printordre, Printpakke
from fiks.print.states import Ordrestatus
from fiks.print.transitions import Pakkekrav


class OrdreOdelagt(Exception):
    """An order's own file is unusable; the other orders of its package are not affected."""

    def __init__(self, ordre_id: UUID, kode: str) -> None:
        super().__init__(kode)
        self.ordre_id = ordre_id
        self.kode = kode


def read_package(krav: Pakkekrav, merger: Callable[[], Sammenfletter]) -> Printpakke | None:
    """Return the package as it is to be sent; None when one of its orders has a receipt, so that the house
    already has it.
    """
    pakke = session().get_one(Pakke, krav.id, populate_existing=True)
    orders = session().scalars(
        select(Ordre)
        .where(Ordre.pakke_id == krav.id)
        .order_by(Ordre.opprettet, Ordre.id)
        .execution_options(populate_existing=True)
    )
    rows = list(orders)
    house = session().get_one(Leverandor, krav.leverandor, populate_existing=True)
    session().expunge_all()
    session().rollback()
    if any(row.status != Ordrestatus.MOTTATT for row in rows):
        return None
    filer, told = _merged_file(rows, merger) if house.samlefil and len(rows) > 1 else _separate_files(rows)
    return Printpakke(
        str(krav.id),
        pakke.tosidig,
        pakke.farger,
        told,
        filer,
        pakke.klasse,
        Konvoluttgrenser(house.c5_ark, house.c4_ark),
        house.sertifikat.encode() if house.sertifikat else None,
    )


def _separate_files(rows: Sequence[Ordre]) -> tuple[tuple[Pakkefil, ...], tuple[Printordre, ...]]:
    files = tuple(Pakkefil(row.sha256.hex(), row.sider, partial(read_file, row)) for row in rows)
    return files, tuple(_order_entry(row, number, 1) for number, row in enumerate(rows))


def _merged_file(
    rows: Sequence[Ordre], merger: Callable[[], Sammenfletter]
) -> tuple[tuple[Pakkefil, ...], tuple[Printordre, ...]]:
    pdf, starts = merger().bundle(b"".join(read_file(row)) for row in rows)
    pages = sum(row.sider for row in rows)
    whole = Pakkefil(hashlib.sha256(pdf).hexdigest(), pages, partial(_chunks, pdf))
    return (whole,), tuple(_order_entry(row, 0, start) for row, start in zip(rows, starts, strict=True))


def _chunks(pdf: bytes) -> Iterator[memoryview]:
    view, size = memoryview(pdf), 64 * 1024
    return (view[start : start + size] for start in range(0, len(view), size))


def _order_entry(row: Ordre, fil: int, fra_side: int) -> Printordre:
    return Printordre(
        str(row.id),
        str(row.kilde_id),
        row.sider,
        tuple(row.giroark),
        row.konteringskode,
        row.sone,
        row.sha256.hex(),
        fil,
        fra_side,
    )


def read_file(row: Ordre) -> Iterator[bytes]:
    """Yield an order's clear PDF in chunks; raises OrdreOdelagt when it is gone or differs from what was
    ordered.
    """
    if row.objekt is None or row.nokkel is None:
        raise OrdreOdelagt(row.id, "DOKUMENT_BORTE")
    env, digest = current(), hashlib.sha256()
    try:
        for chunk in env.store.read_document(row.objekt, row.nokkel, env.keys):
            digest.update(chunk)
            yield chunk
    except Utilgjengelig:
        raise
    except FiksError as error:
        raise OrdreOdelagt(row.id, error.kode) from error
    if digest.digest() != row.sha256:
        raise OrdreOdelagt(row.id, "DOKUMENT_ENDRET")
