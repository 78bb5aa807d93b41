"""The citizen's review of a draft before it is sent, and the digest that detects changes made after the
review.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from fiks.edialog import queries
from fiks.edialog.content import Mottaker, content_version
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.queries import Skjema


@dataclass(frozen=True, slots=True, repr=False)
class Oversyn:
    """The receiver of a draft if it is sent now. No repr: personal.

    `ny_mottaker`: the mottaker's number or name has changed since the draft was begun. `sett`: the digest to
    pass to `service.send`, so that exactly the reviewed draft is sent.
    """

    mottaker: Mottaker
    ny_mottaker: bool
    sett: str


def review_draft(skjema: Skjema) -> Oversyn:
    """Return the draft as it would be sent now."""
    mottaker = _mottaker_now(skjema.mottaker_id) or skjema.mottaker
    files = [one.id for one in skjema.filer]
    sett = _digest(skjema.versjon, files, skjema.sensitivt, mottaker)
    return Oversyn(mottaker, has_other_identity(skjema.mottaker, mottaker), sett)


def has_other_identity(before: Mottaker, now: Mottaker) -> bool:
    """Return whether the mottaker's number or name differs."""
    return _named(before) != _named(now)


def matches_review(sett: str, row: EdialogSkjema, mottaker: Mottaker) -> bool:
    """Return whether the locked skjema still matches the review's digest `sett` and goes to the same
    mottaker.
    """
    files = [one.id for one in queries.files(row.id)]
    return sett == _digest(content_version(row.innhold_kryptert), files, row.sensitivt, mottaker)


def _mottaker_now(mottaker_id: UUID | None) -> Mottaker | None:
    """Return the mottaker's present facts; None for one that cannot be written to, and for a reply to a
    letter.
    """
    found = None if mottaker_id is None else queries.mottaker_by_id(mottaker_id)
    return None if found is None else Mottaker(found.orgnr, found.adresse)


def _named(mottaker: Mottaker) -> tuple[str, str]:
    return mottaker.orgnr, mottaker.adresse.navn


def _digest(versjon: str, filer: Iterable[UUID], sensitivt: bool, mottaker: Mottaker) -> str:
    seen = [versjon, [str(one) for one in filer], sensitivt, *_named(mottaker)]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()
