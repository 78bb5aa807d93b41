"""A row whose receiver Folkeregisteret protects at hand-over: masked from then on, as if its control had found it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Row, delete, or_, select, update

from fiks.core.db import discard, session
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.protection import Noytralt
from fiks.utsending.documents import documents_of
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingsrad
from fiks.utsending.rows import flags_of
from fiks.utsending.rules import Delart

SHOWS_A_LETTER = (Delart.FORHANDSVISNING, Delart.PROVEBREV)


def mask_row(forsendelse_id: UUID, protection: Adressebeskyttelse) -> Noytralt | None:
    """Mask the row of this letter, in the present transaction: its flags are set, what was drawn of it is dropped.

    Returns what the letter is called then. None when nothing is changed: the row is masked so already, and maybe more
    strictly, or the letter is of no row. It is a `svarut.protection.Skjerm`.
    """
    flags = {name: True for name, wanted in flags_of(protection).items() if wanted}
    row = _unmasked(forsendelse_id, flags)
    if row is None:
        return None
    # As everywhere the pieces before the rows they are about (`work.hold_parts`).
    _drop_drawn(row.utsending_id, row.radnr)
    session().execute(
        update(Utsendingsrad)
        .where(Utsendingsrad.forsendelse_id == forsendelse_id)
        .values(flags)
        .execution_options(synchronize_session=False)
    )
    mailing = session().get_one(Utsending, row.utsending_id)
    documents = documents_of(mailing, [row.radnr])[row.radnr]
    return Noytralt(mailing.tittel, {document.nr: document.filnavn for document in documents})


def _unmasked(forsendelse_id: UUID, flags: Iterable[str]) -> Row[UUID, int] | None:
    """Which row it is, if it lacks one of the flags."""
    found = select(Utsendingsrad.utsending_id, Utsendingsrad.radnr).where(
        Utsendingsrad.forsendelse_id == forsendelse_id,
        or_(*(~getattr(Utsendingsrad, name) for name in flags)),
    )
    return session().execute(found).first()


def _drop_drawn(utsending_id: UUID, radnr: int) -> None:
    """The row's previews go, and test letters that are not drawn yet; a worker that draws one drops what it makes."""
    gone = session().scalars(
        delete(Arbeidsdel)
        .where(
            Arbeidsdel.utsending_id == utsending_id,
            Arbeidsdel.art.in_(SHOWS_A_LETTER),
            Arbeidsdel.fra == radnr,
        )
        .returning(Arbeidsdel.resultat)
        .execution_options(synchronize_session=False)
    )
    discard({piece["objekt"] for pieces in gone for piece in pieces if "objekt" in piece})
