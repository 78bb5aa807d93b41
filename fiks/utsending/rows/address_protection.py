"""Masking a row whose receiver is found to be protected at hand-over, as if its control had found it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Row, delete, or_, select, update

from fiks.core.db import delete_after_commit, session
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.delivery.address_protection import Noytralt
from fiks.utsending.letters.documents import documents_of
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingsrad
from fiks.utsending.rows.storage import flags_of
from fiks.utsending.rules import Delart

LETTER_VIEWS = (Delart.FORHANDSVISNING, Delart.PROVEBREV)


def mask_row(forsendelse_id: UUID, protection: Adressebeskyttelse) -> Noytralt | None:
    """Set the protection flags of this letter's row and delete previews of it, in the present transaction.

    Returns the letter's new, neutral names. None when nothing changes: the row is already masked as strictly,
    or the letter has no row. Implements `svarut.address_protection.Skjerm`.
    """
    flags = {name: True for name, wanted in flags_of(protection).items() if wanted}
    row = _row_to_mask(forsendelse_id, flags)
    if row is None:
        return None
    # As everywhere the pieces before the rows they are about (`work.hold_parts`).
    _delete_views(row.utsending_id, row.radnr)
    session().execute(
        update(Utsendingsrad)
        .where(Utsendingsrad.forsendelse_id == forsendelse_id)
        .values(flags)
        .execution_options(synchronize_session=False)
    )
    mailing = session().get_one(Utsending, row.utsending_id)
    documents = documents_of(mailing, [row.radnr])[row.radnr]
    return Noytralt(mailing.tittel, {document.nr: document.filnavn for document in documents})


def _row_to_mask(forsendelse_id: UUID, flags: Iterable[str]) -> Row[UUID, int] | None:
    """The letter's row, if it lacks one of the flags."""
    found = select(Utsendingsrad.utsending_id, Utsendingsrad.radnr).where(
        Utsendingsrad.forsendelse_id == forsendelse_id,
        or_(*(~getattr(Utsendingsrad, name) for name in flags)),
    )
    return session().execute(found).first()


def _delete_views(utsending_id: UUID, radnr: int) -> None:
    """Delete the row's previews and its unsent test letters; a worker drawing one discards its result."""
    gone = session().scalars(
        delete(Arbeidsdel)
        .where(
            Arbeidsdel.utsending_id == utsending_id,
            Arbeidsdel.art.in_(LETTER_VIEWS),
            Arbeidsdel.fra == radnr,
        )
        .returning(Arbeidsdel.resultat)
        .execution_options(synchronize_session=False)
    )
    delete_after_commit({piece["objekt"] for pieces in gone for piece in pieces if "objekt" in piece})
