"""Letters that a konto pays for but did not write: those sent with eDialog (svarut.md 8.3, ADR 0041).

The konto's users see that there is one, its progress and its cost. Subject and writer are for the receiver,
by the receiver's own right and login level; only the receiver may take the letter off its way.
"""

from __future__ import annotations

import logging

from fiks.core.crypto.encryption import NokkelUkjent, VerdiOdelagt
from fiks.core.values.identifiers import mask_numbers
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Opphav, Status
from fiks.svarut.sealed_content import unseal_content

RECEIVED_STATUSES = (Status.LEST, Status.PRINTET, Status.SLETTET)
"""Statuses after the receiver has confirmed the letter or it was posted. None of them leads to one outside
this list.
"""


def is_only_billed(opphav: str) -> bool:
    """Whether the letter's konto pays for it without being its sender."""
    return opphav == Opphav.EDIALOG


def is_unconfirmed_henvendelse(opphav: str, status: str) -> bool:
    """Whether the letter is such a one and its arrival is not confirmed yet (`RECEIVED_STATUSES`)."""
    return is_only_billed(opphav) and status not in RECEIVED_STATUSES


log = logging.getLogger(__name__)


def writer_of(letter: Forsendelse) -> str:
    """The name that answers go to, personal numbers masked; "" when there is none or it is deleted.

    Raises VerdiOdelagt, NokkelUkjent.
    """
    answers = unseal_content(letter.innhold_kryptert).get("svarSendesTil")
    return mask_numbers(answers["adresse"]["navn"]) if answers else ""


def writer_or_empty(letter: Forsendelse) -> str:
    """As `writer_of`, but "" (and an error log line) for a letter that cannot be decrypted, so that others
    are still shown.
    """
    try:
        return writer_of(letter)
    except (NokkelUkjent, VerdiOdelagt) as error:
        log.error("letter_not_opened", extra={"forsendelse": str(letter.id), "antall": 1, "kode": error.kode})
        return ""


def shown_title(letter: Forsendelse) -> str:
    """The letter's title, numbers masked; "" when it is deleted or only its receiver may see it."""
    return "" if is_only_billed(letter.opphav) else mask_numbers(letter.tittel)
