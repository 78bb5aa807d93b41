"""Use cases of a big PDF: save the set-up, redo the work, remove the extra list or the file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.editing.reopen import reopen
from fiks.utsending.editing.reset import forget_rows
from fiks.utsending.editing.stale_form import Vist, changes_since, refuse_stale, require_current
from fiks.utsending.file_models import Brevoppsett
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending
from fiks.utsending.rules import Art, Delart, Delstatus
from fiks.utsending.samlet.analysis import boundaries
from fiks.utsending.samlet.analysis.setup import Oppsett, from_wire, to_wire
from fiks.utsending.samlet.letter_rows import count_by_status, forget_letters, order_cutting
from fiks.utsending.stored_objects import unused_objects


def set_up(utsending_id: UUID, oppsett: Oppsett, *, actor: Aktor, vist: str | None = None) -> None:
    """Save the set-up, remember it for the konto, and redo only the work that changed.

    Other areas need another reading; another cut needs both. The page showed SAMLET and OPPSETT (`vist`, see
    `stale_form`). Errors: the faults of `Oppsett.check` (422), SIDER_GAR_IKKE_OPP (sider, per_brev, rest),
    SAMLET_MANGLER, SAMLET_LESES, KAN_IKKE_ENDRES, VistEndret (409).
    """
    access.require(utsending_id, actor, P.SENDE)
    oppsett.check()
    with transaction() as tx:
        row = reopen(utsending_id, actor=actor)
        konto_id, before, wire = row.konto_id, from_wire(row.oppsett), to_wire(oppsett)
        require_current(utsending_id, vist, Vist.SAMLET)
        if row.oppsett != wire:
            require_current(utsending_id, vist, Vist.OPPSETT)
        _require_fitting(utsending_id, oppsett)
        tx.execute(
            update(Utsending).where(Utsending.id == utsending_id).values(oppsett=wire, endret=func.now())
        )
        _remember(konto_id, wire)
        _read_extra_again(utsending_id)
        same = before is not None and before.cut == oppsett.cut and _is_cut(utsending_id)
        _order(utsending_id, actor, cut=not same)
        audit.record(actor, "OPPSETT_LAGRET", "utsending", utsending_id, oppsett=wire)


def _require_fitting(utsending_id: UUID, oppsett: Oppsett) -> None:
    """Require a file that has been inspected and whose page count fits the set-up."""
    upload = (
        session()
        .execute(
            select(Opplasting.status, Opplasting.sider)
            .where(Opplasting.utsending_id == utsending_id, Opplasting.art == "SAMLET")
            .with_for_update()
        )
        .first()
    )
    if upload is None or upload.status == "FEILET":
        raise Konflikt("SAMLET_MANGLER")
    if upload.status != "LEST":
        raise Konflikt("SAMLET_LESES")
    if not boundaries.is_cut_by_mark(oppsett):
        boundaries.equal_letters(upload.sider or 0, oppsett.sider or 0)


def _remember(konto_id: UUID, wire: dict[str, Any]) -> None:
    row = insert(Brevoppsett).values(konto_id=konto_id, art=Art.EN_STOR_PDF, oppsett=wire)
    session().execute(
        row.on_conflict_do_update(
            index_elements=["konto_id", "art"], set_={"oppsett": wire, "brukt": func.now()}
        )
    )


def _is_cut(utsending_id: UUID) -> bool:
    """Return whether the letters are cut or being cut, so that no new cut is needed."""
    failed = select(Arbeidsdel.id).where(
        Arbeidsdel.utsending_id == utsending_id,
        Arbeidsdel.art == Delart.KUTT,
        Arbeidsdel.status == Delstatus.FEILET,
    )
    if session().scalar(select(failed.exists())):
        return False
    return bool(count_by_status(utsending_id)) or queue.is_busy(utsending_id, Delart.KUTT)


def _order(utsending_id: UUID, actor: Aktor, *, cut: bool) -> None:
    """Delete the rows, and order the letters to be cut, or only read."""
    session().execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.LES)
    )
    forget_rows(utsending_id)
    if cut:
        order_cutting(utsending_id, actor.person_id)
    elif not queue.is_busy(utsending_id, Delart.KUTT):
        queue.order(utsending_id, Delart.LES, bestilt_av=actor.person_id)


def _read_extra_again(utsending_id: UUID) -> None:
    session().execute(
        update(Opplasting)
        .where(
            Opplasting.utsending_id == utsending_id,
            Opplasting.art == "TILLEGGSLISTE",
            Opplasting.objekt.is_not(None),
        )
        .values(status="MOTTATT", feilkode=None)
    )


def cut_again(utsending_id: UUID, *, actor: Aktor) -> None:
    """Cut and read once more, after the work was lost. Errors (409): DELING_MANGLER, and as `set_up`."""
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        oppsett = from_wire(reopen(utsending_id, actor=actor).oppsett)
        if oppsett is None:
            raise Konflikt("DELING_MANGLER")
        _require_fitting(utsending_id, oppsett)
        _order(utsending_id, actor, cut=True)


def remove_extra(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> None:
    """Remove the extra list and read the letters without it. The page showed TILLEGGSLISTE."""
    _remove(utsending_id, Vist.TILLEGGSLISTE, vist, actor)


def remove_file(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> None:
    """Remove the big PDF and every letter cut from it; the set-up is kept. The page showed SAMLET.

    Errors (409): KAN_IKKE_ENDRES, VistEndret.
    """
    _remove(utsending_id, Vist.SAMLET, vist, actor)


def _remove(utsending_id: UUID, art: Vist, vist: str | None, actor: Aktor) -> None:
    access.require(utsending_id, actor, P.SENDE)
    with transaction() as tx:
        reopen(utsending_id, actor=actor)
        endret = changes_since(utsending_id, vist, art)
        gone = tx.scalars(
            delete(Opplasting)
            .where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
            .returning(Opplasting.objekt)
        ).all()
        if not gone:
            return
        refuse_stale(endret)
        if art is Vist.SAMLET:
            forget_letters(utsending_id)
            tx.execute(delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id))
            forget_rows(utsending_id)
        else:
            _order(utsending_id, actor, cut=False)
        delete_after_commit(unused_objects(gone, of=utsending_id))
        audit.record(actor, f"{art}_FJERNET", "utsending", utsending_id)
