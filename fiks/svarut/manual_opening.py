"""Who takes up a letter that is printed by hand: nobody prints one that somebody else has opened without being told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from fiks.core import audit
from fiks.core.actor import Aktor, person_of
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.rules import P
from fiks.print.models import Leverandor, Ordre
from fiks.print.order_rules import Ordrestatus
from fiks.print.queries import Trykkfil, print_file
from fiks.svarut.history import remark
from fiks.svarut.models import Forsendelse, Hendelse
from fiks.svarut.paper import KILDE
from fiks.svarut.rules import Status

OPENED = "APNET_FOR_UTSKRIFT"


@dataclass(frozen=True, slots=True)
class Apning:
    """Who opened a letter to print it, and when. `aktor` is their reference."""

    aktor: str
    navn: str | None
    tid: datetime


def ordered_by_hand(*statuses: Ordrestatus) -> Select[UUID]:
    """The letter's order that is to be printed by hand, if its status is one of these (or whatever it is)."""
    by_hand = (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(Ordre.kilde == KILDE, Ordre.kilde_id == Forsendelse.id, Leverandor.manuell)
    )
    return by_hand.where(Ordre.status.in_([str(s) for s in statuses])) if statuses else by_hand


def in_queue() -> ColumnElement[bool]:
    """Whether a letter waits to be printed by hand."""
    waits: ColumnElement[bool] = ordered_by_hand(Ordrestatus.MOTTATT).exists()
    return waits


def last_opened(ids: Sequence[UUID]) -> Mapping[UUID, Apning]:
    """Who took each of these letters up last; one that nobody has opened is not there."""
    opened = (
        session()
        .execute(
            select(Hendelse.forsendelse_id, Hendelse.aktor, Hendelse.tid)
            .ext(distinct_on(Hendelse.forsendelse_id))
            .where(Hendelse.forsendelse_id.in_(ids), Hendelse.kode == OPENED)
            .order_by(Hendelse.forsendelse_id, Hendelse.lopenr.desc())
        )
        .all()
    )
    people = [person_id for row in opened if (person_id := person_of(row.aktor))]
    named = session().execute(select(Person.id, Person.navn).where(Person.id.in_(people)))
    names = {str(row.id): row.navn for row in named}
    return {row.forsendelse_id: Apning(row.aktor, names.get(row.aktor), row.tid) for row in opened}


def open_letter(forsendelse_id: UUID, *, actor: Aktor, again: bool = False) -> Trykkfil:
    """The print file of a letter in the queue, for printing; audited. Needs SVARUT.SENDE on its konto.

    IkkeFunnet when the letter does not wait to be printed by hand (any more). Konflikt APNET_FOR_UTSKRIFT (navn, tid)
    when the last to open it was somebody else, who may be printing it; not with `again`.
    """
    konto_id = session().scalar(select(Forsendelse.konto_id).where(Forsendelse.id == forsendelse_id))
    if konto_id is None:
        raise IkkeFunnet("FINNES_IKKE")
    konfigurasjon.require(actor, P.SENDE, konto_id)
    with transaction() as tx:
        waiting = ordered_by_hand(Ordrestatus.MOTTATT).scalar_subquery()
        letter = (
            select(Forsendelse.organisasjon_id, waiting.label("ordre_id"))
            .where(Forsendelse.id == forsendelse_id, Forsendelse.status == Status.SENDT_PRINT, in_queue())
            .with_for_update(of=Forsendelse)
        )
        row = tx.execute(letter).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        last = last_opened([forsendelse_id]).get(forsendelse_id)
        if last is None or last.aktor != actor.ref:
            if last is not None and not again:
                raise Konflikt(OPENED, navn=last.navn, tid=last.tid)
            remark(forsendelse_id, OPENED, aktor=actor.ref)
        file = print_file(row.ordre_id)
        audit.record(
            actor,
            "BREV_LASTET_NED_FOR_PRINT",
            "forsendelse",
            forsendelse_id,
            organisasjon_id=row.organisasjon_id,
            ressurs_id=konto_id,
            tjeneste="SVARUT",
        )
    return file
