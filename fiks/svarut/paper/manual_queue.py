"""Manual print queue: letters that the sender prints and posts itself (svarut.md 6.3).

A letter is in the queue from its order (`print_ordering.record_print`) for as long as the order is MOTTATT.
When it is read, closed or deleted meanwhile, or found to be strictly protected when it is opened, its order
is called off. Whoever had opened it last before that may still mark it as posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from fiks.core import audit, clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.konto.queries import kontoer_held_select, kontoer_of_holder
from fiks.konfigurasjon.konto.rules import Printleverandor
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P, norwegian_order
from fiks.print.models import Leverandor, Ordre
from fiks.print.rules import sheets
from fiks.print.service import Fakta, record_posted, record_returned
from fiks.print.states import Ordrestatus
from fiks.svarut.delivery.cancellation import lock_letters, stop_leveringer
from fiks.svarut.history import remark
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.lifecycle.print_order import KILDE
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.paid_by_konto import shown_title
from fiks.svarut.paper.manual_opening import (
    STILL_ORDERED,
    Apning,
    in_queue,
    last_opened,
    ordered_by_hand,
    taken_after_opening,
)
from fiks.svarut.rules import Status
from fiks.svarut.transitions import move_forsendelser

PAGE = 50
MOST_AT_ONCE, MOST_QUEUES = 500, 500


@dataclass(frozen=True, slots=True)
class Ventende:
    """A letter to print by hand: `shown_title`, receiver ("" when deleted), print options, since when.

    `giroark`: pages of the print file (from 1) that go on giro paper. `apnet`: who opened it last, if
    anybody. `i_ko`: False when it was taken from the queue after that, and must not be printed.
    """

    id: UUID
    tittel: str
    opphav: str
    mottaker: str
    overlevert: datetime
    utsending_id: UUID | None
    radnr: int | None
    konteringskode: str | None
    tosidig: bool
    farger: bool
    giroark: tuple[int, ...]
    apnet: Apning | None
    i_ko: bool


def waiting_letters(
    konto_id: UUID, *, actor: Aktor, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> list[Ventende]:
    """The konto's letters that wait to be printed by hand, oldest first; needs SVARUT.SENDE on it.

    `after`: the (overlevert, id) of the last letter of the previous page.
    """
    konfigurasjon.require(actor, P.SENDE, konto_id)
    wanted = _letters(in_queue()).where(Forsendelse.konto_id == konto_id).limit(limit)
    if after is not None:
        wanted = wanted.where(tuple_(Forsendelse.overlevert, Forsendelse.id) > tuple_(*after))
    return _read(wanted)


def taken_letters(konto_id: UUID, *, actor: Aktor) -> list[Ventende]:
    """The oldest 50 letters taken from the konto's queue after the actor opened them. They wait for a person
    and may be posted. Needs SVARUT.SENDE on the konto.
    """
    konfigurasjon.require(actor, P.SENDE, konto_id)
    these = _letters(taken_after_opening(actor.ref))
    return _read(these.where(Forsendelse.konto_id == konto_id).limit(PAGE))


def chosen_letters(ids: Sequence[UUID], *, actor: Aktor) -> list[Ventende]:
    """The letters among these (at most 500) that the actor may mark as posted, oldest first.

    They wait to be printed by hand, or were taken from the queue after the actor opened them.
    """
    assert len(ids) <= MOST_AT_ONCE
    mine = kontoer_held_select(P.SENDE, actor=actor)
    if mine is None:
        return []
    either = or_(in_queue(), taken_after_opening(actor.ref))
    return _read(_letters(either).where(Forsendelse.id.in_(ids), Forsendelse.konto_id.in_(mine)))


def _letters(these: ColumnElement[bool]) -> Select[Forsendelse, list[int], bool]:
    giro = ordered_by_hand(Ordrestatus.MOTTATT).with_only_columns(Ordre.giroark).limit(1).scalar_subquery()
    return (
        select(Forsendelse, giro, in_queue())
        .where(Forsendelse.status == Status.SENDT_PRINT, these)
        .order_by(Forsendelse.overlevert, Forsendelse.id)
        .execution_options(populate_existing=True)
    )


def _read(wanted: Select[Forsendelse, list[int], bool]) -> list[Ventende]:
    found = session().execute(wanted).all()
    opened = last_opened([row.id for row, _, _ in found])
    return [_queue_row(row, giroark, opened.get(row.id), i_ko=i_ko) for row, giroark, i_ko in found]


def _queue_row(
    row: Forsendelse, giroark: Sequence[int] | None, apnet: Apning | None, *, i_ko: bool
) -> Ventende:
    assert row.overlevert is not None
    return Ventende(
        row.id,
        shown_title(row),
        row.opphav,
        _receiver(row),
        row.overlevert,
        row.utsending_id,
        row.radnr,
        row.konteringskode,
        row.tosidig,
        row.farger,
        tuple(giroark or ()),
        apnet,
        i_ko,
    )


def _receiver(row: Forsendelse) -> str:
    if row.mottaker_kryptert is None:
        return ""
    return mask_numbers(unseal_mottaker(row.mottaker_kryptert).adresse.navn)


def mark_printed(ids: Sequence[UUID], *, actor: Aktor) -> int:
    """Mark these letters as printed and posted: PRINTET, all or none. Needs SVARUT.SENDE on their kontoer.

    Returns how many were not marked before; repeating is fine. `taken_letters` are marked too and then wait
    for nobody; their order stays called off. One that another person had opened is that person's to mark. At
    most 500 ids. IkkeFunnet when one was never to be printed by hand; Konflikt KAN_IKKE_MERKES_SKREVET_UT
    when some were read, closed, deleted or called off meanwhile, with their ids as `forsendelser`.
    """
    assert len(ids) <= MOST_AT_ONCE
    with transaction() as tx:
        letters = select(Forsendelse.id, Forsendelse.konto_id, Forsendelse.organisasjon_id).where(
            Forsendelse.id.in_(ids), ordered_by_hand().exists()
        )
        found = {row.id: row for row in tx.execute(letters)}
        if len(found) < len(set(ids)):
            raise IkkeFunnet("FINNES_IKKE")
        for konto_id in {row.konto_id for row in found.values()}:
            konfigurasjon.require(actor, P.SENDE, konto_id)
        open_ones = lock_letters(sorted(found))
        marked = move_forsendelser(
            sorted(found),
            fra=(Status.SENDT_PRINT,),
            til=Status.PRINTET,
            kode="PRINTET_MANUELT",
            aktor=actor.ref,
            unless=select(Forsendelse.id).where(
                Forsendelse.id.in_(ids),
                ~ordered_by_hand(*STILL_ORDERED).exists(),
                ~taken_after_opening(actor.ref, among=open_ones),
            ),
        )
        done = select(Forsendelse.id).where(Forsendelse.id.in_(ids), Forsendelse.status == Status.PRINTET)
        if left := found.keys() - set(tx.scalars(done)):
            raise Konflikt("KAN_IKKE_MERKES_SKREVET_UT", forsendelser=sorted(left))
        stop_leveringer(open_ones, kode="PRINTET", aktor=actor.ref)
        _record_orders_posted(marked, actor)
        for forsendelse_id in marked:
            audit.record(
                actor,
                "BREV_SKREVET_UT",
                "forsendelse",
                forsendelse_id,
                organisasjon_id=found[forsendelse_id].organisasjon_id,
                ressurs_id=found[forsendelse_id].konto_id,
                tjeneste="SVARUT",
            )
    return len(marked)


def _record_orders_posted(marked: Sequence[UUID], actor: Aktor) -> None:
    """Record the orders of marked letters as POSTLAGT, with the sheets by our own count."""
    waiting = (
        select(Ordre.id, Ordre.sider, Ordre.tosidig)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(Ordre.kilde == KILDE, Ordre.kilde_id.in_(marked), Leverandor.manuell)
        .order_by(Ordre.id)
    )
    for row in session().execute(waiting).all():
        fakta = Fakta(ark=sheets(row.sider, tosidig=row.tosidig))
        record_posted(row.id, clock.now(), fakta, kode="PRINTET_MANUELT", aktor=actor.ref)


def mark_returned(forsendelse_id: UUID, *, actor: Aktor) -> bool:
    """Record that a letter printed and posted by hand came back; needs SVARUT.SENDE on its konto. True the
    first time.

    The letter stays PRINTET and its history shows the return; so does its order, unless the letter was posted
    after it was taken from the queue: that order stays called off. IkkeFunnet when it was not posted by hand.
    """
    with transaction() as tx:
        letter = select(Forsendelse.konto_id, Forsendelse.organisasjon_id).where(
            Forsendelse.id == forsendelse_id,
            Forsendelse.status == Status.PRINTET,
            _is_logged("PRINTET_MANUELT"),
        )
        row = tx.execute(letter.with_for_update()).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        konfigurasjon.require(actor, P.SENDE, row.konto_id)
        # Asked when the letter is held: while we waited for it, a colleague may have said so.
        if tx.scalars(
            select(Forsendelse.id).where(Forsendelse.id == forsendelse_id, _is_logged("RETUR_PRINT"))
        ).first():
            return False
        posted = ordered_by_hand(Ordrestatus.POSTLAGT).where(Forsendelse.id == forsendelse_id)
        for ordre_id in tx.scalars(posted).all():
            record_returned(ordre_id, clock.now(), None, kode="RETUR_MANUELT", aktor=actor.ref)
        remark(forsendelse_id, "RETUR_PRINT", aktor=actor.ref)
        audit.record(
            actor,
            "BREV_KOM_I_RETUR",
            "forsendelse",
            forsendelse_id,
            organisasjon_id=row.organisasjon_id,
            ressurs_id=row.konto_id,
            tjeneste="SVARUT",
        )
    return True


def _is_logged(kode: str) -> ColumnElement[bool]:
    """SQL on a letter: whether its history has an event with this code."""
    told = select(Hendelse.lopenr).where(Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == kode)
    return told.correlate(Forsendelse).exists()


@dataclass(frozen=True, slots=True)
class Utskriftsko:
    """A konto with a queue, and how many letters wait in it."""

    id: UUID
    visningsnavn: str
    venter: int


def queues(*, actor: Aktor) -> list[Utskriftsko]:
    """The manual print queues the actor may use, by name: kontoer with manual print, or with letters left."""
    mine = _with_queue(actor)
    if mine is None:
        return []
    count = select(func.count()).select_from(_left().subquery()).scalar_subquery()
    rows = session().execute(mine.add_columns(Konto.visningsnavn, count).limit(MOST_QUEUES))
    return sorted((Utskriftsko(*row) for row in rows), key=lambda ko: norwegian_order(ko.visningsnavn))


def is_in_use(*, actor: Aktor) -> bool:
    """Whether the person has any manual print queue. One indexed query: the menu of every page asks."""
    if actor.type is not Aktortype.PERSON or actor.person_id is None or actor.organisasjon_id is None:
        return False
    asked = {"holder": actor.person_id, "organisasjon": actor.organisasjon_id}
    return session().execute(_in_use(), asked).scalar_one()


@cache
def _in_use() -> Select[bool]:
    """The cached query: building it takes longer than running it."""
    return select(kontoer_of_holder(P.SENDE).where(_prints_by_hand()).exists())


def _with_queue(actor: Aktor) -> Select[UUID] | None:
    mine = kontoer_held_select(P.SENDE, actor=actor)
    return None if mine is None else mine.where(_prints_by_hand())


def _prints_by_hand() -> ColumnElement[bool]:
    return or_(Konto.printleverandor == Printleverandor.MANUELL_PRINT, _left().exists())


def _left() -> Select[UUID]:
    """The orders waiting in the queue of `Konto`."""
    return (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(
            Ordre.ressurs_id == Konto.id,
            Ordre.kilde == KILDE,
            Ordre.status == Ordrestatus.MOTTATT,
            Ordre.pakke_id.is_(None),
            Leverandor.manuell,
        )
        .correlate(Konto)
    )
