"""Notices of letters from citizens that reached nobody after the receipt was sent: e-mail to the citizen, log
to operations.

The mark in the letter's history and the e-mail are one transaction: sent once, never forgotten.
"""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from fiks.core.crypto.encryption import VerdiOdelagt
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Utilgjengelig
from fiks.edialog.content import Innhold, unseal
from fiks.edialog.letter import shown_name
from fiks.edialog.models import EdialogSkjema
from fiks.epost import Mal, Sprak, write
from fiks.svarut.history import append_events
from fiks.svarut.lifecycle.failure_notices import lock_unreported, unreported_letters
from fiks.svarut.rules import Opphav

log = logging.getLogger(__name__)


def notify_of_lost_letters() -> int:
    """Notify citizens and operations of letters that reached nobody; return how many."""
    return sum(_notify(letter_id) for letter_id in unreported_letters(Opphav.EDIALOG))


def _notify(letter_id: UUID) -> int:
    """Notify of one letter; 0 when another process has done it, or the letter waits for a process that has
    its key.
    """
    try:
        with transaction():
            lost = lock_unreported(letter_id)
            if lost is None:
                return 0
            append_events([lost.told])
            written = _write_mail(letter_id)
    except Utilgjengelig as error:
        log.warning("edialog_loss_untold", extra={"forsendelse": str(letter_id), "kode": error.kode})
        return 0
    # An event of its own whether the citizen was told or not: operations see whom they must reach in another way.
    log.error("edialog_lost", extra={"forsendelse": str(letter_id), "kode": lost.kode, "e_poster": written})
    return 1


def _write_mail(letter_id: UUID) -> int:
    """Write to the receipt's address, in the present transaction; return how many e-mails. Raises
    NokkelUkjent.
    """
    columns = EdialogSkjema.id, EdialogSkjema.spraak, EdialogSkjema.innhold_kryptert
    row = session().execute(select(*columns).where(EdialogSkjema.forsendelse_id == letter_id)).first()
    content = None if row is None else _content(letter_id, row.innhold_kryptert)
    if row is None or content is None or not content.kvittering_til:
        return 0
    return write(
        Mal.EDIALOG_FEILET,
        [content.kvittering_til],
        {
            "mottaker": shown_name(content.mottaker),
            "lenke": f"{current().minside_base_url}/edialog/skjema/{row.id}",
        },
        nokkel=f"edialog:ikke-framme:{letter_id}",
        sprak=Sprak(row.spraak),
    )


def _content(letter_id: UUID, sealed: bytes) -> Innhold | None:
    """Return the stored content; None when it is damaged, which keeps no others from being notified."""
    try:
        return unseal(sealed)
    except VerdiOdelagt as error:
        log.error("edialog_unreadable", extra={"forsendelse": str(letter_id), "kode": error.kode})
        return None
