"""Previews and test letters: any row as page pictures, from the very bytes that are (or will be) sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.address import Adresse
from fiks.core.db import discard, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet, Konflikt
from fiks.konfigurasjon import sessions
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import Dokumentref, Mottaker, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.received import NyForsendelse, accept_letters
from fiks.svarut.rules import Bane, Mottakertype
from fiks.utsending import access, work
from fiks.utsending.feeder import shared_document
from fiks.utsending.inputs import letter_inputs
from fiks.utsending.looks import record_look
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.production import WORKER, Trykker
from fiks.utsending.rules import Art, Delart, Delstatus
from fiks.utsending.values import row_values
from fiks.utsending.work import Del

Sidebilde = Callable[[bytes, int], bytes]
DPI = 96
MAX_PAGES = 20


@dataclass(frozen=True, slots=True)
class Forhandsvisning:
    """A preview: not ready (`sider` 0, `feilkode` None), failed, or ready with this many page pictures.

    The first `brevsider` pictures are the letter; what follows is the document that goes to all (`dokument`).
    """

    del_id: int
    utsending_id: UUID
    radnr: int
    status: Delstatus
    feilkode: str | None
    sider: int
    brevsider: int = 0
    dokument: bool = False
    feilfelt: str | None = None


def order_preview(utsending_id: UUID, radnr: int, *, actor: Aktor) -> int:
    """Order the preview of a row; returns the piece's id to poll. Viewing a letter is audited.

    The letter of a protected person shows the address, so it needs SVARUT.SE_SPERRET.
    """
    mailing, held = access.require_with_rights(utsending_id, actor, P.SENDE, P.GODKJENNE, P.LESE)
    _require_letter(mailing)
    with transaction() as tx:
        row = tx.scalars(
            select(Utsendingsrad).where(
                Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr
            )
        ).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        if row.skjermet:
            access.demand(held, P.SE_SPERRET)
        record_look(actor, "BREV_FORHANDSVIST", row)
        return work.order(
            utsending_id, Delart.FORHANDSVISNING, fra=radnr, til=radnr, bestilt_av=actor.person_id
        )


def order_test_letter(utsending_id: UUID, radnr: int, *, actor: Aktor) -> None:
    """Send row `radnr`'s letter to the actor personally, marked PRØVEBREV and never counted."""
    _require_letter(access.require(utsending_id, actor, P.SENDE))
    with transaction() as tx:
        row = tx.scalars(
            select(Utsendingsrad).where(
                Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr
            )
        ).first()
        if row is None or row.skjermet:
            raise IkkeFunnet("FINNES_IKKE")
        record_look(actor, "PROVEBREV_SENDT", row)
        work.order(utsending_id, Delart.PROVEBREV, fra=radnr, til=radnr, bestilt_av=actor.person_id)


def _require_letter(row: Utsending) -> None:
    """Konflikt MAL_MANGLER or DOKUMENT_MANGLER when there is nothing to make a letter of."""
    if row.art == Art.FLETTEBREV:
        if row.malversjon_id is None:
            raise Konflikt("MAL_MANGLER")
        return
    ready = select(Opplasting.id).where(
        Opplasting.utsending_id == row.id, Opplasting.art == "DOKUMENT", Opplasting.status == "LEST"
    )
    if not session().execute(select(ready.exists())).scalar_one():
        raise Konflikt("DOKUMENT_MANGLER")


def preview(utsending_id: UUID, del_id: int, *, actor: Aktor) -> Forhandsvisning:
    """How far a preview is; only for the one who ordered it."""
    row = _own_part(utsending_id, del_id, actor)
    kinds = [piece.get("slag") for piece in row.resultat]
    return Forhandsvisning(
        row.id,
        row.utsending_id,
        row.fra or 0,
        Delstatus(row.status),
        row.feilkode,
        kinds.count("brevside") + kinds.count("dokumentside"),
        kinds.count("brevside"),
        "dokument" in kinds,
        next((piece["felt"] for piece in row.resultat if piece.get("slag") == "feil"), None),
    )


def preview_file(utsending_id: UUID, del_id: int, nr: int, *, actor: Aktor) -> bytes:
    """File `nr` of a ready preview: 0 the letter, 1.. the page pictures (PNG), after them the document to all."""
    row = _own_part(utsending_id, del_id, actor)
    if not 0 <= nr < len(row.resultat) or "objekt" not in row.resultat[nr]:
        raise IkkeFunnet("FINNES_IKKE")
    piece = row.resultat[nr]
    env = current()
    return env.store.read_segment_part(
        piece["objekt"], piece["fra"], piece["lengde"], bytes.fromhex(piece["nokkel"]), env.keys
    )


def _own_part(utsending_id: UUID, del_id: int, actor: Aktor) -> Arbeidsdel:
    access.visible(utsending_id, actor)
    row = (
        session()
        .execute(
            select(Arbeidsdel)
            .where(
                Arbeidsdel.id == del_id,
                Arbeidsdel.utsending_id == utsending_id,
                Arbeidsdel.art == Delart.FORHANDSVISNING,
                Arbeidsdel.bestilt_av == actor.person_id,
            )
            .execution_options(populate_existing=True)
        )
        .scalar_one_or_none()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row


def make_preview(part: Del, printer: Trykker, picture: Sidebilde) -> None:
    """Do one FORHANDSVISNING piece: the row's letter as it is stored or would be, and its pages as pictures.

    With one document to all, the letter is its cover sheet and the document's own pages follow.
    """
    try:
        letter, shared = _letter_bytes(part, printer), _shared(part.utsending_id)
        files = [("brev", letter), *_pages("brevside", letter, printer.count_pages(letter), picture)]
        if shared is not None:
            document, sider = shared
            files += [*_pages("dokumentside", document, sider, picture), ("dokument", document)]
    except FiksError as error:
        with transaction():
            work.fail_part(part, error.kode, [{"slag": "feil", "felt": error.felt}])
        return
    env = current()
    stored = env.store.put_segment([data for _, data in files], env.keys)
    described: list[dict[str, Any]] = [
        {"slag": kind, "objekt": s.objekt, "fra": s.fra, "lengde": s.lengde, "nokkel": s.nokkel.hex()}
        for (kind, _), s in zip(files, stored, strict=True)
    ]
    with transaction():
        if not work.finish_part(part, resultat=described):
            discard({piece.objekt for piece in stored})


def _pages(kind: str, pdf: bytes, sider: int, picture: Sidebilde) -> Iterator[tuple[str, bytes]]:
    for page in range(1, min(sider, MAX_PAGES) + 1):
        yield kind, picture(pdf, page)


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
    mal, context = letter_inputs(part.utsending_id)
    session().rollback()
    return printer.letter(mal, values, context)


def _shared(utsending_id: UUID) -> tuple[bytes, int] | None:
    """The document that goes to all and its number of pages; None when there is none (yet)."""
    row = (
        session()
        .execute(
            select(Opplasting.objekt, Opplasting.nokkel, Opplasting.sider)
            .join(Utsending, Utsending.id == Opplasting.utsending_id)
            .where(
                Opplasting.utsending_id == utsending_id,
                Opplasting.art == "DOKUMENT",
                Opplasting.status == "LEST",
                Utsending.art == Art.SAMME_DOKUMENT,
            )
        )
        .first()
    )
    session().rollback()
    if row is None or row.objekt is None or row.nokkel is None:
        return None
    env = current()
    return b"".join(env.store.read_document(row.objekt, row.nokkel, env.keys)), row.sider or 0


def send_test_letter(part: Del, printer: Trykker) -> None:
    """Do one PROVEBREV piece: draw the row's letter marked as a test and send it to the one who asked."""
    row = (
        session()
        .execute(
            select(Utsendingsrad).where(
                Utsendingsrad.utsending_id == part.utsending_id, Utsendingsrad.radnr == part.fra
            )
        )
        .scalar_one()
    )
    values = row_values(row)
    mal, context = letter_inputs(part.utsending_id)
    mailing = session().get_one(Utsending, part.utsending_id)
    shared = shared_document(mailing)
    konto_id, organisasjon_id, tittel = mailing.konto_id, mailing.organisasjon_id, mailing.tittel
    assert part.bestilt_av is not None
    pid = sessions.pid_of(part.bestilt_av)
    navn = session().execute(select(Person.navn).where(Person.id == part.bestilt_av)).scalar_one()
    session().rollback()
    try:
        pdf = printer.test_letter(mal, values, context)
        pages = printer.count_pages(pdf)
    except FiksError as error:
        with transaction():
            work.fail_part(part, error.kode)
        return
    env = current()
    [piece] = env.store.put_segment([pdf], env.keys)
    document = Dokumentref(
        nr=1 if shared is None else 0,
        filnavn="provebrev.pdf",
        mime_type="application/pdf",
        sider=pages,
        giroark=(),
        **asdict(piece),
    )
    new = NyForsendelse(
        konto_id=konto_id,
        organisasjon_id=organisasjon_id,
        tittel=f"PRØVEBREV: {tittel}"[:1000],
        mottakertype=Mottakertype.PERSON,
        mottaker=Mottaker(pid, Adresse(navn)),
        dokumenter=(document,) if shared is None else (document, shared),
        kun_digital=True,
        prove=True,
    )
    with transaction():
        kept = work.finish_part(part)
        if kept:
            accept_letters([new], bane=Bane.ENKELT, actor=WORKER)
    if not kept:
        env.store.delete(piece.objekt)


COUNTED = ~Forsendelse.prove
"""Test letters are never counted: add this to every count of letters."""


def document_page(utsending_id: UUID, side: int, *, actor: Aktor) -> bytes:
    """The picture (PNG) of one page of the document to all, margins and findings drawn over."""
    access.visible(utsending_id, actor)
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
