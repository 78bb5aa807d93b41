"""Manual access: a person receives a letter in place of the mottakersystem it waits for (svarut.md 5.3).

For holders of SVARINN.MOTTA on the system in the chosen organisation, with Altinn's right to the receiver's
post. A letter of the highest level needs a login at level 4. `spor` asks Altinn, before a transaction begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.crypto import encryption
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.authorization import valid_now
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Person, Ressurs, Tilgang
from fiks.konfigurasjon.person.representation import Spor
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying
from fiks.svarinn.models import Mottakersystem
from fiks.svarut.models import Forsendelse, SvarinnMottak
from fiks.svarut.rules import Status
from fiks.svarut.svarinn.access import Postrett, post_right, receiver_of, record_act
from fiks.svarut.svarinn.acknowledgement import load_reports
from fiks.svarut.svarinn.queue import Ventende, one_waiting
from fiks.svarut.svarinn.stale_form import wait_mark
from fiks.svarut.svarinn.worklist import Systemnavn
from fiks.svarut.svarinn_handover import NOTE_AAD

SHOWN_REPORTS = 20


@dataclass(frozen=True, slots=True, repr=False)
class Mottaksbrev:
    """A waiting letter with its note and the latest failure reports (None: cannot be decrypted).

    `vist`: the mark of its wait (`stale_form`), carried by the page's forms.
    """

    brev: Ventende
    system: Systemnavn
    advarsel: bool
    tildelt_person: UUID | None
    tildelt_enhet: str
    notat: str
    feil: tuple[str | None, ...]
    organisasjon_id: UUID
    vist: str


@dataclass(frozen=True, slots=True)
class Inngang:
    """A granted access: the system the letter waits for, and the person's right to the receiver's post.

    `vist`: the mark of its wait (`stale_form`).
    """

    system: Systemnavn
    rett: Postrett
    vist: str


def require_access(forsendelse_id: UUID, *, spor: Spor, actor: Aktor) -> Inngang:
    """Require that the actor may receive the letter by hand. Outside a transaction; inside,
    `recheck_access` repeats it.

    IkkeFunnet for a letter that does not wait, or waits for a system they do not receive for. IkkeTilgang
    with what they lack: MOTTAK_UTEN_POST_ARKIV, MOTTAK_UTEN_TAUSHETSRETT (`orgnr`), or KREVER_NIVAA_4.
    RollerUtilgjengelig without an answer from Altinn.
    """
    _load_waiting(forsendelse_id, actor)
    rett = post_right(spor=spor, actor=actor)
    return recheck_access(forsendelse_id, rett, actor=actor)


def recheck_access(forsendelse_id: UUID, rett: Postrett, *, actor: Aktor) -> Inngang:
    """The system the letter waits for now, if the actor may receive it by hand. Errors as `require_access`."""
    letter, system, vist = _load_waiting(forsendelse_id, actor)
    if lacking := rett.lacks(letter):
        raise IkkeTilgang(lacking, orgnr=receiver_of(letter))
    return Inngang(system, rett, vist)


def _load_waiting(forsendelse_id: UUID, actor: Aktor) -> tuple[Forsendelse, Systemnavn, str]:
    """The letter, its system and the mark of its wait, for persons receiving there, whatever their right to
    the letter.
    """
    found = (
        select(Forsendelse, Mottakersystem, SvarinnMottak)
        .join(SvarinnMottak, SvarinnMottak.forsendelse_id == Forsendelse.id)
        .join(Mottakersystem, Mottakersystem.id == SvarinnMottak.mottakersystem_id)
        .where(
            Forsendelse.id == forsendelse_id,
            SvarinnMottak.lukket.is_(None),
            Forsendelse.status == Status.KLAR_FOR_MOTTAK,
        )
        .execution_options(populate_existing=True)
    )
    row = session().execute(found).first()
    if row is None or row.Mottakersystem.organisasjon_id != actor.organisasjon_id:
        raise IkkeFunnet("FINNES_IKKE")
    system = row.Mottakersystem
    konfigurasjon.require(actor, P.MOTTA, system.id)
    return row.Forsendelse, Systemnavn(system.id, system.navn, system.aktiv), wait_mark(row.SvarinnMottak)


def open_letter(forsendelse_id: UUID, *, spor: Spor, actor: Aktor) -> Mottaksbrev:
    """Everything about one letter except its files; audited. Errors: those of `require_access`."""
    rett = require_access(forsendelse_id, spor=spor, actor=actor).rett
    with transaction():
        inngang = recheck_access(forsendelse_id, rett, actor=actor)
        mottak = session().get_one(SvarinnMottak, forsendelse_id, populate_existing=True)
        opened = Mottaksbrev(
            brev=one_waiting(forsendelse_id),
            system=inngang.system,
            advarsel=mottak.advarsel is not None,
            tildelt_person=mottak.tildelt_person_id,
            tildelt_enhet=mottak.tildelt_enhet or "",
            notat=note_of(mottak),
            feil=tuple(load_reports(forsendelse_id, newest=SHOWN_REPORTS).values()),
            organisasjon_id=session().get_one(Forsendelse, forsendelse_id).organisasjon_id,
            vist=inngang.vist,
        )
        record_act(actor, "BREV_APNET_FOR_MOTTAK", forsendelse_id, inngang.system.id)
    return opened


def note_of(mottak: SvarinnMottak) -> str:
    """The receiving persons' note on the letter, in clear."""
    if mottak.notat_kryptert is None:
        return ""
    return encryption.decrypt_value(current().keys, mottak.notat_kryptert, NOTE_AAD).decode()


def possible_assignees(forsendelse_id: UUID, *, spor: Spor, actor: Aktor) -> list[tuple[UUID, str]]:
    """Persons the letter may be assigned to: holders of SVARINN.MOTTA for it, by name; at most 500.

    Their rights in Altinn are not checked; that happens when they open the letter.
    """
    system = require_access(forsendelse_id, spor=spor, actor=actor).system
    rows = session().execute(select(Person.id, Person.navn).where(_receives(system.id)).limit(500))
    return sorted(((own, navn) for own, navn in rows), key=lambda one: norwegian_order(one[1]))


def _receives(system_id: UUID) -> ColumnElement[bool]:
    """SQL: the person holds SVARINN.MOTTA on the system or above it, themselves or by a group."""
    path = select(func.unnest(Ressurs.sti)).where(Ressurs.id == system_id)
    names = [str(p) for p in satisfying(P.MOTTA)]
    valid = and_(Tilgang.ressurs_id.in_(path), Tilgang.privilegium.in_(names), valid_now())
    own = select(Tilgang.person_id).where(valid, Tilgang.person_id.is_not(None))
    by_group = (
        select(Gruppemedlem.person_id)
        .join(Gruppe, Gruppe.id == Gruppemedlem.gruppe_id)
        .join(Tilgang, Tilgang.gruppe_id == Gruppe.id)
        .where(valid, Gruppe.slettet.is_(None))
    )
    return or_(Person.id.in_(own), Person.id.in_(by_group))


def other_systems(forsendelse_id: UUID, *, spor: Spor, actor: Aktor) -> list[Systemnavn]:
    """The organisation's other open mottakersystemer, by name, to which the letter may be forwarded."""
    system = require_access(forsendelse_id, spor=spor, actor=actor).system
    rows = session().execute(
        select(Mottakersystem.id, Mottakersystem.navn, Mottakersystem.aktiv).where(
            Mottakersystem.organisasjon_id == actor.organisasjon_id,
            Mottakersystem.aktiv,
            Mottakersystem.id != system.id,
        )
    )
    return sorted((Systemnavn(*row) for row in rows), key=lambda one: norwegian_order(one.navn))
