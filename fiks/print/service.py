"""Use cases print offers to other rooms: place an order, call it off, delete its file, ask for its state.

They run in the caller's transaction, so that an order and what it is for always agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from fiks.core import clock
from fiks.core.db import delete_after_commit, ring, session, table_of
from fiks.core.storage.store import Lagret
from fiks.print.models import Avvik, Leverandor, Ordre, Ordrehendelse, Pakke
from fiks.print.rules import Konfidensialitetsklasse, Trykksak
from fiks.print.states import Avviksart, Ordrestatus, Pakkestatus
from fiks.print.transitions import append_history, has_id_in, move_orders

LANE = "print"
CALLED_OFF_UNOPENED = "AVBESTILT_UAPNET"
"""History code: the sender, who was to print the order itself, had not even opened its file when it was
called off.
"""


@dataclass(frozen=True, slots=True)
class Bestilling:
    """One letter to print: the caller's reference, its owner, how to print it, and the stored PDF."""

    referanse: UUID
    kilde: str
    kilde_id: UUID
    organisasjon_id: UUID
    ressurs_id: UUID
    leverandor: str
    konteringskode: str | None
    tosidig: bool
    farger: bool
    sone: str
    sak: Trykksak
    lagret: Lagret
    klasse: Konfidensialitetsklasse = Konfidensialitetsklasse.NORMAL


_HOUSE = table_of(Leverandor).c
_PACKED_AT_ONCE = select(
    ~_HOUSE.manuell & ((_HOUSE.brev_per_pakke == 1) | (_HOUSE.ventetid_sekunder == 0))
).where(_HOUSE.kode == bindparam("code"))


def place_order(bestilling: Bestilling, *, aktor: str) -> None:
    """Place an order in the present transaction: MOTTATT, ready to be packed. A reference can be ordered only
    once.

    Rings the packer only if an order makes a package by itself; otherwise the sweeper packs when a package is
    full or has waited.
    """
    b = bestilling
    session().add(
        Ordre(
            id=b.referanse,
            kilde=b.kilde,
            kilde_id=b.kilde_id,
            organisasjon_id=b.organisasjon_id,
            ressurs_id=b.ressurs_id,
            konteringskode=b.konteringskode,
            klasse=b.klasse,
            leverandor=b.leverandor,
            sider=b.sak.sider,
            tosidig=b.tosidig,
            farger=b.farger,
            giroark=list(b.sak.giroark),
            sone=b.sone,
            sha256=b.lagret.sha256,
            pdf_bytes=b.lagret.storrelse,
            objekt=b.lagret.objekt,
            nokkel=b.lagret.nokkel,
            siste_lopenr=1,
            opprettet=clock.now_sql(),
        )
    )
    session().flush()
    append_history([(b.referanse, 1, None)], til=Ordrestatus.MOTTATT, kode="MOTTATT", aktor=aktor)
    if session().execute(_PACKED_AT_ONCE, {"code": b.leverandor}).scalar_one():
        ring(LANE)


def call_off(referanser: Sequence[UUID], *, kode: str, aktor: str) -> list[UUID]:
    """Call orders off, in the present transaction, unless they are packed; return which were.

    An order in a package, or in a print house's list, is printed anyway.
    """
    stopped = move_orders(
        has_id_in(referanser) & Ordre.pakke_id.is_(None) & Ordre.sett_hos_leverandor.is_(None),
        fra=(Ordrestatus.MOTTATT,),
        til=Ordrestatus.AVBESTILT,
        kode=kode,
        aktor=aktor,
        limit=max(1, len(referanser)),
    )
    forget_files(stopped)
    return stopped


@dataclass(frozen=True, slots=True)
class Listet:
    """The print house whose list has a reference unknown to us, and since when we know (database time)."""

    leverandor: str
    siden: datetime


_UNKNOWN = (
    select(_HOUSE.kode, Avvik.funnet)
    .join(Avvik, Avvik.leverandor == _HOUSE.kode)
    .where(Avvik.referanse == bindparam("reference"), Avvik.art == Avviksart.UKJENT_HOS_OSS)
    .order_by(Avvik.funnet, _HOUSE.kode)
    .limit(1)
)


def listed_house(referanse: UUID) -> Listet | None:
    """Return the house whose list has this unknown reference: it was ordered after the backup we were
    restored from.

    If there are several, the one where it was found first.
    """
    found = session().execute(_UNKNOWN, {"reference": str(referanse)}).first()
    return None if found is None else Listet(found.kode, found.funnet)


def cancellable_orders() -> Select[UUID]:
    """Select the print-house orders that are in no package and no list, and so can be called off.

    Orders the sender prints itself are excluded: only the sender knows whether they are in an envelope.
    """
    return (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(
            Ordre.status == Ordrestatus.MOTTATT,
            Ordre.pakke_id.is_(None),
            Ordre.sett_hos_leverandor.is_(None),
            ~Leverandor.manuell,
        )
    )


def _maybe_printed() -> Select[UUID]:
    """Select the orders that are, were or may have been printed: all except those called off or FEILET.

    An order the sender prints itself counts as possibly printed, unless it was reported failed or called off
    unopened.
    """
    unopened = select(Ordrehendelse.lopenr).where(
        Ordrehendelse.ordre_id == Ordre.id, Ordrehendelse.kode == CALLED_OFF_UNOPENED
    )
    # A value and not "exists", which might be answered by reading every order's history.
    never_opened = unopened.correlate(Ordre).limit(1).scalar_subquery().is_not(None)
    called_off = (Ordre.status == Ordrestatus.AVBESTILT) & (~Leverandor.manuell | never_opened)
    return (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(~called_off, Ordre.status != Ordrestatus.FEILET)
    )


def is_maybe_printed(referanse: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """SQL: the order with this reference is, was or may have been printed."""
    return _maybe_printed().where(Ordre.id == referanse).correlate_except(Ordre, Leverandor).exists()


def is_unsettled(referanse: SQLColumnExpression[UUID], heard_within: timedelta) -> ColumnElement[bool]:
    """SQL: the order with this reference is not printed yet, or was handed over so recently that it may still
    fail.
    """
    lately = Ordre.overlevert > clock.now_sql() - literal(heard_within)
    waits = or_(Ordre.status == Ordrestatus.MOTTATT, (Ordre.status == Ordrestatus.PRODUSERT) & lately)
    return select(Ordre.id).where(Ordre.id == referanse, waits).correlate_except(Ordre).exists()


def has_changed_since(referanse: SQLColumnExpression[UUID], ago: timedelta) -> ColumnElement[bool]:
    """SQL: the order with this reference has an event within that time."""
    told = select(Ordrehendelse.lopenr).where(
        Ordrehendelse.ordre_id == referanse, Ordrehendelse.tid > clock.now_sql() - literal(ago)
    )
    return told.correlate_except(Ordrehendelse).exists()


def lock_and_select_maybe_printed(referanser: Sequence[UUID]) -> set[UUID]:
    """Lock these orders and return which are, were or may have been printed.

    The locks last until the transaction ends, because a FEILET order may be on its way to another house.
    """
    session().execute(select(Ordre.id).where(has_id_in(referanser)).order_by(Ordre.id).with_for_update())
    return set(session().scalars(_maybe_printed().where(has_id_in(referanser))))


def give_up_orders(referanser: Sequence[UUID]) -> None:
    """Give up those of these orders that a print house failed with: delete their files, so that they cannot
    be moved to another house.
    """
    if not referanser:
        return
    orders = select(Ordre.id).where(has_id_in(referanser), Ordre.status == Ordrestatus.FEILET)
    forget_files(session().scalars(orders.order_by(Ordre.id).with_for_update()).all())


def revived_orders(referanser: Sequence[UUID]) -> list[UUID]:
    """Return those of these orders that once FEILET but are now moved to another house, or printed.

    Locks all of them until the transaction ends, so that this stays true.
    """
    given_up = select(Ordrehendelse.lopenr).where(
        Ordrehendelse.ordre_id == Ordre.id, Ordrehendelse.til == Ordrestatus.FEILET
    )
    orders = (
        select(Ordre.id, Ordre.status, given_up.exists().label("given_up"))
        .where(has_id_in(referanser))
        .order_by(Ordre.id)
        .with_for_update(of=Ordre)
    )
    now = (Ordrestatus.FEILET, Ordrestatus.AVBESTILT)
    return [row.id for row in session().execute(orders) if row.given_up and row.status not in now]


def orders_in_open_package(referanser: Sequence[UUID]) -> list[UUID]:
    """Return those of these orders that lie in a package not yet handed over, and so need their file."""
    orders = (
        select(Ordre.id)
        .join(Pakke, Pakke.id == Ordre.pakke_id)
        .where(
            has_id_in(referanser), Ordre.status == Ordrestatus.MOTTATT, Pakke.status != Pakkestatus.OVERLEVERT
        )
    )
    return list(session().scalars(orders))


def forget_files(referanser: Sequence[UUID]) -> None:
    """Destroy the keys of these orders' PDFs and schedule the files for deletion, in the present transaction."""
    if not referanser:
        return
    held = select(Ordre.objekt).where(has_id_in(referanser), Ordre.objekt.is_not(None))
    delete_after_commit([objekt for objekt in session().scalars(held) if objekt is not None])
    session().execute(
        update(Ordre)
        .where(has_id_in(referanser))
        .values(objekt=None, nokkel=None)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Fakta:
    """What printing one letter took: sheets, grams and øre; None while unknown."""

    ark: int | None = None
    vekt_gram: int | None = None
    porto_ore: int | None = None
    produksjon_ore: int | None = None


NOTHING_SAID = Fakta()


def record_posted(ordre_id: UUID, postlagt: datetime, fakta: Fakta, *, kode: str, aktor: str) -> bool:
    """Record that the letter was posted: POSTLAGT with its facts, in the present transaction. True the first
    time.

    A letter that was returned before this receipt came stays RETUR and gets the facts.
    """
    facts: dict[str, Any] = {
        "ark": fakta.ark,
        "vekt_gram": fakta.vekt_gram,
        "porto_ore": fakta.porto_ore,
        "produksjon_ore": fakta.produksjon_ore,
        "postlagt": postlagt,
    }
    moved = move_orders(
        Ordre.id == ordre_id,
        fra=(Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT, Ordrestatus.FEILET),
        til=Ordrestatus.POSTLAGT,
        kode=kode,
        aktor=aktor,
        **facts,
    )
    if not moved:
        late = update(Ordre).where(
            Ordre.id == ordre_id, Ordre.status == Ordrestatus.RETUR, Ordre.postlagt.is_(None)
        )
        moved = list(session().scalars(late.values(**facts).returning(Ordre.id)))
    forget_files(moved)
    return bool(moved)


def record_returned(
    ordre_id: UUID,
    tidspunkt: datetime,
    melding: str | None,
    fakta: Fakta = NOTHING_SAID,
    *,
    kode: str,
    aktor: str,
) -> bool:
    """Record that the letter was returned: RETUR with the reason, in the present transaction. True the first
    time.

    A returned letter was posted, so its file is deleted. `fakta` apply only where its posting receipt has
    given none; that receipt may still come, or be lost.
    """
    moved = move_orders(
        Ordre.id == ordre_id,
        fra=(Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT, Ordrestatus.POSTLAGT),
        til=Ordrestatus.RETUR,
        kode=kode,
        aktor=aktor,
        retur=tidspunkt,
        feilkode=melding or "RETUR",
        ark=func.coalesce(Ordre.ark, fakta.ark),
        vekt_gram=func.coalesce(Ordre.vekt_gram, fakta.vekt_gram),
        porto_ore=func.coalesce(Ordre.porto_ore, fakta.porto_ore),
        produksjon_ore=func.coalesce(Ordre.produksjon_ore, fakta.produksjon_ore),
    )
    forget_files(moved)
    return bool(moved)
