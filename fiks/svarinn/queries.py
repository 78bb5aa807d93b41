"""Which mottakersystem receives for an organisation (svarut.md 5.2)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select

from fiks.core.db import session
from fiks.svarinn.models import Mottakersystem, Organisasjonskobling


def has_mottakersystem(orgnr: str, forsendelsestype: str | None, sikkerhetsniva: str) -> bool:
    """Whether an active mottakersystem takes letters of this type and level for `orgnr`."""
    all_types = Organisasjonskobling.forsendelsestyper == []
    kind: ColumnElement[bool] = all_types
    if forsendelsestype:
        kind = or_(all_types, Organisasjonskobling.forsendelsestyper.contains([forsendelsestype]))
    match = (
        select(Organisasjonskobling.id)
        .join(Mottakersystem, Mottakersystem.id == Organisasjonskobling.mottakersystem_id)
        .where(
            Organisasjonskobling.organisasjonsnummer == orgnr,
            Organisasjonskobling.sikkerhetsniva.in_(["ALLE", sikkerhetsniva]),
            Mottakersystem.aktiv,
            kind,
        )
    )
    return bool(session().execute(select(match.exists())).scalar_one())


def organisations_with_system(orgnrs: Collection[str]) -> frozenset[str]:
    """Which of these organisations (at most 1 000) have an active mottakersystem for ordinary letters."""
    if not orgnrs:
        return frozenset()
    rows = session().scalars(
        select(Organisasjonskobling.organisasjonsnummer)
        .join(Mottakersystem, Mottakersystem.id == Organisasjonskobling.mottakersystem_id)
        .where(
            Organisasjonskobling.organisasjonsnummer.in_(orgnrs),
            Organisasjonskobling.forsendelsestyper == [],
            Organisasjonskobling.sikkerhetsniva.in_(["ALLE", "BETYDELIG"]),
            Mottakersystem.aktiv,
        )
    )
    return frozenset(rows)
