"""Discarding an unreleased mailing: rows, files, letters and previews are all deleted.

Nothing was sent, so only the audit entry remains as proof. Keys and rows are deleted first, in one
transaction; the objects, unreadable by then, follow after the commit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.editing.stale_form import DRAFT_CONTENT, Vist, require_current
from fiks.utsending.file_models import Brevfil
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import EDITABLE, Delart, Delstatus
from fiks.utsending.stored_objects import letter_objects, unused_objects

log = logging.getLogger(__name__)
DISCARDED = "UTKAST_SLETTET"


@dataclass(frozen=True, slots=True)
class Innhold:
    """What would be deleted with a draft: `filer` are names of uploads, `brev` letters drawn and stored."""

    rader: int
    filer: tuple[str, ...]
    brev: int
    visninger: int


def contents(utsending_id: UUID, *, actor: Aktor) -> Innhold:
    """What `discard_draft` would delete now, for the confirmation page."""
    access.require(utsending_id, actor, P.SENDE)
    tx = session()
    rows = select(func.count(), func.count(Utsendingsrad.objekt)).where(
        Utsendingsrad.utsending_id == utsending_id
    )
    files = (
        select(Opplasting.filnavn)
        .where(Opplasting.utsending_id == utsending_id, Opplasting.objekt.is_not(None))
        .order_by(Opplasting.art.desc())
    )
    previews = select(func.count()).where(
        Arbeidsdel.utsending_id == utsending_id,
        Arbeidsdel.art == Delart.FORHANDSVISNING,
        Arbeidsdel.status == Delstatus.FERDIG,
    )
    rader, brev = tx.execute(rows).one()
    return Innhold(rader, tuple(tx.scalars(files)), brev, tx.execute(previews).scalar_one())


def discard_draft(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> None:
    """Delete an UTKAST or KONTROLLERT mailing and its objects in the store; the audit entry has its number.

    Needs SVARUT.SENDE. The same person's second call changes nothing. Work in progress on it (a reading, a
    preview) finds its piece gone and discards its result. `vist` is the form version of DRAFT_CONTENT. Errors
    (409): UTKAST_KAN_IKKE_SLETTES, when the mailing has left preparation, VistEndret.
    """
    try:
        access.require(utsending_id, actor, P.SENDE)
    except IkkeFunnet:
        if _was_discarded_by(actor, utsending_id):
            return
        raise
    with transaction() as tx:
        status = tx.execute(
            select(Utsending.status).where(Utsending.id == utsending_id).with_for_update()
        ).scalar_one_or_none()
        if status is None:
            return
        if status not in EDITABLE:
            raise Konflikt("UTKAST_KAN_IKKE_SLETTES", status=status)
        require_current(utsending_id, vist, *_content_to_compare(utsending_id))
        held = objects_of_mailing(utsending_id)
        delete_mailing(utsending_id, actor=actor)
        objects = unused_objects(held, of=utsending_id)
        delete_after_commit(objects)
    log.info("draft_discarded", extra={"utsending": str(utsending_id), "objekter": len(objects)})


def _content_to_compare(utsending_id: UUID) -> tuple[Vist, ...]:
    """The parts that must be as the page showed them.

    Not rows or files that a worker is producing from a file meanwhile, whoever uploaded it.
    """
    sources = select(Opplasting.id).where(
        Opplasting.utsending_id == utsending_id, Opplasting.art.in_((Vist.LISTE, Vist.SAMLET))
    )
    from_file = session().execute(select(sources.exists())).scalar_one()
    made = set[Vist]()
    if from_file and queue.is_busy(utsending_id, Delart.KUTT, Delart.LES):
        made.add(Vist.RADER)
    if queue.is_busy(utsending_id, Delart.KUTT):
        made.add(Vist.FILER)
    return tuple(one for one in DRAFT_CONTENT if one not in made)


def _was_discarded_by(actor: Aktor, utsending_id: UUID) -> bool:
    """Whether this person has discarded the mailing already: a button pressed twice is no error."""
    own = select(Audit.id).where(
        Audit.organisasjon_id == actor.organisasjon_id,
        Audit.aktor == actor.ref,
        Audit.handling == DISCARDED,
        Audit.objekt_id == str(utsending_id),
    )
    return bool(session().execute(select(own.exists())).scalar_one())


def objects_of_mailing(utsending_id: UUID) -> set[str]:
    """Every object that the mailing's uploads, files, previews and drawn letters are stored in."""
    tx = session()
    files = tx.scalars(select(Brevfil.objekt).where(Brevfil.utsending_id == utsending_id).distinct())
    uploads = tx.scalars(select(Opplasting.objekt).where(Opplasting.utsending_id == utsending_id))
    letters = letter_objects(utsending_id)
    results = [
        *tx.scalars(select(Arbeidsdel.resultat).where(Arbeidsdel.utsending_id == utsending_id)),
        *(form.get("bilder", []) for form in tx.scalars(_forms(utsending_id))),
        *(form.get("bilder", []) for form in tx.scalars(_file_forms(utsending_id))),
    ]
    pieces = (
        piece["objekt"]
        for result in results
        for piece in result
        if isinstance(piece, dict) and "objekt" in piece
    )
    return {objekt for objekt in (*uploads, *files, *letters, *pieces) if objekt}


def _forms(utsending_id: UUID) -> Select[tuple[dict[str, Any]]]:
    return select(Opplasting.form).where(Opplasting.utsending_id == utsending_id)


def _file_forms(utsending_id: UUID) -> Select[tuple[dict[str, Any]]]:
    return select(Brevfil.form).where(Brevfil.utsending_id == utsending_id, Brevfil.form.has_key("bilder"))


def delete_mailing(utsending_id: UUID, *, actor: Aktor) -> None:
    """Delete all rows of a mailing, with an audit entry, in the present transaction.

    The caller holds the mailing's row lock, has checked its status, and deletes the objects after commit.
    """
    tx = session()
    # A worker that is storing letters has locked its piece and will ask for the rows: take the pieces before them.
    pieces = select(Arbeidsdel.id).where(Arbeidsdel.utsending_id == utsending_id)
    tx.execute(pieces.order_by(Arbeidsdel.id).with_for_update())
    gone = tx.execute(
        delete(Utsending)
        .where(Utsending.id == utsending_id)
        .returning(Utsending.organisasjon_id, Utsending.nr, Utsending.antall_rader)
        .execution_options(synchronize_session=False)
    ).one()
    audit.record(
        actor,
        DISCARDED,
        "utsending",
        utsending_id,
        organisasjon_id=gone.organisasjon_id,
        nr=gone.nr,
        rader=gone.antall_rader,
    )
