"""Previews: a row's letter as page pictures, made from the bytes that are (or will be) sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import Dokumentref, read_checked
from fiks.svarut.models import Forsendelse
from fiks.utsending import access
from fiks.utsending.access_log import record_view
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.letters.documents import documents_of, has_documents, missing_documents
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.letters.printer import Trykker
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, Art, Delart, Delstatus
from fiks.utsending.sealed_values import row_values

DPI = 96
MAX_PAGES = 20
"""Pages shown of the letter, and of all its documents together."""


@dataclass(frozen=True, slots=True)
class Forhandsvisning:
    """A preview: not ready (`sider` 0, `feilkode` None), failed, or ready with `sider` page pictures.

    The first `brevsider` pictures are the letter; the rest are of the `dokumenter` documents after it.
    """

    del_id: int
    utsending_id: UUID
    radnr: int
    status: Delstatus
    feilkode: str | None
    sider: int
    brevsider: int = 0
    dokumenter: int = 0
    feilfelt: str | None = None


def order_preview(utsending_id: UUID, radnr: int, *, actor: Aktor) -> int:
    """Order the preview of a row; return the piece's id to poll. Viewing a letter is audited.

    A protected receiver's letter shows the address, so it needs SVARUT.SE_SPERRET.
    """
    mailing, held = access.require_with_rights(utsending_id, actor, P.SENDE, P.GODKJENNE, P.LESE)
    require_letter_content(mailing)
    with transaction() as tx:
        row = tx.scalars(
            select(Utsendingsrad).where(
                Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr
            )
        ).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        if row.skjermet:
            access.require_right(held, P.SE_SPERRET)
        record_view(actor, "BREV_FORHANDSVIST", row)
        return queue.order(
            utsending_id, Delart.FORHANDSVISNING, fra=radnr, til=radnr, bestilt_av=actor.person_id
        )


def require_letter_content(row: Utsending) -> None:
    """Konflikt MAL_MANGLER, DOKUMENT_MANGLER or `missing_documents` when no letter can be made."""
    if row.art == Art.FLETTEBREV:
        if row.malversjon_id is None:
            raise Konflikt("MAL_MANGLER")
        return
    if row.art in MADE_ELSEWHERE:
        missing = missing_documents(row)
        if missing is not None:
            raise Konflikt(missing)
        return
    if not has_documents(row):
        raise Konflikt("DOKUMENT_MANGLER")


def preview(utsending_id: UUID, del_id: int, *, actor: Aktor) -> Forhandsvisning:
    """State of a preview, only for the person who ordered it and may still see the letter."""
    return preview_of_piece(_own_part(utsending_id, del_id, actor))


def preview_of_piece(part: Arbeidsdel) -> Forhandsvisning:
    """A FORHANDSVISNING piece as its pages show it."""
    kinds = [piece.get("slag") for piece in part.resultat]
    return Forhandsvisning(
        part.id,
        part.utsending_id,
        part.fra or 0,
        Delstatus(part.status),
        part.feilkode,
        kinds.count("brevside") + kinds.count("dokumentside"),
        kinds.count("brevside"),
        kinds.count("dokument"),
        next((piece["felt"] for piece in part.resultat if piece.get("slag") == "feil"), None),
    )


def preview_file(utsending_id: UUID, del_id: int, nr: int, *, actor: Aktor) -> bytes:
    """File `nr` of a ready preview: 0 the letter, then its page pictures (PNG), then the documents (PDF)."""
    row = _own_part(utsending_id, del_id, actor)
    if not 0 <= nr < len(row.resultat) or "objekt" not in row.resultat[nr]:
        raise IkkeFunnet("FINNES_IKKE")
    piece = row.resultat[nr]
    env = current()
    return env.store.read_segment_part(
        piece["objekt"], piece["fra"], piece["lengde"], bytes.fromhex(piece["nokkel"]), env.keys
    )


def _own_part(utsending_id: UUID, del_id: int, actor: Aktor) -> Arbeidsdel:
    """The actor's own preview piece, with access checked again: the receiver may be protected since (ADR
    0013).
    """
    _, held = access.find_visible_with_rights(utsending_id, actor)
    found = (
        session()
        .execute(
            select(Arbeidsdel, Utsendingsrad.skjermet)
            .join(
                Utsendingsrad,
                (Utsendingsrad.utsending_id == Arbeidsdel.utsending_id)
                & (Utsendingsrad.radnr == Arbeidsdel.fra),
            )
            .where(
                Arbeidsdel.id == del_id,
                Arbeidsdel.utsending_id == utsending_id,
                Arbeidsdel.art == Delart.FORHANDSVISNING,
                Arbeidsdel.bestilt_av == actor.person_id,
            )
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    part, protected = found
    if protected:
        access.require_right(held, P.SE_SPERRET)
    return part


class Sidetegner(Protocol):
    """Draws page pictures: `fiks.pdf.child.Sidetegner`."""

    def page_png(self, pdf: bytes, side: int, dpi: int) -> bytes: ...


def make_preview(part: Del, printer: Trykker, pages: Sidetegner) -> None:
    """Do a FORHANDSVISNING piece: draw the row's letter, or read the stored one, and picture its pages.

    Where documents follow, the letter is their cover sheet; their pages come after it, in order.
    """
    try:
        letter, documents = _letter_bytes(part, printer), _documents(part.utsending_id, part.fra or 0)
        files = [("brev", letter), *_pages("brevside", letter, printer.count_pages(letter), pages)]
        left = MAX_PAGES
        for document, sider in documents:
            files += _pages("dokumentside", document, min(sider, left), pages)
            left -= min(sider, left)
        files += [("dokument", document) for document, _ in documents]
    except FiksError as error:
        with transaction():
            queue.fail_piece(part, error.kode, [{"slag": "feil", "felt": error.felt}])
        return
    env = current()
    stored = env.store.put_segment([data for _, data in files], env.keys)
    described: list[dict[str, Any]] = [
        {"slag": kind, "objekt": s.objekt, "fra": s.fra, "lengde": s.lengde, "nokkel": s.nokkel.hex()}
        for (kind, _), s in zip(files, stored, strict=True)
    ]
    with transaction():
        if not queue.finish_piece(part, resultat=described):
            delete_after_commit({piece.objekt for piece in stored})


def _pages(kind: str, pdf: bytes, sider: int, pages: Sidetegner) -> Iterator[tuple[str, bytes]]:
    for page in range(1, min(sider, MAX_PAGES) + 1):
        yield kind, pages.page_png(pdf, page, DPI)


def _letter_bytes(part: Del, printer: Trykker) -> bytes:
    row = (
        session()
        .execute(
            select(Utsendingsrad).where(
                Utsendingsrad.utsending_id == part.utsending_id, Utsendingsrad.radnr == part.fra
            )
        )
        .scalar_one()
    )
    if row.brev_sha256 is not None:
        stored = Dokumentref(
            1, "", "", row.storrelse or 0, row.brev_sha256, row.objekt, row.fra, row.lengde, row.nokkel, 0, ()
        )
        return read_checked(stored)
    values = row_values(row)
    common = letter_inputs(part.utsending_id)
    context = common.for_row(values, skjermet=row.skjermet)
    session().rollback()
    return printer.letter(common.mal, values, context)


def _documents(utsending_id: UUID, radnr: int) -> list[tuple[bytes, int]]:
    """(bytes, pages) of each finished document that follows the row's cover sheet."""
    mailing = session().get_one(Utsending, utsending_id)
    found = documents_of(mailing, [radnr])[radnr] if has_documents(mailing) else ()
    session().rollback()
    return [(read_checked(document), document.sider) for document in found]


IS_COUNTED = ~Forsendelse.prove
"""SQL: the letter is no test letter. Add it to every count of letters."""


def document_page(utsending_id: UUID, side: int, *, actor: Aktor) -> bytes:
    """Picture (PNG) of a page of the document to all, with margins and findings drawn on it."""
    access.find_visible(utsending_id, actor)
    form = (
        session()
        .execute(
            select(Opplasting.form).where(
                Opplasting.utsending_id == utsending_id, Opplasting.art == "DOKUMENT"
            )
        )
        .scalar_one_or_none()
    )
    piece = next((p for p in (form or {}).get("bilder", []) if p["side"] == side), None)
    if piece is None:
        raise IkkeFunnet("FINNES_IKKE")
    env = current()
    return env.store.read_segment_part(
        piece["objekt"], piece["fra"], piece["lengde"], bytes.fromhex(piece["nokkel"]), env.keys
    )
