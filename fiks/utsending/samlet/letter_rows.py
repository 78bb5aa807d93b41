"""The letters of a big PDF as rows: deleting them, ordering cutting, counting."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select, update

from fiks.core.db import delete_after_commit, session
from fiks.utsending.editing.reset import forget_rows
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.filer.storage import NO_CONTENT
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import Delart
from fiks.utsending.stored_objects import unused_objects

PAGES_A_PIECE = 100
LETTERS_A_PIECE = 50
NO_FILE = {"storrelse": 0, "sha256": hashlib.sha256(b"").digest(), **NO_CONTENT}
"""Column values of a letter without a file."""

_FORBIDDEN = re.compile(r'[*:"\\/<>|?\x00-\x1f\x7f]+')
_NAME = 90


def document_name(tittel: str) -> str:
    """Return the document name the receiver sees: the mailing's title without forbidden characters."""
    name = " ".join(_FORBIDDEN.sub(" ", tittel).split())[:_NAME].strip(" .")
    return f"{name or 'brev'}.pdf"


def forget_letters(utsending_id: UUID) -> None:
    """Delete every cut letter and every piece of cutting, in the present transaction."""
    tx = session()
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.KUTT)
    )
    lie_in = tx.scalars(select(Brevfil.objekt).where(Brevfil.utsending_id == utsending_id).distinct()).all()
    tx.execute(
        delete(Brevfil)
        .where(Brevfil.utsending_id == utsending_id)
        .execution_options(synchronize_session=False)
    )
    delete_after_commit(unused_objects(lie_in, of=utsending_id))


def forget_all(utsending_id: UUID) -> None:
    """Delete receivers, letters and their source files, in the present transaction, after a change of the way
    of sending.
    """
    tx = session()
    forget_letters(utsending_id)
    tx.execute(delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id))
    forget_rows(utsending_id)
    tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(oppsett={}))
    gone = tx.scalars(
        delete(Opplasting)
        .where(Opplasting.utsending_id == utsending_id, Opplasting.art != "DOKUMENT")
        .returning(Opplasting.objekt)
    ).all()
    delete_after_commit(unused_objects(gone, of=utsending_id))


def order_cutting(utsending_id: UUID, bestilt_av: UUID | None) -> None:
    """Order cutting from the beginning, in the present transaction; first the letters' starts are searched."""
    forget_letters(utsending_id)
    queue.order(utsending_id, Delart.KUTT, bestilt_av=bestilt_av)


def order_ranges(utsending_id: UUID, sider: Iterable[int], *, after: int, bestilt_av: UUID | None) -> None:
    """Order cutting of letters with these page counts, in the present transaction; pieces are numbered from
    `after`.
    """
    pieces = [
        {
            "utsending_id": utsending_id,
            "art": Delart.KUTT,
            "nr": after + n,
            "fra": fra,
            "til": til,
            "bestilt_av": bestilt_av,
        }
        for n, (fra, til) in enumerate(letter_ranges(sider, PAGES_A_PIECE, LETTERS_A_PIECE), 1)
    ]
    session().execute(insert(Arbeidsdel), pieces)
    queue.ring_lane(Delart.KUTT)


def recut_letters(utsending_id: UUID, tittel: str, bestilt_av: UUID | None) -> None:
    """Make each letter again from the same pages under this title, in the present transaction.

    Starts and content are unchanged: nothing is searched or read again, and rows keep their corrections, as
    long as each letter can be made as before (`rows_match_letters`). If not everything is cut and read, the
    work starts over. Letters whose file is not here, as in a draft of unsent ones, are only renamed.
    """
    if not _has_file(utsending_id):
        _rename(utsending_id, tittel)
        return
    if not is_all_cut(utsending_id) or not has_rows(utsending_id) or queue.is_busy(utsending_id, Delart.LES):
        if count_by_status(utsending_id):
            forget_rows(utsending_id)
            order_cutting(utsending_id, bestilt_av)
        return
    tx, mine = session(), Brevfil.utsending_id == utsending_id
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.KUTT)
    )
    lay_in = tx.scalars(select(Brevfil.objekt).where(mine, Brevfil.objekt.is_not(None)).distinct()).all()
    places = tx.execute(select(Brevfil.fra_side, Brevfil.til_side).where(mine).order_by(Brevfil.nr)).all()
    tx.execute(
        update(Brevfil)
        .where(mine)
        .values(status="MOTTATT", feilkode=None, funn=[], vist_navn=document_name(tittel), **NO_FILE)
        .execution_options(synchronize_session=False)
    )
    delete_after_commit(unused_objects(lay_in, of=utsending_id))
    order_ranges(
        utsending_id, ((til or 0) - (fra or 0) + 1 for fra, til in places), after=0, bestilt_av=bestilt_av
    )


def _has_file(utsending_id: UUID) -> bool:
    """Return whether the big PDF is stored, so that letters can be cut."""
    stored = select(Opplasting.id).where(
        Opplasting.utsending_id == utsending_id, Opplasting.art == "SAMLET", Opplasting.objekt.is_not(None)
    )
    return bool(session().scalar(select(stored.exists())))


def _rename(utsending_id: UUID, tittel: str) -> None:
    session().execute(
        update(Brevfil)
        .where(Brevfil.utsending_id == utsending_id)
        .values(vist_navn=document_name(tittel))
        .execution_options(synchronize_session=False)
    )


def rows_match_letters(utsending_id: UUID) -> bool:
    """Return whether the letters are read, and each row links to its letter exactly when that can be sent.

    A letter whose row was removed does not count.
    """
    sends = and_(
        Radfil.utsending_id == Utsendingsrad.utsending_id,
        Radfil.radnr == Utsendingsrad.radnr,
        Radfil.brevfil_id == Brevfil.id,
    )
    other = (
        select(Brevfil.id)
        .join(
            Utsendingsrad,
            (Utsendingsrad.utsending_id == Brevfil.utsending_id) & (Utsendingsrad.radnr == Brevfil.nr),
        )
        .outerjoin(Radfil, sends)
        .where(
            Brevfil.utsending_id == utsending_id,
            (Brevfil.status == "LEST") != Radfil.brevfil_id.is_not(None),
        )
    )
    return has_rows(utsending_id) and not session().scalar(select(other.exists()))


def has_rows(utsending_id: UUID) -> bool:
    """Return whether the letters have been read into rows."""
    there = select(Utsendingsrad.radnr).where(Utsendingsrad.utsending_id == utsending_id)
    return bool(session().scalar(select(there.exists())))


def count_by_status(utsending_id: UUID) -> dict[str, int]:
    """Return the number of letters by status: MOTTATT (not cut yet), LEST, FEILET."""
    found = session().execute(
        select(Brevfil.status, func.count())
        .where(Brevfil.utsending_id == utsending_id)
        .group_by(Brevfil.status)
    )
    return {row[0]: row[1] for row in found}


def is_all_cut(utsending_id: UUID) -> bool:
    """Return whether there are letters and none waits to be cut."""
    found = count_by_status(utsending_id)
    return bool(found) and not found.get("MOTTATT") and not queue.is_busy(utsending_id, Delart.KUTT)


def letter_ranges(sider: Iterable[int], pages: int, most: int) -> Iterable[tuple[int, int]]:
    """Yield portions of letters (first, last, from 1) of about `pages` pages and at most `most` letters."""
    first, held, last = 1, 0, 0
    for last, count in enumerate(sider, 1):
        if last > first and (held + count > pages or last - first >= most):
            yield first, last - 1
            first, held = last, 0
        held += count
    if last:
        yield first, last
