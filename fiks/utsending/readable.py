"""Which versions of the house's own templates this release can read: a newer release may have published a text that
uses what we do not know yet, and stays when that release is taken back.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from uuid import UUID

from fiks.utsending.brev import Brevmal, known_fields
from fiks.utsending.models import Malversjon
from fiks.utsending.templates import faults

log = logging.getLogger(__name__)


def can_be_read(version: Malversjon) -> bool:
    """Whether letters can be made here of a version of a template of the house's own; said once in the log if not.

    An organisation's own template may name columns of a list that is not known here: it is not asked of.
    """
    text = Brevmal(version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn)
    return _can_be_read(version.id, text)


@lru_cache(maxsize=256)
def _can_be_read(versjon_id: UUID, text: Brevmal) -> bool:
    """Reckoned once a process: a version never changes."""
    found = faults(text, known_fields())
    codes = sorted({fault.kode for part in found.values() for fault in part})
    if codes:
        log.warning("template_not_readable", extra={"malversjon": str(versjon_id), "koder": codes})
    return not codes
