"""Who may send from a konto, which ids a sender may use, and what is checked again for a repeated submission."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Innsendingsnokkel, ReservertId
from fiks.svarut.mottak.errors import refuse

MAX_KEY = 200
HOUSE_ID_VERSIONS = (5,)
"""UUID version of ids derived from other ids. The house makes such ids for its own letters, so no sender may
use them.
"""


def require_right(actor: Aktor, konto_id: UUID) -> None:
    """Require the right to send. A konto's own service password has it, others need a grant.

    IkkeFunnet or IkkeTilgang as `konfigurasjon.require`.
    """
    if actor.konto_id != konto_id:
        konfigurasjon.require(actor, P.SENDE, konto_id)


def require_sender(actor: Aktor, konto_id: UUID) -> None:
    """Require that a new letter may be sent: `require_right`; TJENESTE_IKKE_AKTIV (403), KONTO_IKKE_AKTIV
    (409).
    """
    require_right(actor, konto_id)
    require_sending(konto_id)


def is_repeat(konto_id: UUID, *, actor: Aktor, nokkel: str = "", reservert: UUID | None = None) -> bool:
    """Whether the konto has sent a letter with this key or id: then the submission is that letter, or
    refused.

    Its time and konto were judged at its intake and are not judged again. Errors of `require_right`;
    NOKKEL_UGYLDIG.
    """
    require_right(actor, konto_id)
    return is_known(konto_id, nokkel=nokkel, reservert=reservert)


def is_known(konto_id: UUID, *, nokkel: str, reservert: UUID | None) -> bool:
    """As `is_repeat`, for a sender that is already authorised."""
    if len(nokkel) > MAX_KEY or not nokkel.isprintable():
        raise refuse("NOKKEL_UGYLDIG", grense=MAX_KEY)
    if not nokkel and reservert is None:
        return False
    by_key = select(Innsendingsnokkel.forsendelse_id).where(
        Innsendingsnokkel.konto_id == konto_id, Innsendingsnokkel.nokkel == nokkel
    )
    sent = select(Forsendelse.id).where(
        Forsendelse.konto_id == konto_id, or_(Forsendelse.id == reservert, Forsendelse.id.in_(by_key))
    )
    return session().execute(sent).first() is not None


def reserve_id(konto_id: UUID, *, actor: Aktor) -> UUID:
    """Reserve an id for the fagsystem before it sends, so that the submission can be repeated without
    doubling it.
    """
    require_sender(actor, konto_id)
    with transaction() as tx:
        row = ReservertId(id=uuid4(), konto_id=konto_id)
        tx.add(row)
        return row.id


def require_own_id(konto_id: UUID, letter_id: UUID) -> None:
    """Require that the konto may use this id: reserved for it, or made by its fagsystem.

    ID_IKKE_RESERVERT for another konto's id as for one of the kinds the house makes: nothing is revealed.
    """
    others = (
        select(row.id).where(row.id == letter_id, row.konto_id != konto_id)
        for row in (ReservertId, Forsendelse)
    )
    ours = letter_id.version in HOUSE_ID_VERSIONS or not letter_id.int
    if ours or any(session().execute(one).first() for one in others):
        raise refuse("ID_IKKE_RESERVERT")


def hold_id(konto_id: UUID, letter_id: UUID) -> None:
    """Reserve the id for the konto if it is free, and lock it until the transaction ends.

    A concurrent submission under the same id waits. ID_IKKE_RESERVERT as `require_own_id`.
    """
    new = insert(ReservertId).values(id=letter_id, konto_id=konto_id).on_conflict_do_nothing()
    session().execute(new)
    session().execute(select(ReservertId.id).where(ReservertId.id == letter_id).with_for_update())
    require_own_id(konto_id, letter_id)
