"""What a citizen looks over before it is sent, and what tells it from anything that has been changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from fiks.edialog import queries
from fiks.edialog.content import Mottaker, version
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.queries import Skjema


@dataclass(frozen=True, slots=True, repr=False)
class Oversyn:
    """To whom a draft goes if it is sent now. No repr: personal.

    `ny_mottaker`: the mottaker has another number or name than when the draft was begun. `sett`: what `service.send`
    is to be told, so that it sends this and nothing else.
    """

    mottaker: Mottaker
    ny_mottaker: bool
    sett: str


def look_over(skjema: Skjema) -> Oversyn:
    """The draft as it would be sent now."""
    mottaker = _mottaker_now(skjema.mottaker_id) or skjema.mottaker
    files = [one.id for one in skjema.filer]
    sett = _digest(skjema.versjon, files, skjema.sensitivt, mottaker)
    return Oversyn(mottaker, is_another(skjema.mottaker, mottaker), sett)


def is_another(before: Mottaker, now: Mottaker) -> bool:
    """Whether the mottaker has another number or name."""
    return _named(before) != _named(now)


def is_as_seen(sett: str, row: EdialogSkjema, mottaker: Mottaker) -> bool:
    """Whether the skjema, held, is what `look_over` gave `sett` for, and goes to the same mottaker."""
    files = [one.id for one in queries.files(row.id)]
    return sett == _digest(version(row.innhold_kryptert), files, row.sensitivt, mottaker)


def _mottaker_now(mottaker_id: UUID | None) -> Mottaker | None:
    """The mottaker as it is now; None for one that cannot be written to, and for an answer to a letter."""
    found = None if mottaker_id is None else queries.mottaker_by_id(mottaker_id)
    return None if found is None else Mottaker(found.orgnr, found.adresse)


def _named(mottaker: Mottaker) -> tuple[str, str]:
    return mottaker.orgnr, mottaker.adresse.navn


def _digest(versjon: str, filer: Iterable[UUID], sensitivt: bool, mottaker: Mottaker) -> str:
    seen = [versjon, [str(one) for one in filer], sensitivt, *_named(mottaker)]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()
