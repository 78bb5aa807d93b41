"""Export of the rows with findings, as written, for a file that is corrected and uploaded again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.liste.columns import ALLE, value_names
from fiks.utsending.liste.export import Eksportrad
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode
from fiks.utsending.models import Opplasting, Utsendingsrad
from fiks.utsending.receivers.typed import FIELDS, row_as_written

PORTION = 1_000
ORDER = (Alvorlighet.FEIL, Alvorlighet.AUTO, Alvorlighet.ADVARSEL)


def export_bad_rows(utsending_id: UUID, *, actor: Aktor) -> Iterator[Eksportrad]:
    """Audit the export of rows with findings, and return them in row order. Needs SVARUT.SENDE.

    Numbers are complete, since the file is to be corrected; protected rows have no address (as the writer of
    the file requires).
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        audit.record(actor, "FEILLISTE_LASTET_NED", "utsending", utsending_id)
    return _bad_rows(utsending_id)


def _bad_rows(utsending_id: UUID) -> Iterator[Eksportrad]:
    after = 0
    while portion := _portion(utsending_id, after):
        yield from portion
        after = portion[-1].rad


def _portion(utsending_id: UUID, after: int) -> list[Eksportrad]:
    stored = session().scalars(
        select(Utsendingsrad)
        .where(
            Utsendingsrad.utsending_id == utsending_id,
            Utsendingsrad.radnr > after,
            func.jsonb_array_length(Utsendingsrad.funn) > 0,
        )
        .order_by(Utsendingsrad.radnr)
        .limit(PORTION)
    )
    return [_exported(row) for row in stored]


def _exported(row: Utsendingsrad) -> Eksportrad:
    levels = {Alvorlighet(finding["alvorlighet"]) for finding in row.funn}
    found = tuple(
        Funn(
            row.radnr,
            row.linje or row.radnr,
            finding["felt"],
            cast(Funnkode, finding["kode"]),  # a letter that could not be made has codes of its own
            Alvorlighet(finding["alvorlighet"]),
            dublett_av=finding.get("dublett_av"),
        )
        for finding in row.funn
    )
    worst = next(level for level in ORDER if level in levels)
    return Eksportrad(row.radnr, worst, row_as_written(row).verdier, found, row.skjermet)


def list_columns(utsending_id: UUID, *, actor: Aktor) -> list[str]:
    """Names of the values in the list's own order.

    Without a file: every column that a row with findings has, known ones first, then the sender's own.
    """
    access.find_visible(utsending_id, actor)
    form = (
        session()
        .execute(
            select(Opplasting.form).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
        )
        .scalar_one_or_none()
    )
    form = form or {}
    named = value_names(form.get("overskrifter", []), form.get("kobling") or {})
    return list(named) or _columns_of_rows(utsending_id)


def _columns_of_rows(utsending_id: UUID) -> list[str]:
    """The columns of the exported rows, and always the receiver's: empty known columns are not stored."""
    found = dict.fromkeys(FIELDS)
    for row in _bad_rows(utsending_id):
        found |= dict.fromkeys(row.verdier)
    return [felt for felt in ALLE if felt in found] + [name for name in found if name not in ALLE]
