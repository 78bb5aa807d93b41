"""Access to a skjema: only for the person who wrote it, acting for the same party. Anybody else's does not
exist.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.crypto import encryption
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.core.values.login_level import Sikkerhetsniva, is_strong_enough
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.rules import EDITABLE
from fiks.konfigurasjon.person import service

INDEX = "edialog.eier"


def number_of(actor: Aktor) -> str:
    """Return the number the actor writes for: their own, or that of the organisation they act for.
    IkkeTilgang for a machine.

    A machine that calls for a logged-in person acts for that person alone: its `paa_vegne_av` only names the
    supplier's customer.
    """
    if actor.person_id is None:
        raise IkkeTilgang("KUN_INNBYGGER")
    represented = actor.paa_vegne_av if actor.integrasjon_id is None else None
    return represented or service.pid_of(actor.person_id)


def owner_index(nummer: str) -> bytes:
    """Return the blind index of the party a skjema is from."""
    return encryption.blind_index(current().index_key, INDEX, nummer)


def may_see_sensitive(actor: Aktor) -> bool:
    """Return whether the login is strong enough for a sensitive skjema, which is sent at the highest level."""
    return is_strong_enough(Sikkerhetsniva.HOYESTE, actor.acr)


def require(skjema_id: UUID, actor: Aktor) -> EdialogSkjema:
    """Return the actor's own skjema as it is now.

    IkkeFunnet("FINNES_IKKE"); IkkeTilgang("HOYERE_NIVA") when it is sensitive and the login too weak.
    """
    return _found(skjema_id, actor, hold=False)


def hold(skjema_id: UUID, actor: Aktor) -> EdialogSkjema:
    """As `require`, locked until the transaction ends."""
    return _found(skjema_id, actor, hold=True)


def hold_editable(skjema_id: UUID, actor: Aktor) -> EdialogSkjema:
    """As `hold`; Konflikt("EDIALOG_ER_SENDT") when it is no longer a draft."""
    row = hold(skjema_id, actor)
    if row.status not in EDITABLE:
        raise Konflikt("EDIALOG_ER_SENDT")
    return row


def _found(skjema_id: UUID, actor: Aktor, *, hold: bool) -> EdialogSkjema:
    mine = select(EdialogSkjema).where(
        EdialogSkjema.id == skjema_id,
        EdialogSkjema.person_id == actor.person_id,
        EdialogSkjema.eier_indeks == owner_index(number_of(actor)),
    )
    if hold:
        mine = mine.with_for_update()
    row = session().execute(mine.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    if row.sensitivt and not may_see_sensitive(actor):
        raise IkkeTilgang("HOYERE_NIVA")
    return row
