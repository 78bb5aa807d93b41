"""What the konto has sent already: the same list again, or letters to the same receiver about the same property."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Subquery, and_, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status
from fiks.utsending import access
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import RELEASED, RESEND_WINDOW, SENDABLE_NAMES, Utsendingstatus

WAS_SENT = or_(Forsendelse.overlevert.is_not(None), Forsendelse.status != Status.MANUELT_HANDTERT)
"""A letter that was stopped before it left was never sent."""


def sent_before(utsending_id: UUID, *, actor: Aktor) -> tuple[UUID | None, int]:
    """Whether the konto has released the same list, or letters to the same receiver and property, within 12 months.

    Returns (the earlier mailing of the same list or None, number of rows whose receiver and property were sent, or are
    about to be). A mailing that was stopped whole was never sent.
    """
    return sent_beside(access.visible(utsending_id, actor))


def require_unsent(row: Utsending) -> None:
    """Konflikt SENDT_SIDEN_KONTROLLEN (antall) when what nobody has chosen to send again was released meanwhile.

    Of two mailings with the same list, prepared beside each other, one is released and the other is told: a konto's
    releases wait for each other from here until the present transaction ends.
    """
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"frigivelse|{row.konto_id}", 0))
    session().execute(select(lock))
    if row.overstyrt_grunn is not None:
        return
    same_list, repeated = sent_beside(row)
    if same_list or repeated:
        raise Konflikt("SENDT_SIDEN_KONTROLLEN", antall=repeated)


def sent_beside(row: Utsending) -> tuple[UUID | None, int]:
    """As `sent_before`, for who has the mailing already."""
    earlier = _released_before(row)
    same_list = (
        session()
        .execute(
            select(Utsending.id)
            .where(Utsending.id.in_(select(earlier.c.id)), Utsending.liste_digest == row.liste_digest)
            .limit(1)
        )
        .scalar_one_or_none()
    )
    to_come = and_(
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(SENDABLE_NAMES),
        earlier.c.status != Utsendingstatus.STOPPET,
    )
    other = (
        select(Utsendingsrad.duplikat_indeks)
        .join(earlier, earlier.c.id == Utsendingsrad.utsending_id)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(or_(WAS_SENT, to_come))
    )
    repeated = (
        session()
        .execute(
            select(func.count()).where(
                Utsendingsrad.utsending_id == row.id,
                Utsendingsrad.duplikat_indeks.is_not(None),
                Utsendingsrad.duplikat_indeks.in_(other),
            )
        )
        .scalar_one()
    )
    return same_list, repeated


def _released_before(row: Utsending) -> Subquery:
    """The konto's other mailings of the last 12 months, by id, of which something was sent."""
    left = (
        select(Forsendelse.id)
        .where(Forsendelse.utsending_id == Utsending.id, WAS_SENT)
        .correlate(Utsending)
        .exists()
    )
    return (
        select(Utsending.id, Utsending.status)
        .where(
            Utsending.konto_id == row.konto_id,
            Utsending.id != row.id,
            Utsending.status.in_([str(s) for s in RELEASED]),
            Utsending.frigis_tid >= func.now() - RESEND_WINDOW,
            or_(Utsending.status != Utsendingstatus.STOPPET, left),
        )
        .subquery()
    )
