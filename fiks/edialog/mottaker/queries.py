"""Reads of mottakere for those who configure them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.edialog.models import EdialogMottaker
from fiks.edialog.rules import MAX_RECEIVER_NAME, Mottakeroppsett
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.authorization import below_held, holder_of, is_open
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Mottakerstand:
    """A mottaker and its set-up."""

    id: UUID
    short_id: str
    organisasjon_id: UUID
    konto_id: UUID
    oppsett: Mottakeroppsett


def mottaker_of(konto_id: UUID, *, actor: Aktor) -> tuple[str, Mottakeroppsett]:
    """Return (short id, set-up) of the konto's mottaker; without one, an empty short id and the
    organisation's own facts.
    """
    queries.require(actor, P.KONFIGURERE_EDIALOG, konto_id)
    mine = select(EdialogMottaker).where(EdialogMottaker.konto_id == konto_id)
    row = session().scalars(mine.execution_options(populate_existing=True)).first()
    if row is not None:
        return row.short_id, setup_of(row)
    konto = session().get(Konto, konto_id)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    org = queries.organisasjon(konto.organisasjon_id)
    address = org.adresselinje1 or "", "", "", org.postnr, org.poststed
    name = org.navn[:MAX_RECEIVER_NAME]
    return "", Mottakeroppsett(org.orgnr, name, *address, False, konto.printleverandor)


def mottaker(mottaker_id: UUID, *, actor: Aktor) -> Mottakerstand:
    """Return one mottaker."""
    wanted = select(EdialogMottaker).where(EdialogMottaker.id == mottaker_id)
    row = session().scalars(wanted.execution_options(populate_existing=True)).first()
    queries.require(actor, P.KONFIGURERE_EDIALOG, row.konto_id if row is not None else mottaker_id)
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return _stand(row)


def configured_mottakere(forelder_id: UUID | None = None, *, actor: Aktor) -> list[Mottakerstand]:
    """Return the mottakere that the actor configures, by name; at most 1 000. `forelder_id`: only those at or
    below it.
    """
    rows = session().scalars(
        select(EdialogMottaker)
        .join(Ressurs, Ressurs.id == EdialogMottaker.konto_id)
        .where(_configures(actor), _at_or_below(forelder_id))
        .order_by(EdialogMottaker.id)
        .limit(MOST)
        .execution_options(populate_existing=True)
    )
    return sorted((_stand(row) for row in rows), key=lambda one: norwegian_order(one.oppsett.navn))


def configurable_kontoer(
    organisasjon_id: UUID, forelder_id: UUID | None = None, *, actor: Aktor
) -> list[UUID]:
    """Return the organisation's kontoer, at or below `forelder_id`, that the actor configures; at most 1 000."""
    found = (
        select(Konto.id)
        .join(Ressurs, Ressurs.id == Konto.id)
        .where(Konto.organisasjon_id == organisasjon_id, _configures(actor), _at_or_below(forelder_id))
    )
    return list(session().scalars(found.order_by(Konto.id).limit(MOST)))


def konto_of(mottaker_id: UUID) -> UUID | None:
    """Return the mottaker's konto; None for no such mottaker."""
    return session().scalar(select(EdialogMottaker.konto_id).where(EdialogMottaker.id == mottaker_id))


def setup_of(row: EdialogMottaker) -> Mottakeroppsett:
    """Return the mottaker's set-up."""
    lines = row.adresselinje1, row.adresselinje2, row.adresselinje3
    return Mottakeroppsett(
        row.orgnr, row.navn, *lines, row.postnr, row.poststed, row.aktiv, row.printleverandor
    )


def _configures(actor: Aktor) -> ColumnElement[bool]:
    """Return the SQL condition that the actor configures eDialog for the konto whose ressurs is joined."""
    holder = holder_of(actor)
    if actor.is_house:
        return is_open(Ressurs)
    if holder is None:
        return false()
    return is_open(Ressurs) & below_held(Ressurs, holder, satisfying(P.KONFIGURERE_EDIALOG))


def _at_or_below(forelder_id: UUID | None) -> ColumnElement[bool]:
    return true() if forelder_id is None else Ressurs.sti.contains([forelder_id])


def _stand(row: EdialogMottaker) -> Mottakerstand:
    return Mottakerstand(row.id, row.short_id, row.organisasjon_id, row.konto_id, setup_of(row))
