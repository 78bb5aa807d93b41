"""Requirements on files before a mailing may go on: all linked, and unused files acknowledged.

Files that no row names are sent to nobody, so a person must have seen them.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import cast, select, update
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.editing.reopen import reopen
from fiks.utsending.editing.stale_form import Vist, require_current
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.linking import require_linked
from fiks.utsending.letters.documents import is_unused, missing_documents
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Art

KEY = "ubrukte_sett"


def _unused_digest(utsending_id: UUID) -> tuple[int, str]:
    """Return the number of unused files, and a digest of their hashes."""
    found = session().scalars(
        select(Brevfil.sha256)
        .where(Brevfil.utsending_id == utsending_id, is_unused())
        .order_by(Brevfil.sha256)
    )
    hashes = list(found)
    return len(hashes), hashlib.sha256(b"".join(hashes)).hexdigest()


def count_unseen_unused(utsending_id: UUID) -> int:
    """Return the number of unused files; 0 if a person has acknowledged exactly these."""
    count, digest = _unused_digest(utsending_id)
    seen = select(Utsending.oppsett[KEY].as_string()).where(Utsending.id == utsending_id)
    return 0 if session().execute(seen).scalar_one() == digest else count


def accept_unused(utsending_id: UUID, *, actor: Aktor, vist: str | None = None) -> int:
    """Acknowledge that unused files are left out on purpose; audited. Returns how many.

    A further unused file must be acknowledged anew. The page showed UBRUKTE (`vist`, see `stale_form`).
    Errors (409): FEIL_MATE, KAN_IKKE_ENDRES, FILER_IKKE_KOBLET, VistEndret.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction() as tx:
        reopen_with_files(utsending_id, actor=actor)
        require_linked(utsending_id)
        require_current(utsending_id, vist, Vist.UBRUKTE)
        count, digest = _unused_digest(utsending_id)
        tx.execute(
            update(Utsending)
            .where(Utsending.id == utsending_id)
            .values(oppsett=Utsending.oppsett.op("||")(cast({KEY: digest}, JSONB)))
            .execution_options(synchronize_session=False)
        )
        audit.record(actor, "UBRUKTE_FILER_SETT", "utsending", utsending_id, antall=count)
    return count


def require_files(utsending_id: UUID) -> None:
    """Raise Konflikt FILER_IKKE_KOBLET or UBRUKTE_FILER (antall) if a mailing of one document per row cannot
    go on.
    """
    require_linked(utsending_id)
    if count := count_unseen_unused(utsending_id):
        raise Konflikt("UBRUKTE_FILER", antall=count)


def hindrance(mailing: Utsending) -> Konflikt | None:
    """Return what prevents making the letters of a mailing of one document per row; None if nothing does."""
    missing = missing_documents(mailing)
    if missing is not None:
        return Konflikt(missing)
    try:
        require_files(mailing.id)
    except Konflikt as error:
        return error
    return None


def require_one_document_per_row(row: Utsending) -> None:
    """Raise Konflikt FEIL_MATE if the mailing is sent in another way."""
    if row.art != Art.ETT_DOKUMENT_PER_RAD:
        raise Konflikt("FEIL_MATE")


def reopen_with_files(utsending_id: UUID, *, actor: Aktor) -> Utsending:
    """Reopen a draft that still has one document per row once locked. Errors (409): KAN_IKKE_ENDRES,
    FEIL_MATE.
    """
    row = reopen(utsending_id, actor=actor)
    require_one_document_per_row(row)
    return row
