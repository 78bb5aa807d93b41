"""Uploads of a mailing: the list of receivers, the document to all, the big PDF and its extra list.

A file is stored encrypted under a generated name and read by a worker in a child process. A file that cannot
be used is refused with a code, and its content deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.deferred_deletes import delete_on_failure
from fiks.core.environment import current
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.input_checks.size_limit import enforce_size_limit
from fiks.core.storage.store import Lagret
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.editing.reopen import reopen
from fiks.utsending.editing.reset import forget_rows, order_reading_again
from fiks.utsending.editing.stale_form import Vist, changes_since, refuse_stale, require_current
from fiks.utsending.filer.matching import display_name
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Kolonnekobling, Opplasting, Utsendingsrad
from fiks.utsending.rules import ON_FILES, Art, Delart
from fiks.utsending.samlet.letter_rows import forget_letters
from fiks.utsending.stored_objects import unused_objects

MAX_LIST_BYTES = 100 * 1024 * 1024
MAX_PDF_BYTES = 350 * 1024 * 1024
LIST_TYPES = (".csv", ".txt", ".tsv", ".xlsx")
LISTS = ("LISTE", "TILLEGGSLISTE")
REPLACED: dict[str, tuple[Vist, ...]] = {
    "LISTE": (Vist.LISTE, Vist.RADER),
    "DOKUMENT": (Vist.DOKUMENT,),
    "SAMLET": (Vist.SAMLET,),
    "TILLEGGSLISTE": (Vist.TILLEGGSLISTE,),
}
"""What an upload of each kind replaces, as parts of the form version."""


def upload(
    utsending_id: UUID,
    art: str,
    filnavn: str,
    chunks: Iterable[bytes],
    *,
    actor: Aktor,
    vist: str | None = None,
) -> UUID:
    """Store an upload (`art` as Opplasting), replacing an earlier one, and order its reading; return its id.

    `vist` is the form version of REPLACED; it is not checked when there is nothing to replace, nor when the
    same file is sent twice. Errors: FILTYPE_UKJENT, FIL_FOR_STOR, FIL_TOM (422), KAN_IKKE_ENDRES, VistEndret
    (409).
    """
    access.require(utsending_id, actor, P.SENDE)
    name = display_name(filnavn)
    if not name.lower().endswith(LIST_TYPES if art in LISTS else ".pdf"):
        raise UgyldigInndata("FILTYPE_UKJENT", felt="fil")
    session().rollback()
    env = current()
    limit = MAX_LIST_BYTES if art in LISTS else MAX_PDF_BYTES
    too_large = UgyldigInndata("FIL_FOR_STOR", felt="fil", maks_mb=limit // 1024 // 1024)
    stored = env.store.put_document(enforce_size_limit(chunks, limit, too_large), env.keys)
    if stored.storrelse == 0:
        env.store.delete(stored.objekt)
        raise UgyldigInndata("FIL_TOM", felt="fil")
    with delete_on_failure(lambda: [stored.objekt]):
        replaced, upload_id = _replace_upload(utsending_id, art, name, stored, actor, vist)
    for objekt in replaced:
        env.store.delete(objekt)
    return upload_id


def _replace_upload(
    utsending_id: UUID, art: str, name: str, stored: Lagret, actor: Aktor, vist: str | None
) -> tuple[Sequence[str], UUID]:
    """Replace the earlier upload's row by the new one; return (objects to delete, the row's id)."""
    with transaction() as tx:
        reopen(utsending_id, actor=actor)
        twice = _same_upload(utsending_id, art, name, stored.sha256, vist)
        if twice is not None:
            return [stored.objekt], twice
        control = queue.CONTROL if art == "DOKUMENT" and queue.is_control_ordered(utsending_id) else None
        replaced = _delete_upload(utsending_id, art)
        row = Opplasting(
            utsending_id=utsending_id,
            art=art,
            filnavn=name,
            storrelse=stored.storrelse,
            sha256=stored.sha256,
            objekt=stored.objekt,
            nokkel=stored.nokkel,
            opprettet_av=actor.person_id,
        )
        tx.add(row)
        tx.flush()
        queue.order(utsending_id, Delart.LES, bestilt_av=actor.person_id, fra=control)
        audit.record(
            actor, f"{art}_LASTET_OPP", "utsending", utsending_id, sha256=stored.sha256.hex(), navn=name
        )
        return replaced, row.id


def _same_upload(utsending_id: UUID, art: str, name: str, sha256: bytes, vist: str | None) -> UUID | None:
    """The present upload's id, if the page did not show it and it is this same file; else None.

    VistEndret when it is another file: only somebody who has seen a file may replace it.
    """
    of_kind = (Opplasting.utsending_id == utsending_id, Opplasting.art == art)
    there = (
        session()
        .execute(select(Opplasting.id, Opplasting.filnavn, Opplasting.sha256).where(*of_kind))
        .first()
    )
    if there is None and not (art == "LISTE" and _has_receivers(utsending_id)):
        return None
    endret = changes_since(utsending_id, vist, *REPLACED[art])
    if there is not None and Vist(art) in endret:
        upload_id, filnavn, digest = there
        if (filnavn, digest) == (name, sha256):
            return upload_id
    refuse_stale(endret)
    return None


def _delete_upload(utsending_id: UUID, art: str) -> Sequence[str]:
    """Delete the earlier upload and what was made of it; return its object, to be deleted after commit."""
    tx = session()
    gone = tx.scalars(
        delete(Opplasting)
        .where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
        .returning(Opplasting.objekt)
    ).all()
    # A reading that is under way loses its piece too, and stops at its next portion. Finished files are left alone.
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art.not_in(ON_FILES))
    )
    if art == "SAMLET":
        forget_letters(utsending_id)
    if art != "DOKUMENT":
        forget_rows(utsending_id)
    return unused_objects(gone, of=utsending_id)


def remove_list(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> None:
    """Remove the list of receivers, uploaded or typed, and all that was made of it.

    `vist` is the form version of LISTE and RADER. Errors (409): KAN_IKKE_ENDRES, MOTTAKERE_AV_PDF,
    VistEndret.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        if reopen(utsending_id, actor=actor).art == Art.EN_STOR_PDF:
            raise Konflikt("MOTTAKERE_AV_PDF")
        if _has_receivers(utsending_id):
            require_current(utsending_id, vist, *REPLACED["LISTE"])
        removed = _delete_upload(utsending_id, "LISTE")
        audit.record(actor, "LISTE_FJERNET", "utsending", utsending_id)
    for objekt in removed:
        current().store.delete(objekt)


def _has_receivers(utsending_id: UUID) -> bool:
    uploaded = select(Opplasting.id).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
    rows = select(Utsendingsrad.radnr).where(Utsendingsrad.utsending_id == utsending_id)
    return bool(session().scalar(select(uploaded.exists() | rows.exists())))


def read_again(utsending_id: UUID, *, actor: Aktor) -> None:
    """Order a new reading of all uploads, after a register was away or a reading lost. KAN_IKKE_ENDRES (409)."""
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        reopen(utsending_id, actor=actor)
        order_reading_again(utsending_id, actor.person_id)
        audit.record(actor, "LEST_PA_NYTT", "utsending", utsending_id)


def map_columns(
    utsending_id: UUID, kobling: Mapping[str, str | None], *, actor: Aktor, vist: str | None = None
) -> None:
    """Map the list's columns to fields by hand, remember it for the konto, and read the list again.

    `vist` is the form version of LISTE and KOBLING. Errors: KOLONNE_DOBBEL (422), LISTE_MANGLER, LISTE_LESES,
    KAN_IKKE_ENDRES, VistEndret (409).
    """
    row = access.require(utsending_id, actor, P.SENDE)
    konto_id = row.konto_id
    fields = [field for field in kobling.values() if field]
    if len(fields) != len(set(fields)):
        raise UgyldigInndata("KOLONNE_DOBBEL", felt="kobling")
    with transaction() as tx:
        reopen(utsending_id, actor=actor)
        upload_row = tx.execute(
            select(Opplasting)
            .where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
            .with_for_update()
        ).scalar_one_or_none()
        if upload_row is None or upload_row.objekt is None or "overskrift" not in upload_row.form:
            raise Konflikt("LISTE_MANGLER")
        require_current(utsending_id, vist, Vist.LISTE)
        if dict(upload_row.kobling) != dict(kobling):
            require_current(utsending_id, vist, Vist.KOBLING)
        if upload_row.status not in ("LEST", "FEILET"):
            raise Konflikt("LISTE_LESES")
        upload_row.kobling = dict(kobling)
        upload_row.status, upload_row.feilkode = "MOTTATT", None
        upload_row.lest_til = 0
        tx.merge(
            Kolonnekobling(
                konto_id=konto_id,
                overskrift_digest=bytes.fromhex(upload_row.form["overskrift"]),
                kobling=dict(kobling),
            )
        )
        forget_rows(utsending_id)
        queue.order(utsending_id, Delart.LES, bestilt_av=actor.person_id)
        audit.record(actor, "KOLONNER_KOBLET", "utsending", utsending_id)
