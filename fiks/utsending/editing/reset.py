"""Reset of what was read: delete rows and choices, mark uploads unread, order the reading again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import case, cast, delete, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from fiks.core.db import delete_after_commit, session
from fiks.utsending.earlier_mailings import NO_REASON
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import Delart, Radstatus
from fiks.utsending.stored_objects import letter_objects, unused_objects

NO_CHOICES: Mapping[str, object] = {"parker_feil": False, **NO_REASON}
"""Columns of `utsending` with every choice about rows taken back."""


def forget_rows(utsending_id: UUID) -> None:
    """Delete the rows, their letters and every choice about them, in the present transaction."""
    letters = letter_objects(utsending_id)
    session().execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id))
    delete_after_commit(unused_objects(letters, of=utsending_id))
    forget_choices(utsending_id, antall_rader=0, liste_digest=None)


def forget_choices(utsending_id: UUID, *, antall_rader: int, liste_digest: bytes | None) -> None:
    """Store the number of rows and take back every choice about the former rows, in this transaction."""
    session().execute(
        update(Utsending)
        .where(Utsending.id == utsending_id)
        .values(
            antall_rader=antall_rader,
            liste_digest=liste_digest,
            **NO_CHOICES,
        )
    )


def order_reading_again(utsending_id: UUID, bestilt_av: UUID | None) -> None:
    """Mark every stored upload unread and order a new reading of all of them, in the present transaction.

    A reading in progress loses its piece and stops at its next portion. Rows without a file (typed, or copied
    from a stopped mailing) stay; the same piece controls them again. Choices about rows are always taken
    back, since other rows may be bad afterwards.
    """
    tx = session()
    stored = tx.scalars(
        select(Opplasting)
        .where(Opplasting.utsending_id == utsending_id, Opplasting.objekt.is_not(None))
        .with_for_update()
    ).all()
    if not stored and not _has_rows(utsending_id):
        return
    for row in stored:
        row.status, row.feilkode, row.lest_til = "MOTTATT", None, 0
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.LES)
    )
    if any(row.art == "LISTE" for row in stored):
        forget_rows(utsending_id)
    else:
        tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(**NO_CHOICES))
    queue.order(utsending_id, Delart.LES, bestilt_av=bestilt_av, fra=queue.CONTROL)


def restart_reading(utsending_id: UUID, bestilt_av: UUID | None) -> None:
    """Restart a reading in progress, because the rows have changed since it began. In this transaction."""
    if not queue.is_busy(utsending_id, Delart.LES):
        return
    session().execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.LES)
    )
    queue.order(utsending_id, Delart.LES, bestilt_av=bestilt_av)


def forget_letter_findings(utsending_id: UUID) -> None:
    """Make rows whose letter could not be made sendable again, after a change of template or facts.

    Such findings have `kilde` "brev"; the row was sendable before it got one. In this transaction.
    """
    kept = func.jsonb_path_query_array(Utsendingsrad.funn, cast("$[*] ? (!exists(@.kilde))", JSONPATH))
    warned = type_coerce(kept, JSONB).contains([{"alvorlighet": "advarsel"}])
    session().execute(
        update(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.funn.contains([{"kilde": "brev"}]))
        .values(funn=kept, status=case((warned, Radstatus.ADVARSEL), else_=Radstatus.OK))
        .execution_options(synchronize_session=False)
    )


def _has_rows(utsending_id: UUID) -> bool:
    one = select(Utsendingsrad.radnr).where(Utsendingsrad.utsending_id == utsending_id)
    return bool(session().execute(select(one.exists())).scalar_one())
