"""Orders the background checks of a mailing's files: for new files, or again for all."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update

from fiks.core.db import session
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.errors import CHECK_PORTION
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import Delart


def order_checks(utsending_id: UUID, numre: Sequence[int], bestilt_av: UUID | None) -> None:
    """Order pieces for the unchecked files with these numbers. In the present transaction, which locks the
    mailing.

    A piece covers a range of numbers, and checks what is unchecked in it.
    """
    if not numre:
        return
    ordered = sorted(numre)
    last = session().scalar(
        select(func.max(Arbeidsdel.nr)).where(
            Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.FIL
        )
    )
    portions = [ordered[n : n + CHECK_PORTION] for n in range(0, len(ordered), CHECK_PORTION)]
    session().add_all(
        Arbeidsdel(
            utsending_id=utsending_id,
            art=Delart.FIL,
            nr=nr,
            fra=portion[0],
            til=portion[-1],
            bestilt_av=bestilt_av,
        )
        for nr, portion in enumerate(portions, (last or 0) + 1)
    )
    session().flush()
    queue.ring_lane(Delart.FIL)


def forget_checks(utsending_id: UUID) -> None:
    """Reset every stored file to unchecked, in the present transaction."""
    session().execute(
        update(Brevfil)
        .where(Brevfil.utsending_id == utsending_id, Brevfil.objekt.is_not(None))
        .values(status="MOTTATT", funn=[], giroark=[])
        .execution_options(synchronize_session=False)
    )


def reorder_checks(utsending_id: UUID, bestilt_av: UUID | None) -> None:
    """Delete the present pieces and order new ones for every stored, unchecked file, in the present
    transaction.

    A piece under way loses its result.
    """
    tx = session()
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.FIL)
    )
    unread = select(Brevfil.nr).where(
        Brevfil.utsending_id == utsending_id, Brevfil.objekt.is_not(None), Brevfil.status == "MOTTATT"
    )
    order_checks(utsending_id, tx.scalars(unread).all(), bestilt_av)
