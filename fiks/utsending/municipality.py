"""Templates that print the municipality number; some organisations have none."""

from __future__ import annotations

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.models import Organisasjon
from fiks.utsending.brev import prints
from fiks.utsending.inputs import chosen_template
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Art

PRINTED = ("eiendom_lang", "kommunenr")
"""Fields that contain the municipality number."""


def lacks_number(row: Utsending) -> Konflikt | None:
    """MAL_KREVER_KOMMUNENR when the mailing's template prints a number its organisation lacks; else None."""
    if row.art != Art.FLETTEBREV or row.malversjon_id is None:
        return None
    if session().scalar(select(Organisasjon.kommunenr).where(Organisasjon.id == row.organisasjon_id)):
        return None
    needs = prints(chosen_template(row.malversjon_id), *PRINTED)
    return Konflikt("MAL_KREVER_KOMMUNENR") if needs else None


def require_number(row: Utsending) -> None:
    """Raise what `missing_municipality_number` finds."""
    lacks = lacks_number(row)
    if lacks is not None:
        raise lacks
