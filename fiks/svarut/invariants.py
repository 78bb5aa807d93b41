"""Invariants of letters, as queries: checked by the sweeper every minute and by every fault test.

Each function returns the breaches of its rule (reliability.md 5), at most a few examples; nothing when it
holds. `scope` selects the letters (None: all). Rules about what the outside received are in
`operations.external_invariants`, those of a whole mailing in `fiks.utsending.invariants`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    column,
    false,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from fiks.core import clock
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.queue.owner_lock import OWNER_CLASS
from fiks.print.service import has_changed_since, is_maybe_printed
from fiks.svarut.models import Forsendelse, Hendelse, Levering, Leveringsforsok, SvarinnMottak
from fiks.svarut.rules import (
    HANDED_OVER,
    LEVERINGSOVERGANGER,
    OPEN,
    OVERGANGER,
    Kanal,
    Leveringsstatus,
    Status,
)

EXAMPLES = 20
PAPER_HEARD = timedelta(minutes=15)
LATELY = 5_000
BEGUN = tuple(status for status in OPEN if status is not Leveringsstatus.KLAR)
"""Open statuses except KLAR, found by their own index. Ready leveringer may be millions."""

Scope = Select[Any]
PG_LOCKS = table("pg_locks", column("locktype"), column("classid"), column("objid"), column("granted"))


@dataclass(frozen=True, slots=True)
class Brudd:
    """One breach: the rule (I1-I10), what is wrong as a code, and the id concerned."""

    regel: str
    kode: str
    id: str


def letters_of(utsending_ids: Sequence[UUID], which: ColumnElement[bool] | None = None) -> Scope:
    """All letters of these mailings, or those matching `which`."""
    letters = select(Forsendelse.id).where(Forsendelse.utsending_id.in_(utsending_ids))
    found = (letters if which is None else letters.where(which)).subquery()
    return select(found.c.id)


def recently_changed_letters() -> Scope:
    """The most recently changed letters and those being handed over now; at most 2 x LATELY."""
    handed = select(Levering.forsendelse_id).where(Levering.status.in_(as_strings(BEGUN))).limit(LATELY)
    changed = select(Forsendelse.id).order_by(Forsendelse.status_endret.desc()).limit(LATELY)
    either = handed.union(changed).subquery()
    return select(either.c[0])


def as_strings(values: Iterable[str]) -> list[str]:
    """The values as plain strings, for SQL."""
    return [str(value) for value in values]


def breaches(regel: str, kode: str, ids: Select[Any]) -> list[Brudd]:
    """The breaches found by a query of ids, at most EXAMPLES."""
    rows = session().scalars(ids.limit(EXAMPLES)).all()
    return [Brudd(regel, kode, str(id)) for id in rows]


def nothing_vanishes(scope: Scope) -> list[Brudd]:
    """I2: a waiting letter has an open levering, and one recorded as handed over has a completed one.

    A letter on its way to paper has an order that may be printed, or waits; what a print house gave up is
    known here within PAPER_HEARD. A closed letter recorded as never sent has no order. A letter waiting for a
    mottakersystem is offered to one, and only while it waits.
    """
    own = Levering.forsendelse_id == Forsendelse.id
    waits = select(Levering.id).where(own, Levering.status.in_(as_strings(OPEN))).exists()
    done = select(Levering.id).where(own, Levering.status == Leveringsstatus.OVERLEVERT).exists()
    ordered = select(Levering.id).where(own, Levering.kanal == Kanal.PRINT)
    printed = ordered.where(is_maybe_printed(Levering.id)).exists()
    just_told = ordered.where(has_changed_since(Levering.id, PAPER_HEARD)).exists()
    to_paper = Forsendelse.status == Status.SENDT_PRINT
    never_sent = (Forsendelse.status == Status.MANUELT_HANDTERT) & Forsendelse.overlevert.is_(None)
    letters = select(Forsendelse.id).where(Forsendelse.id.in_(scope))
    return [
        *breaches("I2", "TRYKT_MEN_REGNET_SOM_USENDT", letters.where(never_sent, printed)),
        *breaches("I2", "INGEN_TRYKKER_BREVET", letters.where(to_paper, ~waits, ~printed, ~just_told)),
        *breaches("I2", "INGEN_HAR_BREVET", letters.where(Forsendelse.status == Status.AKSEPTERT, ~waits)),
        *breaches(
            "I2", "ALDRI_OVERLEVERT", letters.where(Forsendelse.status.in_(as_strings(HANDED_OVER)), ~done)
        ),
        *breaches("I2", "VENTER_PA_INGEN", offered_to_no_system(scope)),
        *breaches("I2", "TILBYS_ETTER_AVGJORT", offered_after_moving_on(scope)),
    ]


def nothing_dangles(scope: Scope | None = None, grace: timedelta = timedelta(minutes=10)) -> list[Brudd]:
    """I3: no levering is claimed, unknown or waiting for longer than allowed, plus `grace`."""
    quarantine = timedelta(seconds=current().karantene_sekunder)
    claimed = (
        select(func.max(Hendelse.tid))
        .where(
            Hendelse.forsendelse_id == Levering.forsendelse_id,
            Hendelse.levering_id == Levering.id,
            Hendelse.til == Leveringsstatus.SENDER,
        )
        .scalar_subquery()
    )
    allowed = quarantine + grace if grace else grace
    late: dict[Leveringsstatus, ColumnElement[bool]] = {
        Leveringsstatus.SENDER: claimed <= clock.now_sql() - literal(allowed),
        Leveringsstatus.UAVKLART: Levering.uavklart_siden <= func.now() - allowed,
        Leveringsstatus.VENTER: Levering.neste_forsok <= func.now() - grace,
    }
    hand_overs = select(Levering.id)
    if scope is not None:
        hand_overs = hand_overs.where(Levering.forsendelse_id.in_(scope))
    return [
        brudd
        for status, too_old in late.items()
        for brudd in breaches("I3", f"HENGER_{status}", hand_overs.where(Levering.status == status, too_old))
    ]


def claimed_is_owned(scope: Scope | None = None, grace: timedelta = timedelta(minutes=1)) -> list[Brudd]:
    """I4: the owner of a claimed levering is alive, or claimed it less than `grace` ago. (Claimed means
    owned: a CHECK.)

    During work there may be some breaches for a moment: see `claims_without_owner`.
    """
    return [brudd for brudd, _ in claims_without_owner(scope, grace)]


def claims_without_owner(
    scope: Scope | None = None, grace: timedelta = timedelta(minutes=1)
) -> list[tuple[Brudd, int | None]]:
    """The breaches of I4 with the recorded owner, the same examples each time.

    A worker that has just died leaves some until the sweeper takes them back. Locks are read now and claims
    at the statement's start, so a levering recorded in between by an ending worker may look ownerless.
    """
    held = select(PG_LOCKS.c.objid).where(
        PG_LOCKS.c.locktype == "advisory", PG_LOCKS.c.classid == OWNER_CLASS, PG_LOCKS.c.granted
    )
    recent = (
        select(Hendelse.lopenr)
        .where(
            Hendelse.forsendelse_id == Levering.forsendelse_id,
            Hendelse.levering_id == Levering.id,
            Hendelse.til == Leveringsstatus.SENDER,
            Hendelse.tid > clock.now_sql() - literal(grace),
        )
        .exists()
    )
    orphans = select(Levering.id, Levering.eier).where(
        Levering.status == Leveringsstatus.SENDER,
        Levering.eier.not_in(held),
        ~recent,
    )
    if scope is not None:
        orphans = orphans.where(Levering.forsendelse_id.in_(scope))
    rows = session().execute(orphans.order_by(Levering.id).limit(EXAMPLES))
    return [(Brudd("I4", "EIER_DOED", str(id)), eier) for id, eier in rows]


def history_is_complete(scope: Scope) -> list[Brudd]:
    """I5: numbers run 1..n without gaps, each change starts where the last ended, and the last ends at the
    present status.

    Each letter's history is read by its key: the cost of one letter does not grow with their number.
    """
    of_letter = Hendelse.forsendelse_id == Forsendelse.id
    count, highest, lowest = (
        select(number).where(of_letter).scalar_subquery()
        for number in (func.count(), func.max(Hendelse.lopenr), func.min(Hendelse.lopenr))
    )
    letters = select(Forsendelse.id).where(Forsendelse.id.in_(scope))
    gaps = letters.where(
        or_(
            count != Forsendelse.siste_lopenr,
            func.coalesce(highest, 0) != Forsendelse.siste_lopenr,
            func.coalesce(lowest, 0) != 1,
        )
    )
    last_of_letter = _last(of_letter, Hendelse.art == "FORSENDELSE")
    hand_overs = select(Levering.id).where(Levering.forsendelse_id.in_(scope))
    last_of_hand_over = _last(
        Hendelse.forsendelse_id == Levering.forsendelse_id,
        Hendelse.levering_id == Levering.id,
        Hendelse.art == "LEVERING",
    )
    return [
        *breaches("I5", "LOPENR_HULL", gaps),
        *breaches("I5", "BREV_HOPP", _jumps(scope, "FORSENDELSE", Hendelse.forsendelse_id)),
        *breaches("I5", "LEVERING_HOPP", _jumps(scope, "LEVERING", Hendelse.levering_id)),
        *breaches("I5", "BREV_SISTE", letters.where(last_of_letter.is_distinct_from(Forsendelse.status))),
        *breaches(
            "I5", "LEVERING_SISTE", hand_overs.where(last_of_hand_over.is_distinct_from(Levering.status))
        ),
    ]


def _last(*conditions: ColumnElement[bool]) -> ScalarSelect[str]:
    """The end status of the last of these changes."""
    return select(Hendelse.til).where(*conditions).order_by(Hendelse.lopenr.desc()).limit(1).scalar_subquery()


def _jumps(scope: Scope, art: str, ting: InstrumentedAttribute[Any]) -> Select[Any]:
    """Changes that start from another status than the previous change ended in."""
    before = aliased(Hendelse)
    ended = (
        select(before.til)
        .where(
            before.forsendelse_id == Hendelse.forsendelse_id,
            before.art == art,
            before.lopenr < Hendelse.lopenr,
            getattr(before, ting.key) == ting,
        )
        .order_by(before.lopenr.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(ting).where(
        Hendelse.forsendelse_id.in_(scope), Hendelse.art == art, Hendelse.fra.is_distinct_from(ended)
    )


def changes_are_legal(scope: Scope) -> list[Brudd]:
    """I6: every change in the history is in the transition tables."""
    kinds: tuple[tuple[str, list[tuple[str, str]], str], ...] = (
        ("FORSENDELSE", [(a, b) for a, to in OVERGANGER.items() for b in to], Status.MOTTATT),
        ("LEVERING", [(a, b) for a, to in LEVERINGSOVERGANGER.items() for b in to], Leveringsstatus.KLAR),
    )
    strange: ColumnElement[bool] = false()
    for art, pairs, first in kinds:
        begins = and_(Hendelse.fra.is_(None), Hendelse.til == first)
        known = and_(Hendelse.fra.is_not(None), tuple_(Hendelse.fra, Hendelse.til).in_(pairs))
        strange = or_(strange, and_(Hendelse.art == art, ~or_(begins, known)))
    return breaches(
        "I6",
        "ULOVLIG_OVERGANG",
        select(Hendelse.forsendelse_id).where(Hendelse.forsendelse_id.in_(scope), strange),
    )


def ledger_has_calls(scope: Scope) -> list[Brudd]:
    """I7 by our own books: a levering that a channel has been given, or reports, has a call in the ledger.

    Also one adopted after a restored backup (`operations.restore`). Without a call somebody else sent it
    under our reference, or we lost the record.
    """
    begun = select(Leveringsforsok.nr).where(Leveringsforsok.levering_id == Levering.id)
    uncalled = select(Levering.id).where(
        Levering.forsendelse_id.in_(scope),
        Levering.status == Leveringsstatus.OVERLEVERT,
        Levering.kanal.in_(as_strings((Kanal.DPI, Kanal.ALTINN))),
        ~begun.exists(),
    )
    return breaches("I7", "OVERLEVERT_UTEN_KALL", uncalled)


def check_letters(scope: Scope) -> list[Brudd]:
    """The rules that the database alone can answer, I2 to I7."""
    return [
        *nothing_vanishes(scope),
        *nothing_dangles(scope),
        *claimed_is_owned(scope),
        *history_is_complete(scope),
        *changes_are_legal(scope),
        *ledger_has_calls(scope),
    ]


def offered_to_no_system(scope: Select[Any]) -> Select[UUID]:
    """KLAR_FOR_MOTTAK letters that are offered to no system and not on their way to another channel."""
    offered = select(SvarinnMottak.forsendelse_id).where(
        SvarinnMottak.forsendelse_id == Forsendelse.id, SvarinnMottak.lukket.is_(None)
    )
    going_on = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
    )
    return select(Forsendelse.id).where(
        Forsendelse.id.in_(scope),
        Forsendelse.status == Status.KLAR_FOR_MOTTAK,
        ~offered.exists(),
        ~going_on.exists(),
    )


def offered_after_moving_on(scope: Select[Any]) -> Select[UUID]:
    """Letters still offered to a system although they have moved on."""
    return (
        select(Forsendelse.id)
        .join(SvarinnMottak, SvarinnMottak.forsendelse_id == Forsendelse.id)
        .where(
            Forsendelse.id.in_(scope),
            SvarinnMottak.lukket.is_(None),
            Forsendelse.status != Status.KLAR_FOR_MOTTAK,
        )
    )
