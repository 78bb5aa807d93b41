"""Lock and guards for every change of grants, groups and members: one change at a time in an organisation,
which always keeps an administrator.

Lock the organisation, read, change. At the end an organisation that had a permanent administrator must still
have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiks.core.actor import Aktor, Aktortype
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon.authorization import require
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Organisasjon, Ressurs, Tilgang
from fiks.konfigurasjon.rules import FRESH_LOGIN, P


def lock_organisasjon(organisasjon_id: UUID) -> None:
    """Lock the organisation against other changes of grants until the transaction ends.

    Rows that only refer to the organisation can still be written. IkkeFunnet when there is no such
    organisation.
    """
    row = select(Organisasjon.id).where(Organisasjon.id == organisasjon_id).with_for_update(key_share=True)
    if session().execute(row).first() is None:
        raise IkkeFunnet("FINNES_IKKE")


@contextmanager
def grant_change(organisasjon_id: UUID) -> Iterator[Session]:
    """Transaction that changes grants of the organisation.

    At the end it raises Konflikt("SISTE_ADMINISTRATOR"), and writes nothing, if the last permanent
    administrator was removed.
    """
    with transaction() as tx:
        lock_organisasjon(organisasjon_id)
        had = has_permanent_administrator(organisasjon_id)
        yield tx
        tx.flush()
        if had and not has_permanent_administrator(organisasjon_id):
            raise Konflikt("SISTE_ADMINISTRATOR")


@contextmanager
def grant_change_on(ressurs_id: UUID) -> Iterator[tuple[Session, Ressurs]]:
    """As `grant_change`, for the organisation of a ressurs. The root plane's ressurs has no organisation and
    is locked itself.
    """
    node = session().get(Ressurs, ressurs_id)
    if node is None:
        raise IkkeFunnet("FINNES_IKKE")
    if node.organisasjon_id is not None:
        with grant_change(node.organisasjon_id) as tx:
            yield tx, tx.get_one(Ressurs, ressurs_id)
        return
    with transaction() as tx:
        yield tx, tx.get_one(Ressurs, ressurs_id, with_for_update=True)


def has_permanent_administrator(organisasjon_id: UUID) -> bool:
    """Return whether some person holds ADMIN on the organisation's own ressurs now, without an end date, own
    or through a group.
    """
    held = (
        select(Tilgang.id)
        .outerjoin(Gruppe, Gruppe.id == Tilgang.gruppe_id)
        .outerjoin(Gruppemedlem, Gruppemedlem.gruppe_id == Gruppe.id)
        .where(
            Tilgang.ressurs_id == organisasjon_id,
            Tilgang.privilegium == str(P.ADMIN),
            Tilgang.avsluttet.is_(None),
            Tilgang.gyldig_fra <= func.now(),
            Tilgang.gyldig_til.is_(None),
            Gruppe.slettet.is_(None),
            func.coalesce(Tilgang.person_id, Gruppemedlem.person_id).is_not(None),
        )
    )
    return bool(session().execute(select(held.exists())).scalar_one())


def require_administrator(actor: Aktor, ressurs_id: UUID) -> None:
    """Require a person with ADMIN on the ressurs or above; only they may grant (konfigurasjon.md 3.3).

    A machine may not, whatever it holds, nor a machine that calls for a person: see `require_person`.
    """
    require_person(actor)
    require(actor, P.ADMIN, ressurs_id)


def require_person(actor: Aktor) -> None:
    """Require a person or the house: machines never give access or manage machines, not even on a person's
    behalf. KUN_FOR_PERSON (403).
    """
    person = actor.type is Aktortype.PERSON and actor.integrasjon_id is None
    if not (person or actor.is_house):
        raise IkkeTilgang("KUN_FOR_PERSON")


def require_fresh_login(actor: Aktor) -> None:
    """Raise IkkeTilgang("NY_INNLOGGING") unless the person logged in less than five minutes ago."""
    if actor.is_house:
        return
    if actor.auth_time is None or database_now() - actor.auth_time > FRESH_LOGIN:
        raise IkkeTilgang("NY_INNLOGGING")
