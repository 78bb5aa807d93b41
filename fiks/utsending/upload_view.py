"""An uploaded file as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fiks.utsending.models import Opplasting


@dataclass(frozen=True, slots=True)
class Fil:
    """An uploaded file as the pages show it. `lagret`: its content is stored and can be checked again."""

    id: UUID
    art: str
    filnavn: str
    storrelse: int
    status: str
    feilkode: str | None
    feilparams: dict[str, Any]
    form: dict[str, Any]
    kolonner: list[str]
    kobling: dict[str, str | None]
    lest_til: int
    antall: int | None
    sider: int | None
    funn: list[dict[str, Any]]
    lagret: bool


def as_file(row: Opplasting) -> Fil:
    """An upload as the pages show it."""
    return Fil(
        row.id,
        row.art,
        row.filnavn,
        row.storrelse,
        row.status,
        row.feilkode,
        dict(row.feilparams),
        dict(row.form),
        list(row.kolonner),
        dict(row.kobling),
        row.lest_til,
        row.antall,
        row.sider,
        list(row.funn),
        row.objekt is not None,
    )
