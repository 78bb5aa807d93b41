"""Viewing one file of a mailing: pages with margins and findings drawn, or the PDF; always audited.

A file is somebody's letter. A protected person's needs SVARUT.SE_SPERRET, and so does one whose receiver is
unknown, unless the viewer uploaded it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.queries import Rettigheter
from fiks.konfigurasjon.rules import P
from fiks.pdf import Omrade, page_png
from fiks.utsending import access
from fiks.utsending.access_log import record_view
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.filer.linking import links_are_stale
from fiks.utsending.filer.queries import SAMPLE, Filvisning, goes_to_protected, in_group, view_files
from fiks.utsending.filer.rules import Funngruppe
from fiks.utsending.filer.storage import content_of
from fiks.utsending.models import Utsendingsrad

DPI = 80
MAX_PAGES = 20
"""Most pages of a file shown as images; the whole file can be opened as PDF."""

LOOKED_AT = "FIL_VIST"


def file_of(utsending_id: UUID, nr: int, *, actor: Aktor) -> Filvisning:
    """Return one file. Raises IkkeFunnet, and IkkeTilgang for a protected person's."""
    return view_files([_visible_file(utsending_id, nr, actor)], may_see=True)[0]


def file_page(utsending_id: UUID, nr: int, side: int, *, actor: Aktor) -> bytes:
    """Return page `side` of a file as PNG, with margins and findings drawn. Errors: PdfFeil, BarnFeil."""
    fil = _visible_file(utsending_id, nr, actor)
    if not 1 <= side <= min(fil.sider or 0, MAX_PAGES):
        raise IkkeFunnet("FINNES_IKKE")
    areas = [Omrade(*area) for finding in fil.funn for area in finding["omrader"]]
    data = _read_audited(fil, actor)
    return page_png(data, side, DPI, marger=True, omrader=areas)


def file_pdf(utsending_id: UUID, nr: int, *, actor: Aktor) -> bytes:
    """Return the file itself: the bytes that are sent."""
    return _read_audited(_visible_file(utsending_id, nr, actor), actor)


def sample_of(utsending_id: UUID, funngruppe: Funngruppe, *, actor: Aktor) -> Sequence[Filvisning]:
    """Return a few files with this finding that the actor may view."""
    _, held = access.require_with_rights(utsending_id, actor, P.SENDE)
    chosen = select(Brevfil).where(
        Brevfil.utsending_id == utsending_id,
        Brevfil.objekt.is_not(None),
        in_group(funngruppe),
        _may_look(utsending_id, held, actor),
    )
    found = session().scalars(
        chosen.order_by(Brevfil.nr).limit(SAMPLE).execution_options(populate_existing=True)
    )
    return view_files(found.all(), may_see=True)


def _visible_file(utsending_id: UUID, nr: int, actor: Aktor) -> Brevfil:
    _, held = access.require_with_rights(utsending_id, actor, P.SENDE)
    fil = (
        session()
        .scalars(
            select(Brevfil)
            .where(Brevfil.utsending_id == utsending_id, Brevfil.nr == nr)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if fil is None:
        raise IkkeFunnet("FINNES_IKKE")
    open_to = select(_is_open(utsending_id, actor)).where(Brevfil.id == fil.id)
    if not session().execute(open_to).scalar_one():
        access.require_right(held, P.SE_SPERRET)
    return fil


def _may_look(utsending_id: UUID, held: Rettigheter, actor: Aktor) -> ColumnElement[bool]:
    """Return the SQL condition on `Brevfil` that the actor may view it."""
    return literal(True) if P.SE_SPERRET in held.everything() else _is_open(utsending_id, actor)


def _is_open(utsending_id: UUID, actor: Aktor) -> ColumnElement[bool]:
    """Return the SQL condition on `Brevfil` that viewing needs no SE_SPERRET."""
    own = Brevfil.opprettet_av == actor.person_id
    if links_are_stale(utsending_id):
        return own
    sent_by = exists().where(Radfil.brevfil_id == Brevfil.id)
    return ~goes_to_protected() & (sent_by | own)


def _read_audited(fil: Brevfil, actor: Aktor) -> bytes:
    """Write the audit entry for viewing, on each receiver's letter or else on the file, and return the
    content.
    """
    if fil.objekt is None:
        raise IkkeFunnet("FINNES_IKKE")
    with transaction() as tx:
        rows = tx.scalars(
            select(Utsendingsrad)
            .join(
                Radfil,
                (Radfil.utsending_id == Utsendingsrad.utsending_id) & (Radfil.radnr == Utsendingsrad.radnr),
            )
            .where(Radfil.brevfil_id == fil.id)
            .order_by(Utsendingsrad.radnr)
            .limit(10)
        ).all()
        for row in rows:
            record_view(actor, LOOKED_AT, row)
        if not rows:
            audit.record(actor, LOOKED_AT, "brevfil", f"{fil.utsending_id}/{fil.nr}", tjeneste="SVARUT")
    data = content_of(fil)
    session().rollback()
    return data
