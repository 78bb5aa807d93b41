"""Which versions of the house's templates this release can read.

A newer release may have published a text with features unknown here; it stays when that release is rolled
back.
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
    """Whether this release can make letters of a version of a house template; logged once if not.

    Not for an organisation's own templates: they may use columns of a list that is not known here.
    """
    text = Brevmal(version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn)
    return _can_be_read(version.id, text)


@lru_cache(maxsize=256)
def _can_be_read(versjon_id: UUID, text: Brevmal) -> bool:
    """The answer, cached for the life of the process, since a version never changes."""
    found = faults(text, known_fields())
    codes = sorted({fault.kode for part in found.values() for fault in part})
    if codes:
        log.warning("template_not_readable", extra={"malversjon": str(versjon_id), "koder": codes})
    return not codes
