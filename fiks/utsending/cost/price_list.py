"""An organisation's price list for paper letters: all prices of a year are set together.

Earlier years stay, so an old estimate can be computed again; corrected prices are in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, UgyldigeFelt, UgyldigInndata
from fiks.core.values.address import Portosone
from fiks.core.values.calendar import OSLO
from fiks.core.values.money import format_ore
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.organisasjon.service import lock_organisasjon_row
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import require_not_stale
from fiks.print import EKSEMPELPRISER, Konvolutt
from fiks.utsending.models import Pris

PLAIN = ("ark_ore", "side_sort_ore", "side_farge_ore", "giroark_ore")
ENVELOPES = tuple(f"KONVOLUTT_{kind}" for kind in Konvolutt)
GRAMS = tuple(step.maks_gram for step in EKSEMPELPRISER.porto[Portosone.NORGE])
"""Upper weight in grams of each postage step, in every zone."""
KINDS = (*PLAIN, *ENVELOPES, *(f"PORTO_{zone}_{gram}" for zone in Portosone for gram in GRAMS))
"""Everything that has a price, as named in `Pris.slag`."""
MAX_ORE = 1_000_000
"""Highest price in øre of anything about one letter."""
MAX_YEARS = 50


def price_years(organisasjon_id: UUID, *, actor: Aktor) -> dict[int, bool]:
    """Years whose prices can be set, newest first, and whether they are: those set, this year, the next.

    Needs ADMIN on the organisation.
    """
    queries.require(actor, P.ADMIN, organisasjon_id)
    this = clock.now().astimezone(OSLO).year
    own = select(Pris.aar).where(Pris.organisasjon_id == organisasjon_id).distinct().order_by(Pris.aar.desc())
    said = session().scalars(own.limit(MAX_YEARS)).all()
    return {year: year in said for year in sorted({*said, this, this + 1}, reverse=True)}


def prices_of(organisasjon_id: UUID, aar: int, *, actor: Aktor) -> tuple[int, dict[str, int]]:
    """(year, øre by kind) of the newest prices up to `aar`; no prices when none are set. Needs ADMIN.

    IkkeFunnet for a year whose prices cannot be set.
    """
    known = price_years(organisasjon_id, actor=actor)
    if aar not in known:
        raise IkkeFunnet("FINNES_IKKE")
    newest = next((year for year, said in known.items() if said and year <= aar), aar)
    return newest, _stored(organisasjon_id, newest)


def set_prices(
    organisasjon_id: UUID, aar: int, priser: Mapping[str, int], *, vist: str | None = None, actor: Aktor
) -> None:
    """Set every price of a year (KINDS), in øre; estimates of letters dated in the year use them from now.

    Needs ADMIN. `vist` is the form mark of what the page showed. IkkeFunnet for a year whose prices cannot be
    set. Errors: PRIS_MANGLER, PRIS_UGYLDIG (422), OPPLYSNINGER_ENDRET (409).
    """
    if aar not in price_years(organisasjon_id, actor=actor):
        raise IkkeFunnet("FINNES_IKKE")
    _check(priser)
    with transaction() as tx:
        lock_organisasjon_row(organisasjon_id)
        before = _stored(organisasjon_id, aar)
        require_not_stale(vist, as_text(before), as_text(priser))
        changed = {kind: priser[kind] for kind in KINDS if before.get(kind) != priser[kind]}
        if not changed:
            return
        tx.execute(delete(Pris).where(Pris.organisasjon_id == organisasjon_id, Pris.aar == aar))
        tx.add_all(
            Pris(organisasjon_id=organisasjon_id, aar=aar, slag=kind, ore=priser[kind]) for kind in KINDS
        )
        told: dict[str, Any] = {kind: _change_text(before.get(kind), ore) for kind, ore in changed.items()}
        audit.record(
            actor,
            "PRISER_ENDRET",
            "organisasjon",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            aar=str(aar),
            **told,
        )


def as_text(priser: Mapping[str, int]) -> dict[str, str]:
    """Prices in kroner for a form, by kind; empty where none is set."""
    return {kind: format_ore(priser[kind]) if kind in priser else "" for kind in KINDS}


def _stored(organisasjon_id: UUID, aar: int) -> dict[str, int]:
    rows = session().execute(
        select(Pris.slag, Pris.ore).where(Pris.organisasjon_id == organisasjon_id, Pris.aar == aar)
    )
    return {row[0]: row[1] for row in rows}


def _check(priser: Mapping[str, int]) -> None:
    lacking = [UgyldigInndata("PRIS_MANGLER", felt=kind) for kind in KINDS if kind not in priser]
    wrong = [
        UgyldigInndata("PRIS_UGYLDIG", felt=kind) for kind in KINDS if not 0 <= priser.get(kind, 0) <= MAX_ORE
    ]
    if lacking or wrong:
        raise UgyldigeFelt([*lacking, *wrong])


def _change_text(before: int | None, after: int) -> str:
    return format_ore(after) if before is None else f"{format_ore(before)} → {format_ore(after)}"
