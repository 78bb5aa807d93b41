"""The writer of a letter that its konto only pays for, as shown to the letter's receiver."""

from __future__ import annotations

import logging

from fiks.core.crypto.encryption import NokkelUkjent, VerdiOdelagt
from fiks.core.values.identifiers import mask_numbers
from fiks.svarut.content import unseal_content
from fiks.svarut.models import Forsendelse

log = logging.getLogger(__name__)


def writer_of(letter: Forsendelse) -> str:
    """The name that answers go to, personal numbers masked; "" when there is none or it is deleted.

    Raises VerdiOdelagt, NokkelUkjent.
    """
    answers = unseal_content(letter.innhold_kryptert).get("svarSendesTil")
    return mask_numbers(answers["adresse"]["navn"]) if answers else ""


def writer_if_opened(letter: Forsendelse) -> str:
    """As `writer_of`, but "" (and an error log line) for a letter that cannot be decrypted, so that others
    are still shown.
    """
    try:
        return writer_of(letter)
    except (NokkelUkjent, VerdiOdelagt) as error:
        log.error("letter_not_opened", extra={"forsendelse": str(letter.id), "antall": 1, "kode": error.kode})
        return ""
