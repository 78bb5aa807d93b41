"""Routing: which mottakersystem receives for an organisation (svarut.md 5.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from fiks.core.db import session
from fiks.core.errors import UgyldigInndata
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.svarinn.models import Mottakersystem, Mottaksplass, Organisasjonskobling
from fiks.svarinn.rules import ALL_TYPES, Koblingsniva, most_specific


def mottakersystem_for(orgnr: str, forsendelsestype: str | None, sikkerhetsniva: str) -> UUID | None:
    """Return the active mottakersystem for letters of this type and level to `orgnr`, by the most specific
    kobling.
    """
    wanted = {ALL_TYPES, forsendelsestype or ALL_TYPES}
    rows = session().execute(
        select(Mottaksplass.forsendelsestype, Mottaksplass.mottakersystem_id).where(
            Mottaksplass.organisasjonsnummer == orgnr,
            Mottaksplass.forsendelsestype.in_(wanted),
            Mottaksplass.sikkerhetsniva == sikkerhetsniva,
        )
    )
    return most_specific({row.forsendelsestype: row.mottakersystem_id for row in rows}, forsendelsestype)


def organisations_with_system(orgnrs: Collection[str]) -> frozenset[str]:
    """Return those of these organisations (at most 1 000) that have an active mottakersystem for ordinary
    letters.
    """
    if not orgnrs:
        return frozenset()
    rows = session().scalars(
        select(Mottaksplass.organisasjonsnummer).where(
            Mottaksplass.organisasjonsnummer.in_(orgnrs),
            Mottaksplass.forsendelsestype == ALL_TYPES,
            Mottaksplass.sikkerhetsniva == Sikkerhetsniva.BETYDELIG,
        )
    )
    return frozenset(rows)


MOST = 20_000
"""Most koblinger that one query returns."""


@dataclass(frozen=True, slots=True)
class Mottak:
    """One entry of what a mottakersystem receives: letters to `orgnr` of `type` (empty: all types) at
    `niva` (3 or 4).
    """

    system_id: UUID
    navn: str
    orgnr: str
    type: str
    niva: int


def receptions(*, orgnr: str = "", type: str = "", niva: int | None = None) -> list[Mottak]:
    """Return everything active mottakersystemer receive, by kobling; arguments that are left out do not
    filter.

    A kobling for both levels or several types gives one entry each. UgyldigInndata FOR_MANGE_TREFF rather
    than a part: a sender takes an organisation missing from the answer for one without a mottakersystem.
    """
    wanted: list[ColumnElement[bool]] = [Mottakersystem.aktiv.is_(True)]
    if orgnr:
        wanted.append(Organisasjonskobling.organisasjonsnummer == orgnr)
    if type:
        wanted.append(
            or_(
                Organisasjonskobling.forsendelsestyper == [],
                Organisasjonskobling.forsendelsestyper.contains([type]),
            )
        )
    if niva is not None:
        asked = [str(one) for one in Sikkerhetsniva if one.level == niva]
        wanted.append(Organisasjonskobling.sikkerhetsniva.in_([str(Koblingsniva.ALLE), *asked]))
    rows = (
        session()
        .execute(
            select(Organisasjonskobling, Mottakersystem.navn)
            .join(Mottakersystem, Mottakersystem.id == Organisasjonskobling.mottakersystem_id)
            .where(*wanted)
            .order_by(Organisasjonskobling.id)
            .limit(MOST + 1)
        )
        .all()
    )
    if len(rows) > MOST:
        raise UgyldigInndata("FOR_MANGE_TREFF", grense=MOST)
    return [found for row, navn in rows for found in _receptions(row, navn, type, niva)]


def _receptions(row: Organisasjonskobling, navn: str, type: str, niva: int | None) -> list[Mottak]:
    types = [name for name in row.forsendelsestyper if type in ("", name)] or [""]
    levels = [
        one.level
        for one in Sikkerhetsniva
        if row.sikkerhetsniva in (Koblingsniva.ALLE, one) and niva in (None, one.level)
    ]
    return [
        Mottak(row.mottakersystem_id, navn, row.organisasjonsnummer, kind, level)
        for kind in types
        for level in levels
    ]
